/* What messages allocate: what a browser's events cannot do without, and no more of it than README.md says. */
import { collect, counters } from "device";
import { equal, ok, test } from "test";
import WebSocket, { Blob } from "websocket-web";
import { urlOf } from "./recorder";

const SLOTS = 0;
const CHUNKS = 1;
const LIVE_SLOTS = 3;
const LIVE_CHUNKS = 4;
const TIMES = 50;
/** Once everything has been made that is kept. */
const WARM = 10;

interface Used {
	sentSlots: number;
	sentChunks: number;
	slots: number;
	chunks: number;
}

/** Echoes `message` so many times; gives what one took on its way out, and on its way in. */
async function measure(message: string | ArrayBuffer | Uint8Array | Blob, binaryType: "blob" | "arraybuffer"): Promise<Used> {
	const ws = new WebSocket(urlOf("/echo"));
	ws.binaryType = binaryType;
	const start = new Uint32Array(7);
	const end = new Uint32Array(7);
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const used = { sentSlots: 0, sentChunks: 0 };
	let count = 0;
	const send = () => {
		counters(before);
		ws.send(message);
		counters(after);
		used.sentSlots += after[SLOTS]! - before[SLOTS]!;
		used.sentChunks += after[CHUNKS]! - before[CHUNKS]!;
	};
	ws.onopen = send;
	await new Promise<void>((resolve) => {
		ws.onmessage = () => {
			count++;
			if (count === WARM) {
				used.sentSlots = used.sentChunks = 0;
				counters(start);
			}
			if (count < WARM + TIMES) send();
			else {
				counters(end);
				resolve();
			}
		};
	});
	ws.close();
	await new Promise((resolve) => ws.addEventListener("close", resolve));
	return {
		sentSlots: used.sentSlots / TIMES,
		sentChunks: used.sentChunks / TIMES,
		slots: (end[SLOTS]! - start[SLOTS]! - used.sentSlots) / TIMES,
		chunks: (end[CHUNKS]! - start[CHUNKS]! - used.sentChunks) / TIMES,
	};
}

/** What a chunk takes beside what is in it, and a text beside its characters. */
const EXTRA = 48;

// Slots, and bytes but for EXTRA each: what send() takes, then what comes until it has been heard.
for (const [name, make, type, sentSlots, sentChunks, slots, chunks] of [
	["text, 64 B", () => "x".repeat(64), "blob", 0, 0, 14, 64],
	["text, 500 B", () => "x".repeat(500), "blob", 0, 0, 14, 500],
	["text, 1,000 B, for which there is no room", () => "x".repeat(1000), "blob", 11, 1000, 14, 1000],
	["text, 4,000 B", () => "x".repeat(4000), "blob", 11, 4000, 17, 8000],
	["Uint8Array, 64 B, received as ArrayBuffer", () => new Uint8Array(64), "arraybuffer", 0, 0, 13, 64],
	["ArrayBuffer, 64 B, received as ArrayBuffer", () => new ArrayBuffer(64), "arraybuffer", 0, 0, 13, 64],
	["ArrayBuffer, 1,000 B, received as ArrayBuffer", () => new ArrayBuffer(1000), "arraybuffer", 11, 1000, 13, 1000],
	["ArrayBuffer, 4,000 B, received as ArrayBuffer", () => new ArrayBuffer(4000), "arraybuffer", 15, 4000, 17, 4000],
	["Blob, 64 B, received as Blob", () => new Blob(["x".repeat(64)]), "blob", 4, 0, 19, 64],
] as const)
	test(name, async () => {
		const used = await measure(make(), type);
		equal(used.sentSlots, sentSlots, "slots, sent");
		equal(used.slots, slots, "slots, received");
		const within = (bytes: number, least: number) => bytes >= least && bytes <= least + (least ? EXTRA : 0);
		ok(within(used.sentChunks, sentChunks), `${used.sentChunks} bytes, sent`);
		ok(within(used.chunks, chunks), `${used.chunks} bytes, received`);
	});

test("what a connection takes", async () => {
	const live = [new Uint32Array(7), new Uint32Array(7)] as const;
	const wait = (type: "open" | "close", ws: WebSocket) => new Promise((resolve) => ws.addEventListener(type, resolve, { once: true }));
	// The first one of a place makes more than its own.
	for (let i = 0; i < 2; i++) {
		collect();
		counters(live[0]);
		const ws = new WebSocket(urlOf("/echo"));
		await wait("open", ws);
		collect();
		counters(live[1]);
		ws.close();
		await wait("close", ws);
	}
	const slots = live[1][LIVE_SLOTS]! - live[0][LIVE_SLOTS]!;
	const chunks = live[1][LIVE_CHUNKS]! - live[0][LIVE_CHUNKS]!;
	ok(slots <= 290 && chunks <= 2200, `${slots} slots and ${chunks} bytes`);
});

test("nothing stays of a connection that has ended", async () => {
	const live = [new Uint32Array(7), new Uint32Array(7)] as const;
	for (let i = 0; i < 4; i++) {
		await measure("x", "blob");
		collect();
		counters(live[i & 1] as Uint32Array);
	}
	equal(live[1][LIVE_SLOTS], live[0][LIVE_SLOTS]);
	equal(live[1][LIVE_CHUNKS], live[0][LIVE_CHUNKS]);
});

/*
 * Every vector, right and wrong, whole, byte by byte, split at every point, and in the middle of a buffer: the same each time; and
 * that the decoder allocates nothing.
 */
import { counters } from "device";
import config from "mc/config";
import { mqttFaultOf } from "mqtt/codes";
import { Decoder } from "mqtt/decoder";
import { MqttProperties } from "mqtt/properties";
import { equal, ok, test } from "test";
import { forEachGoodVector } from "./good-vectors";
import { bytesOf, hexOf } from "./hex";
import { forEachVector, type Vector } from "./hostile-vectors";
import { PROPERTIES, TYPES } from "./standard";

/** Under the sanitizers, or with a collection at every allocation, not all of them: that takes long, and looks for other things. */
const brief = /stress|mps2/.test(String(config.variant));
const every = brief ? 40 : /sanitize|mps2/.test(String(config.variant)) ? 6 : 1;
const VERSIONS = [4, 5] as const;
/** Packets are not split behind this; only payload and long texts reach there. */
const LONG = 300;

const properties = new MqttProperties();

/** What the decoder found, as good-vectors.ts says it. */
function says(decoder: Decoder, bytes: Uint8Array): string {
	const { type, id, reason, qos, dup, retain, payload, topicStart, topicEnd, codesStart, codesEnd, sessionPresent } = decoder;
	const name = TYPES[type] as string;
	const code = hexOf([reason]);
	let text = name;
	if (name === "CONNACK") text += ` ${sessionPresent ? 1 : 0} ${code}`;
	else if (name === "PUBLISH")
		text += ` q${qos}${dup ? " dup" : ""}${retain ? " retain" : ""} ${id} ${hexOf(bytes, topicStart, topicEnd)} +${payload}`;
	else if (name === "SUBACK" || name === "UNSUBACK") text += ` ${id} ${hexOf(bytes, codesStart, codesEnd)}`;
	else if (name === "DISCONNECT" || name === "AUTH") text += ` ${code}`;
	else if (name !== "PINGRESP") text += ` ${id} ${code}`;
	if (name !== "PUBLISH") equal(payload, 0, name);
	if (decoder.propStart === decoder.propEnd) return text;
	properties.set(bytes, decoder.propStart, decoder.propEnd);
	const list: string[] = [];
	for (const property of PROPERTIES) {
		const value = (properties as unknown as Record<string, unknown>)[property.name];
		if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
		const shown = value instanceof Uint8Array ? hexOf(value) : Array.isArray(value) ? value.map(shownOf).join(",") : String(value);
		list.push(`${property.name}=${shown}`);
	}
	return `${text} {${list.join(",")}}`;
}

const shownOf = (value: unknown) => (Array.isArray(value) ? value.join("=") : String(value));

/** Asks for a packet as bytes come, up to each of these ends; what it is, or the fault. */
function run(decoder: Decoder, bytes: Uint8Array, start: number, ends: readonly number[]): number {
	let result = 0;
	for (const end of ends) {
		result = decoder.head(bytes, start, end);
		if (result !== 0) return result;
		ok(decoder.need > end - start, `needs ${decoder.need} of ${end - start}`);
	}
	return result;
}

/** 1 to `length`; of long packets the first ones, and the last. */
function each(length: number): number[] {
	const ends: number[] = [];
	for (let end = 1; end < length && end < LONG; end++) ends.push(end);
	ends.push(length);
	return ends;
}

/** All the ways in which bytes can come: calls back with where the packet begins, and the ends. */
function ways(bytes: Uint8Array, use: (bytes: Uint8Array, start: number, ends: readonly number[]) => void): void {
	const { length } = bytes;
	use(bytes, 0, [length]);
	use(bytes, 0, each(length));
	for (let split = 0; split < length && split < LONG; split++) use(bytes, 0, [split, length]);
	const inside = new Uint8Array(length + 10).fill(0xff);
	inside.set(bytes, 5);
	use(inside, 5, [5 + length]);
	// Behind it is what has nothing to do with it.
	use(inside, 5, [6, inside.length]);
}

for (const version of VERSIONS) {
	test(`${version}: every packet that a server should send`, () => {
		const decoder = new Decoder(version);
		let count = 0;
		forEachGoodVector(version, (vector) => {
			if (count++ % every !== 0) return;
			ways(bytesOf(vector.hex), (bytes, start, ends) => {
				const size = run(decoder, bytes, start, ends);
				equal(says(decoder, bytes), vector.says, vector.name);
				equal(size + decoder.payload, vector.hex.length / 2, vector.name);
			});
		});
		trace(`${count} right packets of version ${version}\n`);
	});

	test(`${version}: every packet that a server must not send`, () => {
		const decoder = new Decoder(version);
		let count = 0;
		const judge = ({ name, hex, fault, reason, section, early }: Vector) => {
			if (count++ % every !== 0) return;
			ok(section !== "" && fault < 0, name);
			if (version === 5) equal(mqttFaultOf(fault).reason, reason, name);
			ways(bytesOf(hex), (bytes, start, ends) => {
				// What lies behind a packet that is cut off counts, so only the ends are.
				if (early && start > 0) return;
				const result = run(decoder, bytes, start, ends);
				equal(result, fault, `${name} (${section}), ${hex}: ${result < 0 ? mqttFaultOf(result).name : result}`);
			});
			if (early) equal(decoder.head(bytesOf(hex), 0, hex.length / 2 - 1), 0, `${name}: seen without its last byte`);
		};
		forEachVector(version, judge, brief);
		trace(`${count} wrong packets of version ${version}\n`);
	});

	test(`${version}: the payload need not be there, and need says what has to be`, () => {
		const decoder = new Decoder(version);
		let count = 0;
		forEachGoodVector(version, ({ name, hex }) => {
			if (count++ % every !== 0) return;
			const bytes = bytesOf(hex);
			const size = decoder.head(bytes, 0, bytes.length);
			const { payload } = decoder;
			equal(decoder.head(bytes, 0, size), size, name);
			equal(decoder.payload, payload, name);
			// As a reader does who reads what is needed and no more.
			let end = 0;
			let steps = 0;
			while (decoder.head(bytes, 0, end) === 0) {
				end = decoder.need;
				ok(end <= size && ++steps <= 8, name);
			}
			equal(end, size, name);
		});
	});
}

test("decoding allocates nothing", () => {
	const packets: [Decoder, Uint8Array, number][] = [];
	for (const version of VERSIONS) {
		const decoder = new Decoder(version);
		let count = 0;
		forEachGoodVector(version, ({ hex }) => {
			if (count++ % every === 0) packets.push([decoder, bytesOf(hex), 1]);
		});
		count = 0;
		const add = ({ hex, fault }: Vector) => {
			if (count++ % (21 * every) === 0) packets.push([decoder, bytesOf(hex), fault]);
		};
		forEachVector(version, add, brief);
	}
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let right = 0;
	for (let times = 0; times < 2; times++) {
		right = 0;
		counters(before);
		for (let i = 0; i < packets.length; i++) {
			const packet = packets[i] as [Decoder, Uint8Array, number];
			const decoder = packet[0];
			const bytes = packet[1];
			const half = decoder.head(bytes, 0, bytes.length >> 1);
			const size = decoder.head(bytes, 0, bytes.length);
			if ((packet[2] > 0 ? size > 0 && half >= 0 : size === packet[2]) && decoder.need >= 0) right++;
		}
		counters(after);
	}
	equal(right, packets.length);
	equal((after[0] as number) - (before[0] as number), 0, "slots");
	equal((after[1] as number) - (before[1] as number), 0, "bytes of chunks");
});

/* What websocketConnect is given and should not have been: -EINVAL, from a Promise that is never rejected, and nothing is begun. */
import { equal, ok, test } from "test";
import {
	EEXIST,
	EINVAL,
	type WebsocketRequest,
	websocketConnect,
	websocketConnectStart,
	websocketRegister,
	websocketSendMsg,
} from "websocket";
import { isTransport, requestFault } from "websocket/request";
import { FakeTransport } from "./fake";

const good = (): WebsocketRequest => ({ host: "h", url: "/", tmpBuf: new Uint8Array(256), txBuf: new Uint8Array(256) });

/** Without the second element. */
const hole: string[] = ["a: b", "c: d", "e: f"];
delete hole[1];

const lists: readonly unknown[] = [
	null,
	42,
	"abc",
	"",
	{},
	[42],
	[1],
	[null],
	[undefined],
	["a: b", 1],
	[["a: b"]],
	new Set(["a: b"]),
	hole,
];

const fields: readonly (readonly [string, readonly unknown[]])[] = [
	["optionalHeaders", [...lists, ["abc"]]],
	["subprotocols", [...lists, ["a b"], ["a", "a"], [""]]],
	["host", [undefined, null, 1, "", ["h"], new String("h"), "::1", "a b", "h:0", "u@h"]],
	["url", [undefined, null, 1, "", ["/"], new String("/"), "chat", "/a b", "/#", "/\r\n"]],
	[
		"tmpBuf",
		[undefined, null, 256, [], new ArrayBuffer(256), new Uint16Array(256), new Uint8Array(0), Object.create(Uint8Array.prototype)],
	],
	["txBuf", [null, 256, [], new ArrayBuffer(256), new Uint16Array(256), new Uint8Array(8), Object.create(Uint8Array.prototype)]],
	["tmpBufLen", [null, 0, -1, 1.5, 257, "256", Number.NaN]],
	["closeTimeout", [null, -2, 1.5, "1", Number.NaN, 2 ** 31]],
	["pingInterval", [null, -2, 1.5, "1", Number.NaN, 2 ** 31]],
	["pongTimeout", [null, -2, 1.5, "1", Number.NaN, 2 ** 31]],
	["maxMessage", [null, -1, 1.5, "1", Number.NaN, 2 ** 53]],
	["optionalHeadersCb", [null, 1, {}, () => 1, () => ["a: b", 1]]],
	["cb", [null, 1, {}]],
	["httpCb", [null, 1, () => {}, { onStatus: 1 }, { onHeader: null }, { onHeadersComplete: {} }]],
	["onTimeout", [null, 1, {}]],
	["onReadable", [null, 1, {}]],
	["onWritable", [null, 1, {}]],
	["onClose", [null, 1, {}]],
];

/** The result, or what the Promise was rejected with. */
async function connect(transport: unknown, request: unknown, timeout: unknown = 1000): Promise<unknown> {
	try {
		return await websocketConnect(transport as FakeTransport, request as WebsocketRequest, timeout as number);
	} catch (error) {
		return `rejected: ${error}`;
	}
}

test("a field of the wrong kind is -EINVAL", async () => {
	for (const [name, values] of fields) {
		for (let i = 0; i < values.length; i++) {
			const transport = new FakeTransport();
			transport.started = false;
			const request = { ...good(), [name]: values[i] };
			equal(await connect(transport, request), -EINVAL, `${name}, value ${i}`);
			// The words name the field, and say how it has to be.
			const { failure = "" } = request as { failure?: string };
			ok(failure.includes(name), `${name}, value ${i}: ${failure}`);
			equal(transport.started, false, `${name}, value ${i}`);
			equal(transport.written.length, 0, `${name}, value ${i}`);
		}
	}
});

test("so is a request or a timeout of the wrong kind", async () => {
	for (const request of [undefined, null, 1, "request", {}, []]) equal(await connect(new FakeTransport(), request), -EINVAL);
	for (const timeout of [undefined, null, "1", -2, 0.5, Number.NaN])
		equal(await connect(new FakeTransport(), good(), timeout ?? "x"), -EINVAL);
});

test("lists may be missing, empty, or full of strings", () => {
	for (const list of [undefined, [], ["a: b"], ["a: b", "c: d"]]) {
		const request = good() as { optionalHeaders?: unknown; subprotocols?: unknown };
		request.optionalHeaders = list;
		request.subprotocols = list;
		equal(requestFault(request as WebsocketRequest) === "", true);
	}
});

test("a transport has five functions", async () => {
	equal(isTransport(new FakeTransport()), true);
	for (const value of [undefined, null, 0, "transport", {}, [], () => {}]) equal(isTransport(value), false);
	const nothing = () => {};
	const made = { start: nothing, stop: nothing, read: nothing, write: nothing, close: nothing };
	equal(isTransport(made), true);
	for (const name of Object.keys(made)) {
		for (const value of [undefined, null, 1]) equal(isTransport({ ...made, [name]: value }), false, name);
		equal(await connect({ ...made, [name]: undefined }, good()), -EINVAL, name);
	}
});

test("a frozen request: there is nowhere to write what became of it", async () => {
	equal(await connect(new FakeTransport(), Object.freeze(good())), -EINVAL);
});

test("with ownSock a transport that gets no connection is closed, unless it has one", async () => {
	for (const change of [{ url: "" }, { txBuf: new Uint8Array(64) }, { optionalHeadersCb: () => -7 }]) {
		const own = new FakeTransport();
		ok(((await connect(own, { ...good(), ...change, ownSock: true })) as number) < 0);
		equal(own.closed, true);
		const theirs = new FakeTransport();
		ok(((await connect(theirs, { ...good(), ...change })) as number) < 0);
		equal(theirs.closed, false);
	}
	const transport = new FakeTransport();
	ok(websocketConnectStart(transport, good(), -1) >= 0);
	equal(await connect(transport, { ...good(), ownSock: true }), -EEXIST);
	equal(transport.closed, false);
});

test("a request that cannot be extended is refused", async () => {
	for (const request of [Object.freeze(good()), Object.seal(good()), Object.preventExtensions(good())])
		equal(await connect(new FakeTransport(), request), -EINVAL);
});

test("a payload whose buffer is gone is none", () => {
	const transport = new FakeTransport();
	const ws = websocketRegister(transport, new Uint8Array(64), 64, { upgraded: true });
	ok(ws >= 0);
	const gone = new Uint8Array(8);
	(gone.buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer();
	for (const opcode of [1, 2, 9]) equal(websocketSendMsg(ws, gone, 0, opcode, false, true, 0), -EINVAL);
	equal(transport.written.length, 0);
	transport.close();
});

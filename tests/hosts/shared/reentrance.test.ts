/*
 * Arguments and options whose conversion runs code of the app, which closes the very socket: an error at most, and under
 * AddressSanitizer no access to what is gone.
 */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { Digest } from "crypt";
import { equal, test, throws } from "test";
import { connect as connectClassic } from "./classic-ends";
import { connect } from "./ends";

type Closable = new (options: object) => { close(): void };

test("classic get: toString closes", async () => {
	const [client, server] = await connectClassic();
	const name = {
		toString() {
			client.socket.close();
			return "REMOTE_IP";
		},
	};
	throws(() => client.socket.get(name as unknown as "REMOTE_IP"), "closed socket");
	server.socket.close();
});

test("classic read knows the built-in constructors, whatever the globals say", async () => {
	const [client, server] = await connectClassic();
	const globals = globalThis as unknown as Record<string, unknown>;
	client.socket.write("abcd");
	equal(await server.events.next(), "2 4");
	const { String: BuiltIn } = globalThis;
	Object.defineProperty(globals, "String", {
		configurable: true,
		get() {
			server.socket.close();
			return BuiltIn;
		},
	});
	equal(server.socket.read(BuiltIn, 2), "ab");
	Object.defineProperty(globals, "String", { configurable: true, writable: true, value: BuiltIn });
	equal(server.socket.read(String), "cd");
	client.socket.close();
	server.socket.close();
});

test("TCP write of a number: valueOf closes", async () => {
	const [client, server] = await connect();
	client.format = "number";
	const byte = {
		valueOf() {
			client.close();
			return 1;
		},
	};
	throws(() => client.write(byte as unknown as number), "closed");
	server.close();
});

test("TCP format: toString closes", async () => {
	const [client, server] = await connect();
	throws(() => {
		(client as { format: unknown }).format = {
			toString() {
				client.close();
				return "buffer";
			},
		};
	}, "closed");
	server.close();
});

test("TCP and Listener: a subclass's target closes before there is anything to close", () => {
	class Closing extends (TCP as unknown as Closable) {
		set target(_: unknown) {
			this.close();
		}
	}
	throws(() => new Closing({ address: "127.0.0.1", port: 1, target: {} }));
	class ClosingListener extends (Listener as unknown as Closable) {
		set target(_: unknown) {
			this.close();
		}
	}
	throws(() => new ClosingListener({ target: {} }));
});

test("a callback that is no function is refused, and nothing keeps it", () => {
	const options = { address: "127.0.0.1", port: 1, onReadable: `text ${Math.random()}` } as unknown as { address: string; port: number };
	const untouched = new Uint8Array(512);
	for (let i = 0; i < 20; i++) throws(() => new TCP(options), TypeError);
	throws(() => new Listener({ onReadable: "text" } as unknown as Record<string, never>), TypeError);
	for (let i = 0; i < 200; i++) new Uint8Array(1000).fill(i);
	equal(
		untouched.every((byte) => byte === 0),
		true,
	);
});

test("methods of a prototype without an object behind it throw", () => {
	throws(() => Digest.prototype.write("x"), TypeError);
	throws(() => Digest.prototype.close(), TypeError);
	throws(() => (Digest.prototype as unknown as { blockSize: number }).blockSize, TypeError);
	throws(() => TCP.prototype.close.call({} as TCP));
});

/*
 * The SDK's modules as firmware sees them. What @moddable/typings describes rightly is taken from there; below stands what
 * that package (5.6.0, older than the SDK) lacks, and what it has wrong: there, TCP.read and TCP.write return nothing, the
 * classic socket reads strings and buffers only, and mc/config always has a "file".
 */
/// <reference types="@moddable/typings/xs" />
/// <reference types="@moddable/typings/Resource" />
/// <reference types="@moddable/typings/base64" />
/// <reference types="@moddable/typings/crc" />
/// <reference types="@moddable/typings/embedded_io/_common" />
/// <reference types="@moddable/typings/hex" />
/// <reference types="@moddable/typings/instrumentation" />
/// <reference types="@moddable/typings/net" />
/// <reference types="@moddable/typings/text/decoder" />
/// <reference types="@moddable/typings/text/encoder" />
/// <reference types="@moddable/typings/time" />
/// <reference types="@moddable/typings/timer" />
/// <reference types="@moddable/typings/url" />

declare module "crypt" {
	export type DigestType = "MD5" | "SHA1" | "SHA224" | "SHA256" | "SHA384" | "SHA512";

	export class Digest {
		constructor(type: DigestType);
		/** In bytes. */
		readonly blockSize: number;
		/** In bytes. */
		readonly outputSize: number;
		write(data: string | BufferLike): void;
		update(data: string | BufferLike): void;
		/** The digest. With `more`, of what was written so far, and the digest stays open. */
		close(more?: boolean): ArrayBuffer;
		/** Starts over, also after close(). */
		reset(): void;
		/** reset, write of every part, close. */
		process(...parts: (string | BufferLike)[]): ArrayBuffer;
	}

	const crypt: { readonly Digest: typeof Digest };
	export default crypt;
}

declare module "logical" {
	/** Bitwise operations in place. The mask repeats; `count` limits them to the first bytes of the target. */
	const Logical: {
		not(target: BufferLike, count?: number): void;
		xor(target: BufferLike, mask: number | string | BufferLike, count?: number): void;
		and(target: BufferLike, mask: number | string | BufferLike, count?: number): void;
		or(target: BufferLike, mask: number | string | BufferLike, count?: number): void;
	};

	export { Logical as default };
}

declare module "mc/config" {
	// biome-ignore lint/suspicious/noExplicitAny: what is in there is up to the app's manifest and the command line.
	const config: Record<string, any>;
	export default config;
}

/** Adds `Time.microseconds`; imported for that only. */
declare module "microseconds" {}

declare module "socket" {
	export interface KeepAlive {
		idle: number;
		interval: number;
		count: number;
	}

	export interface TCPSocketOptions {
		kind?: "TCP";
		host?: string;
		address?: string;
		port: number;
		noDelay?: boolean;
		keepalive?: KeepAlive;
	}

	/** Takes the connection a listener has ready. */
	export interface AcceptedSocketOptions {
		listener: Listener;
		noDelay?: boolean;
		keepalive?: KeepAlive;
	}

	export class Socket {
		static readonly connected: 1;
		static readonly readable: 2;
		static readonly writable: 3;
		static readonly disconnected: -1;
		static readonly error: -2;
		constructor(options: TCPSocketOptions | AcceptedSocketOptions);
		/** 1 connected; 2 readable, with the bytes there are; 3 writable, with the bytes there is room for; -1 disconnected; -2 error. */
		callback: (this: this, message: number, value?: number) => void;
		/** How many bytes there are. */
		read(): number;
		/** One byte; allocates nothing. */
		read(type: NumberConstructor): number;
		/** Up to `until`: a count, or a byte that ends the text or buffer. Throws when there is nothing to read. */
		read(type: StringConstructor, until?: number | string): string;
		read(type: ArrayBufferConstructor, until?: number | string): ArrayBuffer;
		/** Skips. */
		read(type: null, until?: number | string): void;
		/** How many bytes there is room for. */
		write(): number;
		/** A number is one byte. All or nothing: throws when there is no room for all of it. */
		write(...data: (number | string | BufferLike)[]): void;
		get(name: "REMOTE_IP"): string;
		get(name: "REMOTE_PORT"): number;
		suspend(suspend?: boolean): boolean;
		close(): void;
	}

	export class Listener {
		constructor(options: { port?: number; address?: string });
		/** A connection waits: `new Socket({ listener })` takes it. */
		callback: (this: this) => void;
		close(): void;
	}
}

declare module "embedded:io/socket/tcp" {
	import type { Buffer } from "embedded:io/_common";

	export type Options = ({ address: string; port: number } | { from: TCP }) & {
		nodelay?: boolean;
		onReadable?: (this: TCP, bytes: number) => void;
		onWritable?: (this: TCP, bytes: number) => void;
		onError?: (this: TCP) => void;
		format?: "number" | "buffer";
		target?: unknown;
	};

	export default class TCP {
		constructor(options: Options);
		target: unknown;
		format: "number" | "buffer";
		readonly remoteAddress: string | undefined;
		readonly remotePort: number | undefined;
		/** In format "number" one byte, else all bytes there are, or the first `byteLength`; undefined when there is nothing. */
		read(byteLength?: number): number | ArrayBuffer | undefined;
		/** Fills the buffer and returns how many bytes that took. Throws when there are fewer than the buffer holds. */
		read(buffer: Buffer): number;
		/** Returns how many bytes may still be written. Throws when there is no room for all of it. */
		write(value: number | Buffer): number;
		close(): void;
	}
}

declare module "embedded:io/socket/listener" {
	import type TCP from "embedded:io/socket/tcp";

	export interface Options {
		port?: number;
		address?: string;
		onReadable?: (this: Listener, requests: number) => void;
		format?: "socket/tcp";
		target?: unknown;
	}

	export default class Listener {
		constructor(options: Options);
		target: unknown;
		format: "socket/tcp";
		readonly port: number;
		/** A connection to be adopted with `new TCP({ from })`. */
		read(): TCP | undefined;
		close(): void;
	}
}

declare module "securesocket" {
	import type { Fault, Secure } from "embedded:io/socket/tcp/tls";
	import type { Socket, TCPSocketOptions } from "socket";

	export default class SecureSocket {
		constructor(options: TCPSocketOptions & { secure?: Secure; sock?: Socket });
		/** As Socket's; and with -2 what failed, if that is a matter of TLS. */
		callback: (this: this, message: number, value?: number | Fault) => void;
		/** How many bytes there are. */
		read(): number;
		read(type: NumberConstructor): number | undefined;
		read(type: StringConstructor, until?: number | string): string | undefined;
		read(type: ArrayBufferConstructor, until?: number | string): ArrayBuffer | undefined;
		read(type: null, until?: number | string): number | undefined;
		/** How many bytes there is room for. */
		write(): number;
		/** A number is one byte. All or nothing: throws when there is no room for all of it. */
		write(...data: (number | string | BufferLike)[]): void;
		close(): void;
		/** What ALPN chose. Only on the Linux device. */
		readonly alpn: string | undefined;
		/** "TLSv1.2" or "TLSv1.3". Only on the Linux device. */
		readonly protocol: string | undefined;
	}
}

declare module "embedded:network/dns/resolver/udp" {
	export default class Resolver {
		/** A device takes the DNS servers and the UDP class from here; the Linux device asks its system. */
		constructor(options?: { servers?: string[]; socket?: unknown });
		resolve(options: {
			host: string;
			onResolved?: (this: Resolver, host: string, address: string) => void;
			onError?: (this: Resolver, host: string) => void;
		}): void;
		close(): void;
	}
}

/** The SDK's class, of which modules/websocket-client/manifest_embedded.json puts ours in the place. */
declare module "embedded:network/websocket/client" {
	export { default } from "websocket-client";
}

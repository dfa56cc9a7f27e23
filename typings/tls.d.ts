/* TLS of the SDK's boards and of the Linux device; @moddable/typings has none of it. manifest_tls.json gives this to mcconfig, too. */

declare module "embedded:io/socket/tcp/tls" {
	/** Bytes in any kind of buffer. */
	export type Buffer = ArrayBuffer | SharedArrayBuffer | ArrayBufferView;

	/** Certificates and keys: DER, or PEM, which may be a string. A `Resource` will do. */
	export type Certificate = Buffer | string;

	export interface Secure {
		/** Whom the certificate has to be for, and what SNI says; the host if missing. */
		serverName?: string;
		/** The same, as the SDK's classic class calls it. */
		tls_server_name?: string;
		/** Whom to trust. Missing: on a board the SDK's list, if the firmware has it; on the Linux device the system's. */
		certificate?: Certificate | readonly Certificate[];
		/** false: neither the chain nor the host is checked. */
		verify?: boolean;
		/** The least version: 0x303 is TLS 1.2, 0x304 TLS 1.3. */
		protocolVersion?: number;
		applicationLayerProtocolNegotiation?: string | readonly string[];
		/** The same, as the SDK's classic class calls it. */
		tls_application_layer_protocol_negotiation?: string | readonly string[];
		/** Ours, the leaf first. */
		clientCertificates?: readonly Certificate[];
		clientKey?: Certificate;
		cache?: boolean;
		trace?: boolean;
	}

	/** Why TLS failed, on the Linux device; see hosts/linux/README.md for the names. */
	export interface Fault {
		name: string;
		message: string;
	}

	export interface Options {
		host?: string;
		address?: string;
		port?: number;
		TCP: { io: new (options: never) => unknown };
		secure?: Secure;
		nodelay?: boolean;
		format?: "number" | "buffer";
		target?: unknown;
		onReadable?: (this: TLSSocket, bytes: number) => void;
		onWritable?: (this: TLSSocket, bytes: number) => void;
		onError?: (this: TLSSocket, error?: Fault) => void;
	}

	export default class TLSSocket {
		constructor(options: Options);
		target: unknown;
		format: "number" | "buffer";
		/** In format "number" one byte, else all bytes there are, or the first `byteLength`; undefined when there is nothing. */
		read(byteLength?: number): number | ArrayBuffer | undefined;
		/** Fills as much of the buffer as there are bytes, and returns how many that were; undefined when there is nothing. */
		read(buffer: Buffer): number | undefined;
		/**
		 * Returns how many bytes may still be written. Throws when there is no room for all of it. With `more`, it is sent together with
		 * what is written next; `byteLength` is how much all of that is, and throws now if there is no room.
		 */
		write(value: number | Buffer, options?: { more?: boolean; byteLength?: number }): number;
		close(): void;
		/** What ALPN chose. Only on the Linux device. */
		readonly alpn: string | undefined;
		/** "TLSv1.2" or "TLSv1.3". Only on the Linux device. */
		readonly protocol: string | undefined;
	}
}

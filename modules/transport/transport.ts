/*
 * The contract between a protocol and what carries its bytes. Types only: the protocol sees no socket, and a socket sees no
 * protocol. The adapters beside this file fulfil it; a test's fake does, too.
 */

/**
 * What a transport tells the protocol. It calls these from the event loop only, never from inside read(), write(), start() or
 * stop(). Being told that there is nothing new is no harm.
 */
export interface TransportEvents {
	/** There is something to read(). Not said again for bytes that were left unread: they can be read at any time. */
	onReadable(): void;
	/** The connection is made, or write() has room again. */
	onWritable(): void;
	/**
	 * The connection is gone: 0 if the peer ended it, otherwise a negative errno. A transport that cannot tell says 0. Said at
	 * most once; what arrived before can still be read, except after -ECANCELED (140), which close() says at once.
	 *
	 * Before the connection was made: -EHOSTUNREACH (118), the host's name has no address; -ECONNREFUSED (111), nobody listens there,
	 * or nobody answers; -EIO (5), this device could not try, or cannot tell. Of TLS: -EACCES (13), the peer did not prove who it is, or this
	 * device did not; -EPROTO (71), what it speaks is no TLS that both know; -ECONNRESET (104), the connection ended without TLS's goodbye.
	 */
	onClosed(error: number): void;
}

/** A stream of bytes both ways. No method throws, and none allocates after the first few calls unless its adapter says so. */
export interface Transport {
	/**
	 * From now on `events` are told. Fails with false if another protocol uses this transport. What happened before is not told
	 * again: whether there is something to read, room, or an end, read() and write() tell.
	 */
	start(events: TransportEvents): boolean;
	/** From now on nobody is told. The connection stays as it is, for the app to use again or to close. */
	stop(): void;
	/**
	 * Puts up to `end - start` bytes into `into` from `start` on and returns how many: 0 if there is nothing now, which never
	 * means closed, negative if the connection ended. May give less than there is: read until it gives 0. The buffer is
	 * borrowed for the call. A `start` of 0 and the whole buffer is quickest.
	 */
	read(into: Uint8Array, start: number, end: number): number;
	/**
	 * Takes bytes from `start` of `from` on, at most up to `end`, and returns how many it copied: 0 if there is no room now
	 * (onWritable follows), negative if the connection ended. May take fewer than it has room for: write until it takes 0. The
	 * buffer is borrowed for the call.
	 */
	write(from: Uint8Array, start: number, end: number): number;
	/** Closes the socket. Afterwards the transport is of no use. */
	close(): void;
	/** What ended it, in words, where more can be said than the errno of onClosed does. */
	readonly failure?: string;
	/** Why TLS failed, by name: a row of TLS_FAULTS in transport/tls-faults; "" or missing: it did not, or does not say. */
	readonly fault?: string;
	/** true: nobody on the way can read or change the bytes (TLS). */
	readonly secure?: boolean;
}

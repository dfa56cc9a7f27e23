/*
 * A client's TLS session without a socket: records go in with feed(), come out with take(). Natives in tls-session.c and
 * tls-options.c; for embedded:io/socket/tcp/tls and securesocket, which move the records.
 */
export class Session @ "xs_tls_session_destructor" {
	constructor(host, verify, minimum) @ "xs_tls_session";
	free() @ "xs_tls_session_free";

	trust(certificates) @ "xs_tls_session_trust";
	trustSystem() @ "xs_tls_session_trust_system";
	present(certificates) @ "xs_tls_session_present";
	key(bytes) @ "xs_tls_session_key";
	offer(protocol) @ "xs_tls_session_offer";
	start() @ "xs_tls_session_start";

	feed(bytes) @ "xs_tls_session_feed";
	get pending() @ "xs_tls_session_get_pending";
	take(bytes) @ "xs_tls_session_take";
	advance() @ "xs_tls_session_advance";
	truncate() @ "xs_tls_session_truncate";
	shutdown() @ "xs_tls_session_shutdown";
	defer() @ "xs_tls_session_defer";

	get readable() @ "xs_tls_session_get_readable";
	read(count, string) @ "xs_tls_session_read";
	readByte() @ "xs_tls_session_read_byte";
	readInto(bytes) @ "xs_tls_session_read_into";
	find(character, count) @ "xs_tls_session_find";
	write(limit, bytes) @ "xs_tls_session_write";
	hold(limit, bytes) @ "xs_tls_session_hold";

	get fault() @ "xs_tls_session_get_fault";
	get alpn() @ "xs_tls_session_get_alpn";
	get protocol() @ "xs_tls_session_get_protocol";
	get cipher() @ "xs_tls_session_get_cipher";
}

/** A buffer outside of the arena: resize(count) gives it any length up to its first one and allocates nothing. */
export class Stage @ "xs_tls_stage_destructor" {
	constructor() @ "xs_tls_stage";
	resize(count) @ "xs_tls_stage_resize";
	get byteLength() @ "xs_tls_stage_get_byteLength";
}

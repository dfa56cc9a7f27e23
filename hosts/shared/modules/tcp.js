/*
 * ECMA-419 "embedded:io/socket/tcp" with the behaviour it has on lwIP; see tcp.c.
 */
class TCP @ "xs_tcp_destructor" {
	constructor(options) @ "xs_tcp_constructor";

	close() @ "xs_tcp_close";
	read(count) @ "xs_tcp_read";
	write(bytes) @ "xs_tcp_write";

	get remoteAddress() @ "xs_tcp_get_remoteAddress";
	get remotePort() @ "xs_tcp_get_remotePort";
	get format() @ "xs_tcp_get_format";
	set format(format) @ "xs_tcp_set_format";
}

export default TCP;

/*
 * ECMA-419 "embedded:io/socket/listener"; see listener.c.
 */
import TCP from "embedded:io/socket/tcp";

function waiting(listener) @ "xs_listener_waiting";
function take(listener, tcp) @ "xs_listener_take";

class Listener @ "xs_listener_destructor" {
	constructor(options) @ "xs_listener_constructor";

	close() @ "xs_listener_close";
	read() {
		if (waiting(this))
			return take(this, new TCP);
	}

	get port() @ "xs_listener_get_port";
	get format() {
		return "socket/tcp";
	}
	set format(format) {
		if ("socket/tcp" !== format)
			throw new RangeError("the format of a listener is socket/tcp");
	}
}

export default Listener;

/*
 * The SDK's classic `socket` module with the behaviour it has on lwIP (ESP32, Pico W); see socket.c.
 */
export class Socket @ "xs_socket_destructor" {
	constructor(options) @ "xs_socket";

	read(type, until) @ "xs_socket_read";
	write() @ "xs_socket_write";
	close() @ "xs_socket_close";
	get(what) @ "xs_socket_get";
	suspend(suspended) @ "xs_socket_suspend";
}
Socket.connected = 1;
Socket.readable = 2;
Socket.writable = 3;
Socket.error = -2;
Socket.disconnected = -1;

export class Listener @ "xs_socket_listener_destructor" {
	constructor(options) @ "xs_socket_listener";

	close() @ "xs_socket_listener_close";
}

Object.freeze(Socket.prototype);
Object.freeze(Listener.prototype);

export default Object.freeze({Socket, Listener});

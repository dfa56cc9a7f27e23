/*
 * The SDK's classic `securesocket`: a TLS connection with the methods and the callback of `socket`, over a Socket of that module.
 */
import {Socket} from "socket";
import Channel from "tls/channel";

/** Bytes that are offered at a time, as the SDK's class does: whoever reads all of them into a string needs so much memory. */
const FRAGMENT = 1024;

class SocketChannel extends Channel {
	socket;
	owner;
	/** Bytes left of those last offered. */
	fragment = 0;
	/** The socket below failed: that is no matter of TLS. */
	failed = false;
	/** The app knows that it is connected. */
	greeted = false;

	receive(count) {
		const bytes = this.socket.read(ArrayBuffer, count);
		this.feed(bytes);
		return bytes.byteLength;
	}
	send(stage) {
		try {
			this.socket.write(stage);
			return this.socket.write();
		}
		catch {
			/* It is of no use any more, and will say so itself. */
			return 0;
		}
	}
	closeSocket() {
		this.socket?.close();
		this.socket = undefined;
	}
	truncate() {
		if (!this.failed)
			super.truncate();
	}
	onRoom(count) {
		if (this.greeted)
			this.owner.callback(Socket.writable, count);
		else {
			this.greeted = true;
			this.owner.callback(Socket.connected);
		}
	}
	onData(count) {
		this.fragment = count < FRAGMENT ? count : FRAGMENT;
		this.owner.callback(Socket.readable, this.fragment);
	}
	onEnd(fault) {
		const {owner} = this;
		if (fault)
			owner.callback(Socket.error, fault);
		else
			owner.callback(this.cut && (this.failed || !this.connected) ? Socket.error : Socket.disconnected);
		owner.close();
	}
	onMessage(message, value) {
		switch (message) {
			case Socket.connected:
				this.onSpace(this.socket.write());
				break;
			case Socket.readable:
				this.onInput(value);
				break;
			case Socket.writable:
				this.onSpace(value);
				break;
			default:
				this.failed = Socket.error === message;
				this.onCut();
				break;
		}
	}
	consumed(count) {
		this.fragment -= count;
		if (!this.fragment) {
			this.told = 0;
			this.defer();
		}
	}
}

class SecureSocket {
	#channel;

	constructor(options) {
		const channel = new SocketChannel(options.secure, options.host ?? options.address);
		let sock;
		try {
			sock = options.sock ?? new Socket(options);
		}
		catch (error) {
			channel.free();
			throw error;
		}
		channel.owner = this;
		channel.socket = sock;
		sock.callback = (message, value) => channel.onMessage(message, value);
		this.#channel = channel;
	}
	read(type, until) {
		const channel = this.#channel;
		if (!channel)
			throw new Error("read on closed socket");
		let count = channel.fragment;
		if (!arguments.length)
			return count;
		if (!count)
			return;
		if ("number" === typeof until)
			count = Math.min(count, Math.max(0, Math.trunc(until)));
		else if ("string" === typeof until)
			count = channel.find(until, count);
		let result;
		if (Number === type) {
			count = 1;
			result = channel.readByte();
		}
		else if (null === type) {
			result = count;
			if (count)
				channel.read(count);
		}
		else if (String === type)
			result = count ? channel.read(count, true) : "";
		else if (ArrayBuffer === type)
			result = count ? channel.read(count) : new ArrayBuffer(0);
		else
			throw new Error("unsupported output type");
		channel.consumed(count);
		return result;
	}
	write(...data) {
		const channel = this.#channel;
		if (!channel)
			throw new Error("write on closed socket");
		if (!data.length)
			return channel.open ? channel.measure() : 0;
		if (channel.over || channel.cut)
			return;
		channel.written(channel.write(channel.open ? channel.measure() : 0, ...data));
	}
	close() {
		const channel = this.#channel;
		this.#channel = undefined;
		channel?.close();
	}
	/** The protocol that ALPN chose; undefined: none. */
	get alpn() {
		return this.#channel?.alpn;
	}
	/** "TLSv1.2" or "TLSv1.3", once connected. */
	get protocol() {
		return this.#channel?.protocol;
	}
}

export default SecureSocket;

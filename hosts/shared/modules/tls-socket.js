/*
 * ECMA-419 "embedded:io/socket/tcp/tls": a TLS connection over any class of the pattern "embedded:io/socket/tcp", which is
 * `TCP.io` of the options and gets all of them.
 */
import Channel from "tls/channel";

class SocketChannel extends Channel {
	socket;
	owner;
	onWritable;
	onReadable;
	onError;

	receive(count) {
		const stage = this.stage.resize(count);
		this.socket.read(stage);
		this.feed(stage);
		return stage.byteLength;
	}
	send(stage) {
		try {
			return this.socket.write(stage);
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
	onRoom(count) {
		this.onWritable?.call(this.owner, count);
	}
	onData(count) {
		this.onReadable?.call(this.owner, count);
	}
	onEnd(fault) {
		const {onError, owner} = this;
		if (fault)
			onError?.call(owner, fault);
		else
			onError?.call(owner);
	}
}

class TLSSocket {
	#channel;
	#number = false;

	constructor(options) {
		const {onReadable, onWritable, onError, format, target} = options;
		if (undefined !== format)
			this.format = format;
		if ("target" in options)
			this.target = target;
		const channel = new SocketChannel(options.secure, options.host ?? options.address);
		channel.owner = this;
		channel.onReadable = onReadable;
		channel.onWritable = onWritable;
		channel.onError = onError;
		this.#channel = channel;
		try {
			channel.socket = new options.TCP.io({
				...options,
				format: "buffer",
				onReadable: count => channel.onInput(count),
				onWritable: count => channel.onSpace(count),
				onError: () => channel.onCut()
			});
		}
		catch (error) {
			this.close();
			throw error;
		}
	}
	close() {
		const channel = this.#channel;
		this.#channel = undefined;
		channel?.close();
	}
	read(count) {
		const channel = this.#channel;
		if (!channel)
			throw new Error("socket is closed");
		const readable = channel.readable;
		if (!readable)
			return;
		let result;
		if (this.#number)
			result = channel.readByte();
		else if ("object" === typeof count)
			result = channel.readInto(count);
		else
			result = channel.read(count ?? readable);
		channel.consumed();
		return result;
	}
	/** options.more: the rest of a record is still to come, and is sent with this; byteLength: how long all of it is. */
	write(data, options) {
		const channel = this.#channel;
		if (!channel)
			throw new Error("socket is closed");
		if (channel.over || channel.cut)
			throw new Error("not ready");
		if (this.#number)
			data = Number(data);
		if (!options?.more)
			return channel.written(channel.write(channel.room, data));
		if (options.byteLength > channel.room)
			throw new Error("would block");
		return channel.written(channel.hold(channel.room, data), true);
	}
	get format() {
		return this.#number ? "number" : "buffer";
	}
	set format(format) {
		if (("buffer" !== format) && ("number" !== format))
			throw new RangeError("the format of TLS is buffer or number");
		this.#number = "number" === format;
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

export default TLSSocket;

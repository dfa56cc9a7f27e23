/*
 * A TLS session with a socket below and an app above: when to read, what to tell, when it is over. A subclass knows the socket
 * (receive, send, closeSocket) and the app (onRoom, onData, onEnd).
 *
 * No more than one record and one stage of bytes is taken from the socket before the app has read it, so a slow app is felt by the
 * peer. After the handshake, reading into a buffer and writing one allocate nothing.
 */
import {Session, Stage} from "tls/session";

/** What a record is longer than its content, at most, and an answer of the library's own that may be needed in between. */
const OVERHEAD = 128;
/** The longest content of a record. */
const RECORD = 16384;
/** A library may make shorter ones, not below this; and by how much each of them is longer than its content. */
const SHORT_RECORD = 1024;
const SHORT_OVERHEAD = 29;

const TLS12 = 0x303;
const TLS13 = 0x304;

const all = value => undefined === value || null === value ? [] : Array.isArray(value) ? value : [value];

export default class Channel extends Session {
	/** Bytes that the socket below has, and takes. */
	input = 0;
	space = 0;
	/** Bytes that the app may write, as it was last told. */
	room = 0;
	/** Bytes that the app wrote and that wait for the rest of their record. */
	held = 0;
	/** Bytes that the app was told and did not read. */
	told = 0;
	/** The socket below was of use, once. */
	connected = false;
	/** The handshake is done. */
	open = false;
	/** The app knows. */
	announced = false;
	/** The socket below has ended. */
	cut = false;
	/** The app was told the end, or closed. */
	over = false;
	stage;
	trace = false;

	/** secure: the option of this name; host: whom to expect if that does not say so. Throws for options that cannot be used. */
	constructor(secure = {}, host) {
		const minimum = secure.protocolVersion ?? TLS12;
		if (minimum !== TLS12 && minimum !== TLS13)
			throw new RangeError("secure.protocolVersion: 0x303 (TLS 1.2 or later) or 0x304 (TLS 1.3)");
		super(secure.serverName ?? secure.tls_server_name ?? host, secure.verify ?? true, minimum);
		try {
			this.stage = new Stage;
			this.prepare(secure);
		}
		catch (error) {
			// What there is of it must not wait for a collection.
			this.free();
			throw error;
		}
	}
	prepare(secure) {
		this.trace = Boolean(secure.trace);
		const trusted = all(secure.certificate);
		// Nobody is trusted then, or is it a mistake? Never everybody whom the system trusts.
		if (Array.isArray(secure.certificate) && !trusted.length)
			throw new TypeError("secure.certificate: the list is empty: leave it out for the system's authorities");
		for (const certificate of trusted)
			this.trust(certificate);
		for (const certificate of all(secure.clientCertificates))
			this.present(certificate);
		if (secure.clientKey)
			this.key(secure.clientKey);
		for (const protocol of all(secure.applicationLayerProtocolNegotiation ?? secure.tls_application_layer_protocol_negotiation))
			this.offer(protocol);
		if (!trusted.length && (secure.verify ?? true))
			this.trustSystem();
		this.start();
	}

	/* ---- what the socket below says ---- */

	/** It has so many bytes. */
	onInput(count) {
		this.connected = true;
		this.input = count;
		this.run();
	}
	/** It takes so many bytes. */
	onSpace(count) {
		this.connected = true;
		this.space = count;
		this.run(true);
	}
	/** It has ended: in its middle, for whoever did not say goodbye. */
	onCut() {
		this.cut = true;
		this.input = this.space = 0;
		this.run();
	}

	/* ---- the one place that goes on, and calls the app ---- */

	run(writable) {
		if (this.over || !this.connected && !this.cut)
			return;
		let state;
		while ((state = this.advance()) >= 0 && !this.readable && this.input)
			this.input -= this.receive(this.input);
		const waiting = this.readable;
		this.flush();
		if (state > 0 && !this.open) {
			this.open = writable = true;
			if (this.trace)
				trace(`TLS: ${this.protocol} ${this.cipher}\n`);
		}
		if (writable && this.open && this.measure()) {
			this.announced = true;
			this.onRoom(this.room);
		}
		if (this.over)
			return;
		if (waiting) {
			if ((this.announced || this.cut) && this.readable > this.told) {
				this.told = this.readable;
				this.onData(this.told);
			}
		}
		else if (state < 0)
			this.end();
		else if (this.cut) {
			if (this.connected)
				this.truncate();
			this.end();
		}
	}
	end() {
		const fault = this.fault;
		this.over = true;
		this.room = 0;
		if (fault) {
			if (this.trace)
				trace(`TLS: ${fault.name}: ${fault.message}\n`);
			/* The alert goes out only from a connection that has nothing unread. */
			while (this.input)
				this.input -= this.receive(this.input);
		}
		this.onEnd(fault);
	}

	/* ---- records ---- */

	flush() {
		let count;
		while ((count = this.pending) && this.space > 0) {
			const stage = this.stage.resize(count < this.space ? count : this.space);
			this.take(stage);
			this.space = this.send(stage);
		}
	}
	/** What the app may write now. */
	measure() {
		const space = this.space;
		const room = space - this.pending - this.held - OVERHEAD - SHORT_OVERHEAD * Math.trunc(space / SHORT_RECORD);
		return this.room = this.cut || room < 0 ? 0 : room < RECORD - this.held ? room : RECORD - this.held;
	}

	/* ---- what the app does ---- */

	/** After a read: what follows is seen to from the loop. */
	consumed() {
		this.told = this.readable;
		if (!this.told)
			this.defer();
	}
	/** After a write of so many bytes, or of a part of as many: returns the room that is left. */
	written(count, part) {
		this.room -= count;
		if (part) {
			this.held += count;
			return this.room;
		}
		this.held = 0;
		this.flush();
		return this.measure();
	}
	close() {
		this.over = true;
		this.shutdown();
		this.flush();
		this.free();
		this.closeSocket();
	}
}

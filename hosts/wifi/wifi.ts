/*
 * Keeps a board in its WiFi: joins, and joins again whenever the connection is lost, could not be made, or brought no address. Over the
 * ECMA-419 class that the SDK has for ESP32 and Pico W, which tells of a lost connection but does nothing about it.
 */

/** What this needs of `embedded:network/interface/wifi`. */
export interface WifiInterface {
	/** Up to 200: not connected; 300: connecting; 400: joined, without an address; 500: with one. */
	readonly connection: number;
	readonly address: string | undefined;
	connect(options: { SSID: string; password?: string; secure?: boolean }): void;
	disconnect(): void;
}

/** What this needs of `timer`. */
export interface WifiTimer {
	set(callback: () => void, ms: number): unknown;
	clear(timer: never): void;
}

export interface WifiOptions {
	WiFi: new (options: { onChanged: () => void }) => WifiInterface;
	Timer: WifiTimer;
	ssid: string;
	/** None or "": the network is open. */
	password?: string | undefined;
	/** The board has an address: at first, and each time that it has one again. */
	onAddress: (address: string) => void;
	/** What a person may want to know, without an end of line. */
	say: (text: string) => void;
}

const ADDRESS = 500;
const JOINED = 400;
const JOINING = 300;

/** From connect() to an address. A slow access point takes some 10 s. */
const JOIN_MS = 30_000;
/** Before the first new try; twice as long after each that fails. */
const MIN_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

/** Lives as long as its interface does: for ever. */
export class Wifi {
	readonly #options: WifiOptions;
	readonly #interface: WifiInterface;
	#retryMs = MIN_RETRY_MS;
	/** What is waited for: an end of the try, or a next one. */
	#timer: unknown;
	#online = false;

	/** Throws what `new WiFi` throws. */
	constructor(options: WifiOptions) {
		this.#options = options;
		this.#interface = new options.WiFi({ onChanged: () => this.changed() });
		// After a restart by a debugger it may be up already.
		if (this.#interface.connection >= ADDRESS) this.changed();
		else this.join();
	}

	private join(): void {
		const { ssid, password, say } = this.#options;
		this.wait(JOIN_MS, () => {
			say(`WiFi: no ${this.#interface.connection >= JOINED ? "address" : "connection"} in ${JOIN_MS / 1000} s`);
			this.leave();
		});
		try {
			this.#interface.connect(password ? { SSID: ssid, password, secure: true } : { SSID: ssid });
		} catch (error) {
			say(`WiFi: ${error}`);
			this.leave();
		}
	}

	private changed(): void {
		const { connection, address } = this.#interface;
		const { ssid, onAddress, say } = this.#options;
		if (connection >= ADDRESS && address) {
			this.stopWaiting();
			this.#retryMs = MIN_RETRY_MS;
			if (this.#online) return;
			this.#online = true;
			say(`WiFi: ${address} in ${ssid}`);
			onAddress(address);
		} else if (connection < JOINING) {
			say(this.#online ? "WiFi: lost" : `WiFi: cannot join ${ssid}`);
			this.#online = false;
			this.again();
		} else if (this.#online) {
			// It joined again by itself, or lost its address: it has the time of a new try for it.
			this.#online = false;
			this.wait(JOIN_MS, () => this.leave());
		}
	}

	/** Ends a try. What the stack still tells of it comes before the next one begins. */
	private leave(): void {
		try {
			this.#interface.disconnect();
		} catch {
			// It was not connected.
		}
		this.again();
	}

	private again(): void {
		const ms = this.#retryMs;
		this.#retryMs = ms * 2 > MAX_RETRY_MS ? MAX_RETRY_MS : ms * 2;
		this.wait(ms, () => this.join());
	}

	private wait(ms: number, then: () => void): void {
		this.stopWaiting();
		this.#timer = this.#options.Timer.set(() => {
			this.#timer = undefined;
			then();
		}, ms);
	}

	private stopWaiting(): void {
		if (this.#timer !== undefined) this.#options.Timer.clear(this.#timer as never);
		this.#timer = undefined;
	}
}

/*
 * The packet identifiers of QoS 2 messages that came and were not released yet (MQTT 3.1.1 and 5.0 §4.3.3): one of them that comes again
 * is the same message, and the app must not see it twice. Nothing here allocates, but the constructor.
 */

/** No message has this identifier (3.1.1 §2.3.1, 5.0 §2.2.1), so it stands for a place that is free. */
const FREE = 0;

export class Received {
	readonly #ids: Uint16Array;
	count = 0;

	/** For so many at a time, 1 to 65,535; each takes two bytes. */
	constructor(capacity: number) {
		this.#ids = new Uint16Array(capacity);
	}

	/** There is no place for another one. */
	get full(): boolean {
		return this.count === this.#ids.length;
	}

	/** Notes an identifier, 1 to 65,535, which may be there already; false: there is no place for it. */
	add(id: number): boolean {
		const ids = this.#ids;
		if (ids.indexOf(id) >= 0) return true;
		const at = ids.indexOf(FREE);
		if (at < 0) return false;
		ids[at] = id;
		this.count++;
		return true;
	}

	has(id: number): boolean {
		return id !== FREE && this.#ids.indexOf(id) >= 0;
	}

	/** Forgets an identifier; false: it was not there. */
	remove(id: number): boolean {
		if (id === FREE) return false;
		const at = this.#ids.indexOf(id);
		if (at < 0) return false;
		this.#ids[at] = FREE;
		this.count--;
		return true;
	}

	/** Forgets all: the session is over. */
	clear(): void {
		this.#ids.fill(FREE);
		this.count = 0;
	}
}

/* What the device measures: in place of a sensor, what it knows of itself, all of it real. A board adds its own here. */
import Instrumentation from "instrumentation";
import Time from "time";

export class Measurements {
	/** How many there were. */
	count = 0;
	/** Simulated: an LED that is no more than this word. */
	led = "off";
	/** Not stored, for lack of room. */
	dropped = 0;
	/** Between the last measurement sent and the broker's answer; undefined before the first one. */
	roundTripMs: number | undefined;
	readonly #start = Time.ticks;
	#lastMs = 0;
	// Items that this firmware does not count are undefined, and JSON leaves them out.
	readonly #slots = Instrumentation.map("XS Slot Heap Used");
	readonly #chunks = Instrumentation.map("XS Chunk Heap Used");
	readonly #stack = Instrumentation.map("XS Stack Used");
	readonly #collections = Instrumentation.map("XS Garbage Collection Count");
	readonly #received = Instrumentation.map("Network Bytes Read");
	readonly #sent = Instrumentation.map("Network Bytes Written");

	/** The next measurement, as JSON. */
	take(): string {
		const uptimeMs = Time.ticks - this.#start;
		const sinceMs = uptimeMs - this.#lastMs;
		this.#lastMs = uptimeMs;
		const { led, dropped, roundTripMs } = this;
		const bytesIn = Instrumentation.get(this.#received);
		const bytesOut = Instrumentation.get(this.#sent);
		return JSON.stringify({ n: ++this.count, uptimeMs, sinceMs, roundTripMs, bytesIn, bytesOut, led, dropped });
	}

	/** What the app's machine takes, in bytes, and the collections so far, as JSON. */
	memory(): string {
		return JSON.stringify({
			slots: Instrumentation.get(this.#slots),
			chunks: Instrumentation.get(this.#chunks),
			stack: Instrumentation.get(this.#stack),
			collections: Instrumentation.get(this.#collections),
		});
	}
}

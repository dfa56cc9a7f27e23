/*
 * "embedded:network/dns/resolver/udp": the system's resolver in the shape of the SDK's class. Options name DNS servers
 * and a UDP class on a device; here the machine's own configuration decides, and they are ignored.
 */
import Lookup from "lookup";

class Resolver {
	#lookups = new Set;

	constructor(options) {
	}
	close() {
		this.#lookups?.forEach(lookup => lookup.close());
		this.#lookups = undefined;
	}
	resolve(options) {
		const {onResolved, onError} = options;
		if (!options.host || (!onResolved && !onError))
			throw new Error("host and a callback are required");
		if (!this.#lookups)
			throw new Error("resolver is closed");

		const host = options.host.toString();
		const lookups = this.#lookups;
		const lookup = new Lookup(host, address => {
			lookups.delete(lookup);
			if (address)
				onResolved?.call(this, host, address);
			else
				onError?.call(this, host);
		});
		lookups.add(lookup);
	}
}

export default Resolver;

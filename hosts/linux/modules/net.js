/*
 * Facts about the network connection, and names resolved with a callback.
 */

/* One name being resolved: calls answered(address) once from the event loop, without an address if the name has none,
 * unless it is closed before. */
export class Lookup @ "xs_resolver_lookup_destructor" {
	constructor(host, answered) @ "xs_resolver_lookup";
	close() @ "xs_resolver_lookup_close";
}

export default class Net {
	static get(what) @ "xs_net_get";
	static resolve(host, callback) {
		const name = String(host);
		new Lookup(name, address => callback(name, address));
	}
}

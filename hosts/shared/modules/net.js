/*
 * Facts about the network connection, and names resolved with a callback.
 */
import Lookup from "lookup";

export default class Net {
	static get(what) @ "xs_net_get";
	static resolve(host, callback) {
		const name = String(host);
		new Lookup(name, address => callback(name, address));
	}
}

/*
 * One name being resolved: calls answered(address) once from the event loop, without an address if the name has none,
 * unless it is closed before. Shared by `net` and the ECMA-419 resolver.
 */
export default class Lookup @ "xs_resolver_lookup_destructor" {
	constructor(host, answered) @ "xs_resolver_lookup";
	close() @ "xs_resolver_lookup_close";
}

/* The contexts, whose number is bounded, as Zephyr's are by CONFIG_WEBSOCKET_MAX_CONTEXTS. */
import config from "mc/config";
import type { Transport } from "transport/transport";
import { EEXIST, ENOENT } from "websocket/codes";
import { Context, INDEX_BITS } from "websocket/context";

const DEFAULT = 8;
const MOST = 1 << INDEX_BITS;
const INDEX_MASK = MOST - 1;

/** A preloaded module cannot assign its variables, but an object's properties: they get a copy in RAM. */
const pool: { contexts: Context[] | undefined } = { contexts: undefined };

/** How many connections there may be at a time: WEBSOCKET_MAX_CONTEXTS of the manifest's "config", or 8. */
function maximum(): number {
	const value = config.WEBSOCKET_MAX_CONTEXTS ?? DEFAULT;
	const count = Number(value);
	if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
	throw new RangeError(`WEBSOCKET_MAX_CONTEXTS in the manifest's "config" is ${value}: it has to be a whole number from 1 to ${MOST}`);
}

/** Makes all contexts, so that no later connection needs memory for one. */
export function makeContexts(): void {
	pool.contexts ??= [];
	for (let index = pool.contexts.length; index < maximum(); index++) pool.contexts.push(new Context(index));
}

/** The context of a handle, if it is the handle's still. */
export function contextOf(ws: number): Context | undefined {
	const context = pool.contexts?.[ws & INDEX_MASK];
	return context !== undefined && context.handle === ws && ws >= 0 ? context : undefined;
}

/** A context that is free, or an errno: -EEXIST if one of them uses the transport, -ENOENT if all are used. */
export function claimContext(transport: Transport): Context | number {
	pool.contexts ??= [];
	const contexts = pool.contexts;
	let found: Context | undefined;
	for (const context of contexts) {
		if (context.transport === transport) return -EEXIST;
		if (context.free) found ??= context;
	}
	if (found) return found;
	if (contexts.length >= maximum()) return -ENOENT;
	const context = new Context(contexts.length);
	contexts.push(context);
	return context;
}

/* The contexts, whose number is bounded, as Zephyr's are by CONFIG_WEBSOCKET_MAX_CONTEXTS. */
import config from "mc/config";
import type { Transport } from "transport/transport";
import { EBADF, EEXIST, ENOENT, ENOTCONN } from "websocket/codes";
import type { Connection } from "websocket/connection";
import { Context, INDEX_BITS } from "websocket/context";
import { enter, pool } from "websocket/pool";

const DEFAULT = 8;
const MOST = 1 << INDEX_BITS;
const INDEX_MASK = MOST - 1;

/** In RAM, as `pool`. */
const kept: { contexts: Context[] | undefined } = { contexts: undefined };

/** How many connections there may be at a time: WEBSOCKET_MAX_CONTEXTS of the manifest's "config", or 8. */
const maximum = () => Number(config.WEBSOCKET_MAX_CONTEXTS ?? DEFAULT);

/** What is wrong with that number, or "". */
export function contextsFault(): string {
	const count = maximum();
	if (Number.isInteger(count) && count >= 1 && count <= MOST) return "";
	return `WEBSOCKET_MAX_CONTEXTS in the manifest's "config" is ${config.WEBSOCKET_MAX_CONTEXTS}: it has to be a whole number from 1 to ${MOST}`;
}

/** Makes all contexts, so that no later connection needs memory for one. */
export function makeContexts(): void {
	for (let left = maximum() - contexts().length; left > 0; left--) makeContext();
}

function contexts(): Context[] {
	kept.contexts ??= [];
	return kept.contexts;
}

function makeContext(): Context {
	const made = contexts();
	if (made.length === 0) pool.connections = [];
	pool.connections.push(undefined);
	const context = new Context(made.length);
	made.push(context);
	return context;
}

/** The connection of a handle, while it lives. */
export function connectionOf(ws: number): Connection | undefined {
	const connection = pool.connections[ws & INDEX_MASK];
	return connection !== undefined && connection.handle === ws ? connection : undefined;
}

/** Lets the connection of a handle be the one that was used last, while it lives: whether it does. */
export function turn(ws: number): boolean {
	const connection = connectionOf(ws);
	if (connection === undefined) return false;
	enter(connection);
	return true;
}

/** What a call says for a handle without a connection. */
export function absent(ws: number): number {
	return contextOf(ws) ? -ENOTCONN : -EBADF;
}

/** The context of a handle, if it is the handle's still. */
export function contextOf(ws: number): Context | undefined {
	const context = kept.contexts?.[ws & INDEX_MASK];
	return context !== undefined && context.handle === ws && ws >= 0 ? context : undefined;
}

/** A context that is free, or an errno: -EEXIST if one of them uses the transport, -ENOENT if all are used. */
export function claimContext(transport: Transport): Context | number {
	const all = contexts();
	let found: Context | undefined;
	for (const context of all) {
		if (context.transport === transport) return -EEXIST;
		if (context.free) found ??= context;
	}
	if (found) return found;
	return all.length < maximum() ? makeContext() : -ENOENT;
}

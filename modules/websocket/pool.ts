/* Where the door looks for the connection of a handle. */
import type { Connection } from "websocket/connection";
import { type Encoder, QUICK_NOT } from "websocket/encoder";
import { FOUND_LONG, type Input } from "websocket/input";

export interface Pool {
	/** The connection that was used last, and its parts, which save the door a look-up; or what has no handle, and lets nobody go the short way. */
	input: Input;
	data: Encoder;
	connection: Connection;
	/** By index, the lower bits of a handle; what is there must have the same handle. */
	connections: (Connection | undefined)[];
}

const NO_INPUT = Object.freeze({ handle: Number.NaN, found: FOUND_LONG }) as Input;
const NO_DATA = Object.freeze({ quick: QUICK_NOT }) as Encoder;
const NO_CONNECTION = Object.freeze({ handle: Number.NaN }) as unknown as Connection;

/** A preloaded module cannot assign its variables, but an object's properties: they get a copy in RAM. */
export const pool: Pool = {
	input: NO_INPUT,
	data: NO_DATA,
	connection: NO_CONNECTION,
	connections: Object.freeze([]) as never[],
};

/** This connection is used now. */
export function enter(connection: Connection): void {
	pool.connection = connection;
	pool.input = connection.input;
	pool.data = connection.data;
}

/** This connection has ended. */
export function leave(connection: Connection): void {
	if (pool.connection !== connection) return;
	pool.connection = NO_CONNECTION;
	pool.input = NO_INPUT;
	pool.data = NO_DATA;
}

/* Waiting with a Promise, where Zephyr waits with a blocking call: for what need not be free of garbage. */
import Time from "time";
import Timer from "timer";
import { EAGAIN, EBADF, EINVAL, POLLHUP, POLLIN, POLLOUT } from "websocket/codes";
import type { Waiter } from "websocket/context";
import { contextOf } from "websocket/contexts";
import { isTimeout } from "websocket/request";

/**
 * Waits until one of `events` is there: POLLIN something to receive, POLLOUT room to send, at most `timeout` ms (SYS_FOREVER_MS: for
 * ever; 0: tells what is there now). The end of the connection is always waited for: it is POLLHUP, with POLLIN if that was asked for.
 * As zsock_poll for one socket; while it waits, onReadable and onWritable are called as ever. Several may wait. Allocates.
 *
 * @returns a Promise, never rejected, of the events that are there; 0 the time is over; -EBADF no such connection; -EINVAL a wrong argument.
 */
export function websocketPoll(ws: number, events: number, timeout: number): Promise<number> {
	return new Promise((resolve) => {
		const context = contextOf(ws);
		if (context === undefined) return resolve(-EBADF);
		if (typeof events !== "number" || (events & ~(POLLIN | POLLOUT | POLLHUP)) !== 0 || !isTimeout(timeout)) return resolve(-EINVAL);
		// Something may be in the socket that nobody has read yet.
		context.look();
		const wanted = events | POLLHUP;
		const there = context.events & wanted;
		if (there !== 0 || timeout === 0) return resolve(there);
		let timer: Timer | undefined;
		const waiter: Waiter = {
			events: wanted,
			resolve: (found) => {
				if (timer) Timer.clear(timer);
				resolve(found);
			},
		};
		if (timeout > 0)
			timer = Timer.set(() => {
				context.forget(waiter);
				resolve(0);
			}, timeout);
		context.wait(waiter);
	});
}

/** Calls until the result is not -EAGAIN, waiting for `events` in between, or until `timeout` is over. */
export async function retry(ws: number, events: number, timeout: number, call: () => number): Promise<number> {
	if (!isTimeout(timeout)) return contextOf(ws) ? -EINVAL : -EBADF;
	const end = Time.ticks + timeout;
	for (;;) {
		const result = call();
		if (result !== -EAGAIN || timeout === 0) return result;
		const left = timeout < 0 ? timeout : (end - Time.ticks) | 0;
		if (timeout > 0 && left <= 0) return result;
		const found = await websocketPoll(ws, events, left);
		if (found < 0) return found;
	}
}

/*
 * The listeners of one target (DOM §2.6, §2.8), among them its event handler attributes (HTML §8.1.8.1). Dispatching allocates nothing:
 * the list is never changed, but replaced by another one when somebody comes or goes.
 */
import { dispatching, type Event, type Target } from "websocket-web/event";

/** One of them. */
export interface Listener {
	readonly type: string;
	/** An object that cannot be called is kept by a handler attribute, and then not called. */
	callback: unknown;
	readonly capture: boolean;
	readonly once: boolean;
	/** It is the event handler attribute of its type. */
	readonly handler: boolean;
	/** While it is dispatched, a list may hold listeners that have gone. */
	removed: boolean;
}

interface Handling {
	handleEvent(event: Event): void;
}

export class Listeners {
	#list: readonly Listener[] | undefined;

	/** The event handler attribute of `type`. */
	handler(type: string): Listener | undefined {
		return this.#list?.find((listener) => listener.handler && listener.type === type);
	}

	find(type: string, callback: unknown, capture: boolean): Listener | undefined {
		return this.#list?.find(
			(listener) => !listener.handler && listener.type === type && listener.callback === callback && listener.capture === capture,
		);
	}

	add(listener: Listener): void {
		this.#list = this.#list ? [...this.#list, listener] : [listener];
	}

	remove(listener: Listener): void {
		listener.removed = true;
		const left = this.#list?.filter((other) => other !== listener);
		this.#list = left?.length ? left : undefined;
	}

	/** Calls those that there are now, for `target`. false: one said preventDefault(). */
	dispatch(target: Target, event: Event, trusted: boolean): boolean {
		const type = event.type;
		dispatching.begin(event, target, trusted);
		// As at the target of a tree: those that capture come first, and the others are the list that there is then.
		for (let pass = 0; pass < 2 && !dispatching.stopped(event); pass++) {
			const list = this.#list;
			if (list === undefined) break;
			for (let i = 0; i < list.length; i++) {
				const listener = list[i] as Listener;
				if (listener.type !== type || listener.removed || listener.capture !== (pass === 0)) continue;
				if (listener.once) this.remove(listener);
				call(listener, target, event);
				if (dispatching.stoppedNow(event)) break;
			}
		}
		return dispatching.end(event);
	}
}

function call({ callback, handler }: Listener, target: Target, event: Event): void {
	try {
		if (typeof callback === "function") {
			const result: unknown = callback.call(target, event);
			if (handler && result === false) event.preventDefault();
		} else if (!handler) (callback as Handling).handleEvent(event);
	} catch (error) {
		report(event.type, error);
	}
}

/** A listener threw. The others are called all the same, and the program goes on, as in a browser; its log has the error. */
function report(type: string, error: unknown): void {
	const stack = error instanceof Error ? error.stack : undefined;
	trace(`a listener for "${type}" threw ${error}\n`);
	if (stack) trace(`${stack}\n`);
}

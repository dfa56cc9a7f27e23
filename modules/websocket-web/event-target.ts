/* EventTarget (DOM §2.7), without a tree of them. */
import { DOMException } from "websocket-web/dom-exception";
import { dispatching, Event, type Target } from "websocket-web/event";
import { asInterface } from "websocket-web/interface";
import { Listeners } from "websocket-web/listeners";

export interface EventListenerObject<E extends Event = Event> {
	handleEvent(event: E): void;
}

/** What is called for an event. */
export type EventListener<E extends Event = Event, This = unknown> = ((this: This, event: E) => unknown) | EventListenerObject<E>;

/** What is used of an AbortSignal; XS has none, an app may bring one. */
export interface Signal {
	readonly aborted: boolean;
	addEventListener(type: "abort", listener: () => void, options?: { once: boolean }): void;
}

export interface ListenerOptions {
	/** It is called before those that do not capture, and is another listener than the same function without it. */
	capture?: boolean;
	/** It is called once, and removed. */
	once?: boolean;
	/** Without a meaning here. */
	passive?: boolean;
	/** It is removed when this is aborted. */
	signal?: Signal;
}

/** What the classes of this room do with a target, and an app must not. */
export interface Targets {
	/** Dispatches an event that is trusted. */
	fire(target: Target, event: Event): void;
	/** The value of the event handler attribute for `type`. */
	handler(target: Target, type: string): unknown;
	/** Sets it: what is no object takes it away; another function comes to the place that the old one has among the listeners. */
	setHandler(target: Target, type: string, value: unknown): void;
}

export const targets = {} as Targets;

const isObject = (value: unknown): value is object => (typeof value === "object" && value !== null) || typeof value === "function";

/** `Events`: the class of each type of event, for the compiler. */
export class EventTarget<Events extends object = Record<string, Event>> implements Target {
	// Its methods are few, and the rest is elsewhere, for an app's class that extends this one has names of its own.
	readonly #listeners = new Listeners();

	static {
		const listenersOf = (target: Target) => (target as EventTarget).#listeners;
		asInterface(EventTarget);
		targets.fire = (target, event) => listenersOf(target).dispatch(target, event, true);
		targets.handler = (target, type) => listenersOf(target).handler(type)?.callback ?? null;
		targets.setHandler = (target, type, value) => {
			const listeners = listenersOf(target);
			const handler = listeners.handler(type);
			if (!isObject(value)) {
				if (handler) listeners.remove(handler);
			} else if (handler) handler.callback = value;
			else listeners.add({ type, callback: value, capture: false, once: false, handler: true, removed: false });
		};
	}

	/** `callback` is called for each event of `type` from now on: a function, or an object with handleEvent(). The same one counts once. */
	addEventListener<Type extends keyof Events & string>(
		type: Type,
		callback: EventListener<Events[Type] & Event, this> | null,
		options?: ListenerOptions | boolean,
	): void;
	addEventListener(type: string, callback: EventListener<Event, this> | null, options?: ListenerOptions | boolean): void;
	addEventListener(type: string, callback: unknown, options?: ListenerOptions | boolean): void {
		const name = String(type);
		const settings = isObject(options) ? options : undefined;
		const capture = settings ? Boolean(settings.capture) : Boolean(options);
		const signal = settings?.signal;
		if (signal !== undefined && !isObject(signal)) throw new TypeError("signal: an AbortSignal");
		if (callback === null || callback === undefined) return;
		if (!isObject(callback)) throw new TypeError("a listener is a function, or an object with handleEvent()");
		const listeners = this.#listeners;
		if (signal?.aborted || listeners.find(name, callback, capture)) return;
		const listener = { type: name, callback, capture, once: Boolean(settings?.once), handler: false, removed: false };
		listeners.add(listener);
		signal?.addEventListener("abort", () => listeners.remove(listener), { once: true });
	}

	/** Takes back what addEventListener did with the same type, callback and `capture`. */
	removeEventListener<Type extends keyof Events & string>(
		type: Type,
		callback: EventListener<Events[Type] & Event, this> | null,
		options?: ListenerOptions | boolean,
	): void;
	removeEventListener(type: string, callback: EventListener<Event, this> | null, options?: ListenerOptions | boolean): void;
	removeEventListener(type: string, callback: unknown, options?: ListenerOptions | boolean): void {
		const capture = isObject(options) ? Boolean(options.capture) : Boolean(options);
		const listener = this.#listeners.find(String(type), callback, capture);
		if (listener) this.#listeners.remove(listener);
	}

	get [Symbol.toStringTag](): string {
		return "EventTarget";
	}

	/** Calls the listeners now. Throws an InvalidStateError for an event that is being dispatched. false: one said preventDefault(). */
	dispatchEvent(event: Event): boolean {
		if (!(event instanceof Event)) throw new TypeError("dispatchEvent takes an Event");
		if (dispatching.running(event)) throw new DOMException("the event is being dispatched", "InvalidStateError");
		return this.#listeners.dispatch(this, event, false);
	}
}

Object.freeze(targets);

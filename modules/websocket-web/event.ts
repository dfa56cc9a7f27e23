/*
 * The objects that listeners get: Event (DOM §2.2) and those of a WebSocket. One is made for each event, so they have as few fields as
 * what they say can be said with: a field is a slot.
 */
import Time from "time";
import { asInterface } from "websocket-web/interface";

/** What dispatches events; see EventTarget. */
export interface Target {
	addEventListener(type: string, callback: unknown, options?: unknown): void;
	removeEventListener(type: string, callback: unknown, options?: unknown): void;
	dispatchEvent(event: Event): boolean;
}

export interface EventInit {
	bubbles?: boolean;
	cancelable?: boolean;
	composed?: boolean;
}

const BUBBLES = 0x01;
const CANCELABLE = 0x02;
const COMPOSED = 0x04;
const CANCELED = 0x08;
const STOPPED = 0x10;
const STOPPED_NOW = 0x20;
const DISPATCHING = 0x40;
const TRUSTED = 0x80;

/** What an EventTarget does with an event, and an app must not: for event-target.ts. */
export interface Dispatching {
	/** It is being dispatched from now on, to `target`. */
	begin(event: Event, target: Target, trusted: boolean): void;
	/** Whether it goes no further: from listeners that capture to those that do not. */
	stopped(event: Event): boolean;
	/** Whether the rest of the listeners is not to hear of it. */
	stoppedNow(event: Event): boolean;
	/** It was dispatched: whether nobody said preventDefault(). */
	end(event: Event): boolean;
	/** Whether it is being dispatched now. */
	running(event: Event): boolean;
}

export const dispatching = {} as Dispatching;

export class Event {
	declare static readonly NONE: 0;
	declare static readonly CAPTURING_PHASE: 1;
	declare static readonly AT_TARGET: 2;
	declare static readonly BUBBLING_PHASE: 3;

	declare readonly NONE: 0;
	declare readonly CAPTURING_PHASE: 1;
	declare readonly AT_TARGET: 2;
	declare readonly BUBBLING_PHASE: 3;

	#flags: number;
	readonly #type: string;
	#target: Target | null = null;
	readonly #timeStamp = Time.ticks;

	static {
		asInterface(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });
		dispatching.begin = (event, target, trusted) => {
			event.#flags = (event.#flags & ~TRUSTED) | DISPATCHING | (trusted ? TRUSTED : 0);
			event.#target = target;
		};
		dispatching.stopped = (event) => (event.#flags & STOPPED) !== 0;
		dispatching.stoppedNow = (event) => (event.#flags & STOPPED_NOW) !== 0;
		dispatching.end = (event) => {
			event.#flags &= ~(DISPATCHING | STOPPED | STOPPED_NOW);
			return (event.#flags & CANCELED) === 0;
		};
		dispatching.running = (event) => (event.#flags & DISPATCHING) !== 0;
	}

	constructor(type: string, init?: EventInit) {
		if (type === undefined) throw new TypeError("an event has a type");
		this.#type = String(type);
		this.#flags = init ? (init.bubbles ? BUBBLES : 0) | (init.cancelable ? CANCELABLE : 0) | (init.composed ? COMPOSED : 0) : 0;
	}

	get type(): string {
		return this.#type;
	}

	get target(): Target | null {
		return this.#target;
	}

	get srcElement(): Target | null {
		return this.#target;
	}

	/** As there is no tree, the target itself, while its listeners are called. */
	get currentTarget(): Target | null {
		return this.#flags & DISPATCHING ? this.#target : null;
	}

	get eventPhase(): number {
		return this.#flags & DISPATCHING ? Event.AT_TARGET : Event.NONE;
	}

	composedPath(): Target[] {
		return this.#flags & DISPATCHING && this.#target ? [this.#target] : [];
	}

	get bubbles(): boolean {
		return (this.#flags & BUBBLES) !== 0;
	}

	get cancelable(): boolean {
		return (this.#flags & CANCELABLE) !== 0;
	}

	get composed(): boolean {
		return (this.#flags & COMPOSED) !== 0;
	}

	get defaultPrevented(): boolean {
		return (this.#flags & CANCELED) !== 0;
	}

	/** true: the WebSocket said it, and no dispatchEvent() of the app. */
	get isTrusted(): boolean {
		return (this.#flags & TRUSTED) !== 0;
	}

	/** Of the device's clock, in ms. */
	get timeStamp(): number {
		return this.#timeStamp;
	}

	preventDefault(): void {
		if (this.#flags & CANCELABLE) this.#flags |= CANCELED;
	}

	get cancelBubble(): boolean {
		return (this.#flags & STOPPED) !== 0;
	}

	set cancelBubble(stop: boolean) {
		if (stop) this.stopPropagation();
	}

	get returnValue(): boolean {
		return !this.defaultPrevented;
	}

	set returnValue(value: boolean) {
		if (!value) this.preventDefault();
	}

	stopPropagation(): void {
		this.#flags |= STOPPED;
	}

	get [Symbol.toStringTag](): string {
		return "Event";
	}

	/** The listeners behind this one do not hear of it. */
	stopImmediatePropagation(): void {
		this.#flags |= STOPPED | STOPPED_NOW;
	}
}

Object.freeze(dispatching);

/* The rest converts what an init has as Web IDL says: what is undefined is missing, all else becomes the type of its attribute. */

const textOf = (value: unknown) => (value === undefined ? "" : `${value}`);

export interface MessageEventInit<Data = unknown> extends EventInit {
	data?: Data;
	origin?: string;
	lastEventId?: string;
	source?: object | null;
	ports?: Iterable<object>;
}

/** The init that all messages of a WebSocket share: an event reads its data, and keeps the rest. */
export class SharedInit {
	data: unknown;
	readonly origin: string;

	constructor(origin: string) {
		this.origin = origin;
	}
}

const isShared = (init: object): init is SharedInit & MessageDetails => init instanceof SharedInit;

interface MessageDetails {
	readonly origin?: string;
	readonly lastEventId?: string;
	readonly source?: object | null;
	readonly ports?: readonly object[];
}

/** What an app's init has beside the data: a copy, for the app may change it. */
const detailsOf = ({ origin, lastEventId, source = null, ports }: MessageEventInit): MessageDetails => ({
	origin: textOf(origin),
	lastEventId: textOf(lastEventId),
	source,
	ports: ports === undefined ? NO_PORTS : Object.freeze([...ports]),
});

const NO_PORTS: readonly object[] = Object.freeze([]);

/** A message came (HTML §9.1): a string, an ArrayBuffer or a Blob. */
// biome-ignore lint/suspicious/noExplicitAny: as in the typings of browsers, so that their programs compile.
export class MessageEvent<Data = any> extends Event {
	readonly #data: Data;
	readonly #details: MessageDetails | undefined;

	static {
		asInterface(MessageEvent);
	}

	constructor(type: string, init?: MessageEventInit<Data>) {
		super(type, init);
		this.#data = (init?.data === undefined ? null : init.data) as Data;
		this.#details = init && (isShared(init) ? init : detailsOf(init));
	}

	get data(): Data {
		return this.#data;
	}

	override get [Symbol.toStringTag](): string {
		return "MessageEvent";
	}

	/** Scheme, host and port of the WebSocket's url. */
	get origin(): string {
		return this.#details?.origin ?? "";
	}

	get lastEventId(): string {
		return this.#details?.lastEventId ?? "";
	}

	/** Of a WebSocket's messages null. */
	get source(): object | null {
		return this.#details?.source ?? null;
	}

	/** Of a WebSocket's messages none. */
	get ports(): readonly object[] {
		return this.#details?.ports ?? NO_PORTS;
	}
}

export interface CloseEventInit extends EventInit {
	wasClean?: boolean;
	code?: number;
	reason?: string;
}

/** The connection ended (WebSockets §6). */
export class CloseEvent extends Event {
	readonly #wasClean: boolean;
	readonly #code: number;
	readonly #reason: string;

	static {
		asInterface(CloseEvent);
	}

	constructor(type: string, init?: CloseEventInit) {
		super(type, init);
		this.#wasClean = Boolean(init?.wasClean);
		this.#code = (init?.code ?? 0) & 0xffff;
		this.#reason = textOf(init?.reason);
	}

	override get [Symbol.toStringTag](): string {
		return "CloseEvent";
	}

	/** Whether close frames went both ways. */
	get wasClean(): boolean {
		return this.#wasClean;
	}

	/** Of the peer's close frame; 1005 if that had none, 1006 if there was no close frame. */
	get code(): number {
		return this.#code;
	}

	get reason(): string {
		return this.#reason;
	}
}

export interface ErrorEventInit extends EventInit {
	message?: string;
}

/** The connection failed. Browsers do not say why, so that a page learns nothing of the network; a device's developer may know. */
export class ErrorEvent extends Event {
	readonly #message: string;

	static {
		asInterface(ErrorEvent);
	}

	constructor(type: string, init?: ErrorEventInit) {
		super(type, init);
		this.#message = textOf(init?.message);
	}

	override get [Symbol.toStringTag](): string {
		return "ErrorEvent";
	}

	/** In words, with the HTTP status of a refusal, or the fault in the name that the protocol's tables have. */
	get message(): string {
		return this.#message;
	}
}

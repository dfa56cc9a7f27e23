/* The DOM's events, as far as they exist without a tree (DOM §2, HTML §8.1.8.1). */
import { deepEqual, equal, ok, test, throws } from "test";
import WebSocket, {
	Blob,
	CloseEvent,
	DOMException,
	ErrorEvent,
	Event,
	EventTarget,
	type ListenerOptions,
	MessageEvent,
	type Signal,
} from "websocket-web";
import { ended, idle } from "./silent";

test("listeners are called in the order in which they came, each once for however often it was added", () => {
	const target = new EventTarget();
	const seen: string[] = [];
	const a = () => seen.push("a");
	const b = { handleEvent: (event: Event) => seen.push(`b ${event.type}`) };
	target.addEventListener("x", a);
	target.addEventListener("x", b);
	target.addEventListener("x", a);
	target.addEventListener("x", a, { capture: true });
	target.addEventListener("x", a, true);
	target.addEventListener("y", () => seen.push("y"));
	target.addEventListener("x", null);
	ok(target.dispatchEvent(new Event("x")));
	// The first is the one that captures.
	deepEqual(seen, ["a", "a", "b x"]);
	target.removeEventListener("x", a);
	target.removeEventListener("x", () => {});
	target.removeEventListener("z", a);
	target.removeEventListener("x", null);
	seen.length = 0;
	target.dispatchEvent(new Event("x"));
	deepEqual(seen, ["a", "b x"]);
	target.removeEventListener("x", a, { capture: true });
	target.removeEventListener("x", b);
	seen.length = 0;
	target.dispatchEvent(new Event("x"));
	deepEqual(seen, []);
});

test("this is the target, or the object with handleEvent, which is looked up each time", () => {
	const target = new EventTarget();
	const seen: unknown[] = [];
	target.addEventListener("x", function (this: unknown) {
		seen.push(this);
	});
	const object = {
		handleEvent(this: unknown) {
			seen.push(this);
		},
	};
	target.addEventListener("x", object);
	target.dispatchEvent(new Event("x"));
	ok(seen[0] === target && seen[1] === object);
	object.handleEvent = () => seen.push("later");
	target.dispatchEvent(new Event("x"));
	equal(seen[3], "later");
	throws(() => target.addEventListener("x", 1 as unknown as null), TypeError);
});

test("who comes during an event hears the next one; who goes hears this one no more", () => {
	const target = new EventTarget();
	const seen: string[] = [];
	const late = () => seen.push("late");
	const gone = () => seen.push("gone");
	target.addEventListener("x", () => {
		seen.push("first");
		target.addEventListener("x", late);
		target.removeEventListener("x", gone);
	});
	target.addEventListener("x", gone);
	target.dispatchEvent(new Event("x"));
	deepEqual(seen, ["first"]);
	target.dispatchEvent(new Event("x"));
	deepEqual(seen, ["first", "first", "late"]);
});

test("once, also when it dispatches the same event again", () => {
	const target = new EventTarget();
	let count = 0;
	const listener = () => {
		count++;
		target.dispatchEvent(new Event("x"));
	};
	target.addEventListener("x", listener, { once: true });
	target.dispatchEvent(new Event("x"));
	equal(count, 1);
	target.addEventListener("x", listener, { once: true });
	target.removeEventListener("x", listener);
	target.dispatchEvent(new Event("x"));
	equal(count, 1);
});

/** What an app brings as an AbortSignal. */
class Aborted extends EventTarget implements Signal {
	aborted = false;
	abort() {
		this.aborted = true;
		this.dispatchEvent(new Event("abort"));
	}
}

test("a signal takes listeners away", () => {
	const target = new EventTarget();
	const signal = new Aborted();
	let count = 0;
	target.addEventListener("x", () => count++, { signal: signal as Signal });
	target.addEventListener("x", () => count++);
	target.dispatchEvent(new Event("x"));
	equal(count, 2);
	signal.abort();
	target.dispatchEvent(new Event("x"));
	equal(count, 3);
	target.addEventListener("x", () => count++, { signal: signal as Signal });
	target.dispatchEvent(new Event("x"));
	equal(count, 4);
	throws(() => target.addEventListener("x", () => {}, { signal: null } as unknown as ListenerOptions), TypeError);
});

test("a listener that throws keeps no other one from being called", () => {
	const target = new EventTarget();
	const seen: string[] = [];
	target.addEventListener("x", () => {
		throw new Error("expected: a listener's");
	});
	target.addEventListener("x", {} as { handleEvent(): void });
	target.addEventListener("x", () => {
		throw undefined;
	});
	target.addEventListener("x", () => seen.push("called"));
	ok(target.dispatchEvent(new Event("x")));
	deepEqual(seen, ["called"]);
});

test("an event while it is dispatched, and after", () => {
	const target = new EventTarget();
	const event = new Event("x");
	deepEqual([event.target, event.currentTarget, event.eventPhase, event.isTrusted], [null, null, Event.NONE, false]);
	let calls = 0;
	target.addEventListener("x", (heard) => {
		calls++;
		ok(heard === event);
		ok(event.target === target && event.currentTarget === target && event.srcElement === target);
		equal(event.eventPhase, event.AT_TARGET);
		ok(event.composedPath()[0] === target);
		equal(event.isTrusted, false);
		const error = throws(() => target.dispatchEvent(event), DOMException) as DOMException;
		equal(error.name, "InvalidStateError");
	});
	target.dispatchEvent(event);
	ok(event.target === target);
	deepEqual([event.currentTarget, event.eventPhase], [null, Event.NONE]);
	deepEqual(event.composedPath(), []);
	target.dispatchEvent(event);
	equal(calls, 2);
	throws(() => target.dispatchEvent({ type: "x" } as Event), TypeError);
	throws(() => new (Event as unknown as new () => Event)(), TypeError);
	for (const name of ["type", "target", "isTrusted"])
		throws(() => {
			(event as unknown as Record<string, unknown>)[name] = 1;
		}, TypeError);
});

test("listeners that capture come first, and stopPropagation keeps an event from those that do not", () => {
	const target = new EventTarget();
	const seen: string[] = [];
	let stop = false;
	target.addEventListener("x", () => seen.push("late"));
	const capture = (event: Event) => {
		seen.push(`capture ${event.eventPhase}`);
		if (stop) event.stopPropagation();
		else target.addEventListener("x", () => seen.push("new"), { once: true });
	};
	target.addEventListener("x", capture, true);
	target.addEventListener("x", () => seen.push("capture, too"), true);
	target.dispatchEvent(new Event("x"));
	deepEqual(seen, ["capture 2", "capture, too", "late", "new"]);
	stop = true;
	seen.length = 0;
	const event = new Event("x");
	target.dispatchEvent(event);
	deepEqual(seen, ["capture 2", "capture, too"]);
	equal(event.cancelBubble, false);
	// Stopped before it began.
	seen.length = 0;
	event.stopPropagation();
	ok(target.dispatchEvent(event));
	deepEqual(seen, []);
});

test("stopImmediatePropagation and preventDefault", () => {
	const target = new EventTarget();
	const seen: string[] = [];
	target.addEventListener("x", (event) => {
		seen.push("1");
		event.preventDefault();
		event.stopPropagation();
	});
	target.addEventListener("x", (event) => {
		seen.push("2");
		event.stopImmediatePropagation();
	});
	target.addEventListener("x", () => seen.push("3"));
	const event = new Event("x", { cancelable: true, bubbles: true });
	equal(target.dispatchEvent(event), false);
	deepEqual(seen, ["1", "2"]);
	deepEqual([event.defaultPrevented, event.cancelable, event.bubbles, event.composed, event.returnValue], [true, true, true, false, false]);
	const firm = new Event("x");
	equal(target.dispatchEvent(firm), true);
	equal(firm.defaultPrevented, false);
});

test("the events of a WebSocket can be made by an app, too", () => {
	const message = new MessageEvent("message", { data: [1], origin: "ws://h", lastEventId: "7" });
	ok(message instanceof Event);
	deepEqual(message.data, [1]);
	deepEqual([message.origin, message.lastEventId, message.source, message.type], ["ws://h", "7", null, "message"]);
	deepEqual(message.ports, []);
	const bare = new MessageEvent("message");
	deepEqual([bare.data, bare.origin, bare.lastEventId], [null, "", ""]);
	const close = new CloseEvent("close", { code: 4000, reason: "r", wasClean: true });
	deepEqual([close.code, close.reason, close.wasClean], [4000, "r", true]);
	const none = new CloseEvent("close");
	deepEqual([none.code, none.reason, none.wasClean], [0, "", false]);
	equal([new Event("x"), bare, none, new ErrorEvent("x"), new EventTarget(), new DOMException()].map(tagOf).join(), TAGS);
	equal(new ErrorEvent("error", { message: "m" }).message, "m");
	equal(new ErrorEvent("error").message, "");
});

test("what their inits have is converted, and copied", () => {
	const port = {};
	const source = {};
	const ports = [port];
	const init = { origin: "ws://h", lastEventId: 7 as unknown as string, source, ports };
	const message = new MessageEvent("message", init);
	init.origin = "changed";
	ports.length = 0;
	deepEqual([message.origin, message.lastEventId, message.ports.length], ["ws://h", "7", 1]);
	ok(message.source === source && message.ports[0] === port);
	ok(Object.isFrozen(message.ports) && Object.isFrozen(new MessageEvent("message").ports));
	const nulls = new MessageEvent("message", { data: null, origin: null as unknown as string, source: null });
	deepEqual([nulls.data, nulls.origin, nulls.lastEventId, nulls.source], [null, "null", "", null]);
	equal(new MessageEvent("message", null as unknown as undefined).origin, "");
	throws(() => new MessageEvent("message", { ports: 1 as unknown as [] }), TypeError);
	const close = (more: object) => new CloseEvent("close", more);
	deepEqual(
		[1, "x", {}, 0, "", null, undefined].map((wasClean) => close({ wasClean }).wasClean),
		[true, true, true, false, false, false, false],
	);
	deepEqual(
		["7", 65_536 + 1000, -1, null, undefined].map((code) => close({ code }).code),
		[7, 1000, 65_535, 0, 0],
	);
	deepEqual(
		[null, 7, undefined].map((reason) => close({ reason }).reason),
		["null", "7", ""],
	);
	equal(new ErrorEvent("error", { message: null as unknown as string }).message, "null");
});

test("attributes of events are their class's, and stay", () => {
	const attributes = (event: Event, ...names: string[]) => {
		const object = event as unknown as Record<string, unknown>;
		const holder = Object.getPrototypeOf(event);
		for (const name of names) {
			const before = object[name];
			ok(Object.hasOwn(holder, name) && !Object.hasOwn(event, name), name);
			throws(() => {
				object[name] = "changed";
			}, TypeError);
			ok(delete object[name]);
			equal(object[name], before);
			throws(() => holder[name], TypeError);
		}
	};
	attributes(new CloseEvent("close", { code: 4000, reason: "r", wasClean: true }), "wasClean", "code", "reason");
	attributes(new ErrorEvent("error", { message: "m" }), "message");
	attributes(new MessageEvent("message", { data: 1 }), "data", "origin", "lastEventId", "source", "ports");
	for (const holder of [Event, Event.prototype, new Event("x")] as unknown as Record<string, number>[]) {
		deepEqual([holder.NONE, holder.CAPTURING_PHASE, holder.AT_TARGET, holder.BUBBLING_PHASE], [0, 1, 2, 3]);
		throws(() => {
			holder.AT_TARGET = 7;
		}, TypeError);
	}
});

test("members are enumerable, as an interface's", async () => {
	const namesOf = (object: object) => {
		const names: string[] = [];
		for (const name in object) names.push(name);
		return names;
	};
	const has = (object: object, ...expected: string[]) => {
		const names = namesOf(object);
		for (const name of expected) ok(names.includes(name), name);
		ok(!names.includes("constructor"));
	};
	const event = ["type", "target", "isTrusted", "preventDefault", "AT_TARGET"];
	has(new MessageEvent("message"), "data", "origin", "ports", ...event);
	has(new CloseEvent("close"), "code", "reason", "wasClean", ...event);
	has(new ErrorEvent("error"), "message", ...event);
	has(new DOMException(), "code", "ABORT_ERR");
	has(new Blob(), "size", "type", "slice", "text");
	const ws = idle("ws://h/");
	has(ws, "url", "readyState", "onmessage", "send", "close", "addEventListener", "OPEN");
	await ended(ws);
	// So that what a program makes of an event is the same.
	const close = new CloseEvent("close", { code: 4000, reason: "r", wasClean: true });
	const again = new CloseEvent(close.type, close);
	deepEqual([again.code, again.reason, again.wasClean], [4000, "r", true]);
	class Room extends EventTarget {
		enter() {}
	}
	deepEqual(namesOf(new Room()), namesOf(new EventTarget()));
});

test("DOMException has the codes and constants of Web IDL", () => {
	for (const [code, name, constant] of [
		[1, "IndexSizeError", "INDEX_SIZE_ERR"],
		[3, "HierarchyRequestError", "HIERARCHY_REQUEST_ERR"],
		[4, "WrongDocumentError", "WRONG_DOCUMENT_ERR"],
		[5, "InvalidCharacterError", "INVALID_CHARACTER_ERR"],
		[7, "NoModificationAllowedError", "NO_MODIFICATION_ALLOWED_ERR"],
		[8, "NotFoundError", "NOT_FOUND_ERR"],
		[9, "NotSupportedError", "NOT_SUPPORTED_ERR"],
		[10, "InUseAttributeError", "INUSE_ATTRIBUTE_ERR"],
		[11, "InvalidStateError", "INVALID_STATE_ERR"],
		[12, "SyntaxError", "SYNTAX_ERR"],
		[13, "InvalidModificationError", "INVALID_MODIFICATION_ERR"],
		[14, "NamespaceError", "NAMESPACE_ERR"],
		[15, "InvalidAccessError", "INVALID_ACCESS_ERR"],
		[17, "TypeMismatchError", "TYPE_MISMATCH_ERR"],
		[18, "SecurityError", "SECURITY_ERR"],
		[19, "NetworkError", "NETWORK_ERR"],
		[20, "AbortError", "ABORT_ERR"],
		[21, "URLMismatchError", "URL_MISMATCH_ERR"],
		[22, "QuotaExceededError", "QUOTA_EXCEEDED_ERR"],
		[23, "TimeoutError", "TIMEOUT_ERR"],
		[24, "InvalidNodeTypeError", "INVALID_NODE_TYPE_ERR"],
		[25, "DataCloneError", "DATA_CLONE_ERR"],
		[2, undefined, "DOMSTRING_SIZE_ERR"],
		[6, undefined, "NO_DATA_ALLOWED_ERR"],
		[16, undefined, "VALIDATION_ERR"],
	] as const) {
		const error = new DOMException("m", name);
		equal(error.code, name ? code : 0, name);
		for (const holder of [DOMException, DOMException.prototype, error] as unknown as Record<string, number>[]) {
			equal(holder[constant], code, constant);
			throws(() => {
				holder[constant] = 0;
			}, TypeError);
		}
	}
	for (const name of ["Error", "NotAllowedError", "toString", "undefined", ""]) equal(new DOMException("m", name).code, 0, name);
	const error = new DOMException();
	deepEqual([error.name, error.message, error.code], ["Error", "", 0]);
});

const TAGS = "Event,MessageEvent,CloseEvent,ErrorEvent,EventTarget,DOMException";
const tagOf = (object: object) => Object.prototype.toString.call(object).slice("[object ".length, -1);

test("an app's class extends EventTarget, with methods of its own names", () => {
	class Room extends EventTarget<{ enter: MessageEvent<string> }> {
		seen: string[] = [];
		add(name: string) {
			this.dispatchEvent(new MessageEvent("enter", { data: name }));
		}
		remove() {}
		find() {}
		dispatch() {}
	}
	const room = new Room();
	room.addEventListener("enter", function (event) {
		this.seen.push(event.data);
	});
	room.add("kitchen");
	deepEqual(room.seen, ["kitchen"]);
});

test("a handler attribute has its place among the listeners from when it was first set", async () => {
	const ws = idle("ws://h/");
	const seen: string[] = [];
	const fire = (expected: string) => {
		seen.length = 0;
		ws.dispatchEvent(new Event("open"));
		equal(seen.join(), expected);
	};
	ws.addEventListener("open", () => seen.push("1"));
	ws.onopen = () => seen.push("a");
	ws.addEventListener("open", () => seen.push("2"));
	fire("1,a,2");
	const b = () => seen.push("b");
	ws.onopen = b;
	ok(ws.onopen === b);
	fire("1,b,2");
	ws.onopen = null;
	equal(ws.onopen, null);
	fire("1,2");
	ws.onopen = b;
	fire("1,2,b");
	// The same function may be a listener, too.
	ws.addEventListener("open", b);
	fire("1,2,b,b");
	ws.removeEventListener("open", b);
	fire("1,2,b");
	await ended(ws);
});

test("what is no function: objects are kept and not called, others are null", async () => {
	const ws = idle("ws://h/");
	const object = { handleEvent: () => ok(false) } as unknown as () => void;
	ws.onmessage = object;
	ok(ws.onmessage === object);
	ws.dispatchEvent(new MessageEvent("message"));
	for (const value of [1, "x", true, undefined, Symbol.iterator]) {
		ws.onmessage = object;
		ws.onmessage = value as unknown as null;
		equal(ws.onmessage, null);
	}
	await ended(ws);
});

test("a handler is called with its WebSocket, and cancels by giving false", async () => {
	const ws = idle("ws://h/");
	let self: unknown;
	ws.onerror = function () {
		self = this;
		return false;
	};
	equal(ws.dispatchEvent(new ErrorEvent("error", { cancelable: true })), false);
	ok(self === ws);
	ws.addEventListener("close", () => false);
	equal(ws.dispatchEvent(new CloseEvent("close", { cancelable: true })), true);
	await ended(ws);
});

test("events that an app dispatches change nothing", async () => {
	const ws = idle("ws://h/");
	ws.dispatchEvent(new Event("open"));
	ws.dispatchEvent(new CloseEvent("close"));
	equal(ws.readyState, WebSocket.CONNECTING);
	await ended(ws);
	equal(ws.readyState, WebSocket.CLOSED);
});

/*
 * The harness on the device. Tests run one after the other, in the order they were declared; each one is reported by a line
 * that tools/test-device.ts reads. A test that asserts nothing fails, for it would pass whatever the code did.
 */
import { exit } from "device";

type Body = () => void | Promise<void>;
/** What an error must be: matching text, containing text, or of a class. */
export type Matcher = RegExp | string | (new (...parameters: never[]) => object);

const tests: { name: string; body: Body }[] = [];
let assertions = 0;

/** Declares a test. All are declared before the first one runs, so not after an `await`. */
export function test(name: string, body: Body): void {
	if (tests.length === 0) Promise.resolve().then(run);
	tests.push({ name, body });
}

async function run(): Promise<void> {
	let failed = 0;
	for (const { name, body } of tests) {
		trace(`@start ${JSON.stringify({ name })}\n`);
		const start = Date.now();
		let error: string | undefined;
		assertions = 0;
		try {
			await body();
			if (assertions === 0) error = "the test asserts nothing";
		} catch (thrown) {
			error = text(thrown);
		}
		if (error !== undefined) failed++;
		trace(`@test ${JSON.stringify({ name, ms: Date.now() - start, assertions, error })}\n`);
	}
	trace("@end\n");
	exit(failed ? 1 : 0);
}

/** An error with its stack where the build has one. */
function text(thrown: unknown): string {
	if (!(thrown instanceof Error)) return `thrown: ${show(thrown)}`;
	const stack = thrown.stack;
	if (!stack) return String(thrown);
	return stack.includes(thrown.message) ? stack : `${thrown}\n${stack}`;
}

function check(passed: boolean, message: string): void {
	assertions++;
	if (!passed) throw new Error(message);
}

export function ok(value: unknown, message?: string): asserts value {
	check(Boolean(value), message ?? `${show(value)} is not true`);
}

/** Object.is: NaN equals itself, 0 and -0 differ. */
export function equal<T>(actual: T, expected: T, message = ""): void {
	check(Object.is(actual, expected), `${message && `${message}: `}${show(actual)} is not ${show(expected)}`);
}

/** Arrays, typed arrays, buffers and objects by what is in them, recursively. */
export function deepEqual<T>(actual: T, expected: T, message = ""): void {
	const difference = differs(actual, expected, "");
	check(difference === undefined, `${message && `${message}: `}${difference}`);
}

export function fail(message: string): never {
	check(false, message);
	throw new Error(message);
}

/** Returns what was thrown. */
export function throws(body: () => unknown, matcher?: Matcher): unknown {
	let thrown: unknown = nothing;
	let result: unknown;
	try {
		result = body();
	} catch (error) {
		thrown = error;
	}
	if (result instanceof Promise) fail("throws got an async function: use rejects");
	return matches(thrown, matcher, "nothing was thrown");
}

/** Awaits a promise, or a function's, and returns what it was rejected with. */
export async function rejects(body: Promise<unknown> | (() => Promise<unknown>), matcher?: Matcher): Promise<unknown> {
	let thrown: unknown = nothing;
	try {
		await (typeof body === "function" ? body() : body);
	} catch (error) {
		thrown = error;
	}
	return matches(thrown, matcher, "nothing was rejected");
}

const nothing = Object.freeze({});

function matches(thrown: unknown, matcher: Matcher | undefined, without: string): unknown {
	if (thrown === nothing) fail(without);
	const words = String(thrown);
	const fits =
		matcher === undefined ||
		(typeof matcher === "string" ? words.includes(matcher) : matcher instanceof RegExp ? matcher.test(words) : thrown instanceof matcher);
	check(fits, `thrown was ${words}, not ${typeof matcher === "function" ? "of the expected class" : String(matcher)}`);
	return thrown;
}

function differs(actual: unknown, expected: unknown, path: string): string | undefined {
	if (Object.is(actual, expected)) return undefined;
	const where = path ? `at ${path}: ` : "";
	if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null)
		return `${where}${show(actual)} is not ${show(expected)}`;
	if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return `${where}the classes differ`;
	if (actual instanceof ArrayBuffer) return differs(new Uint8Array(actual), new Uint8Array(expected as ArrayBuffer), path);
	if (actual instanceof Error) return differs(String(actual), String(expected), path);
	if (actual instanceof Map || actual instanceof Set)
		return differs(Array.from(actual as Iterable<unknown>), Array.from(expected as Iterable<unknown>), path);
	const a = actual as Record<string, unknown>;
	const b = expected as Record<string, unknown>;
	// Typed arrays by index: Object.keys would make a string of each.
	const length = ArrayBuffer.isView(actual) || Array.isArray(actual) ? (a.length as unknown as number) : undefined;
	if (length !== undefined && !(actual instanceof DataView)) {
		if (length !== (b.length as unknown as number))
			return `${where}the lengths are ${length} and ${b.length}: ${show(actual)}, ${show(expected)}`;
		for (let index = 0; index < length; index++) {
			if (Object.is(a[index], b[index])) continue;
			const difference = differs(a[index], b[index], `${path}[${index}]`);
			if (difference) return difference;
		}
		return undefined;
	}
	const names = Object.keys(a);
	for (const name of Object.keys(b)) if (!(name in a)) names.push(name);
	for (const name of names) {
		const difference = differs(a[name], b[name], `${path}.${name}`);
		if (difference) return difference;
	}
	return undefined;
}

/** A value in a message; long ones are cut, for the device's memory is small. */
function show(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
	if (typeof value === "bigint") return `${value}n`;
	if (Object.is(value, -0)) return "-0";
	if (value instanceof ArrayBuffer) return show(new Uint8Array(value));
	if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
		const items = value as Uint8Array;
		let result = "";
		for (let index = 0; index < items.length && index < 32; index++) result += `${index ? "," : ""}${items[index]}`;
		return `<${result}${items.length > 32 ? `,… ${items.length} in all` : ""}>`;
	}
	if (typeof value === "object" && value !== null && !(value instanceof Error)) {
		try {
			const result = JSON.stringify(value);
			return result.length > 200 ? `${result.slice(0, 200)}…` : result;
		} catch {
			return "an object";
		}
	}
	return String(value);
}

/*
 * DOMException (Web IDL §4.3) as far as this room throws it. Its name is defined and not assigned: on XS, where built-ins are frozen,
 * assigning would find the read-only one of Error.prototype, and throw.
 */

/** The legacy codes; other names have 0. */
const CODES: Readonly<Record<string, number>> = Object.freeze({
	NotSupportedError: 9,
	InvalidStateError: 11,
	SyntaxError: 12,
	InvalidAccessError: 15,
	SecurityError: 18,
	NetworkError: 19,
	AbortError: 20,
});

/** What the web's APIs throw: `name` says what is wrong, `message` how to do it right. */
export class DOMException extends Error {
	static readonly NOT_SUPPORTED_ERR = 9;
	static readonly INVALID_STATE_ERR = 11;
	static readonly SYNTAX_ERR = 12;
	static readonly INVALID_ACCESS_ERR = 15;
	static readonly SECURITY_ERR = 18;
	static readonly NETWORK_ERR = 19;
	static readonly ABORT_ERR = 20;
	constructor(message = "", name = "Error") {
		super(message);
		Object.defineProperty(this, "name", { value: String(name), configurable: true });
	}

	get [Symbol.toStringTag](): string {
		return "DOMException";
	}

	get code(): number {
		return CODES[this.name] ?? 0;
	}
}

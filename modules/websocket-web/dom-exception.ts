/*
 * DOMException (Web IDL §4.3). Its name is defined and not assigned: on XS, where built-ins are frozen, assigning would find the read-only
 * one of Error.prototype, and throw.
 */
import { asInterface } from "websocket-web/interface";

const CODES = Object.freeze({
	INDEX_SIZE_ERR: 1,
	DOMSTRING_SIZE_ERR: 2,
	HIERARCHY_REQUEST_ERR: 3,
	WRONG_DOCUMENT_ERR: 4,
	INVALID_CHARACTER_ERR: 5,
	NO_DATA_ALLOWED_ERR: 6,
	NO_MODIFICATION_ALLOWED_ERR: 7,
	NOT_FOUND_ERR: 8,
	NOT_SUPPORTED_ERR: 9,
	INUSE_ATTRIBUTE_ERR: 10,
	INVALID_STATE_ERR: 11,
	SYNTAX_ERR: 12,
	INVALID_MODIFICATION_ERR: 13,
	NAMESPACE_ERR: 14,
	INVALID_ACCESS_ERR: 15,
	VALIDATION_ERR: 16,
	TYPE_MISMATCH_ERR: 17,
	SECURITY_ERR: 18,
	NETWORK_ERR: 19,
	ABORT_ERR: 20,
	URL_MISMATCH_ERR: 21,
	QUOTA_EXCEEDED_ERR: 22,
	TIMEOUT_ERR: 23,
	INVALID_NODE_TYPE_ERR: 24,
	DATA_CLONE_ERR: 25,
} as const);

/** The names that have a code (§2.8.1), the first of them 1. Where there is none, the code has a constant only. */
const NAMES: readonly (string | undefined)[] = Object.freeze([
	"IndexSizeError",
	undefined,
	"HierarchyRequestError",
	"WrongDocumentError",
	"InvalidCharacterError",
	undefined,
	"NoModificationAllowedError",
	"NotFoundError",
	"NotSupportedError",
	"InUseAttributeError",
	"InvalidStateError",
	"SyntaxError",
	"InvalidModificationError",
	"NamespaceError",
	"InvalidAccessError",
	undefined,
	"TypeMismatchError",
	"SecurityError",
	"NetworkError",
	"AbortError",
	"URLMismatchError",
	"QuotaExceededError",
	"TimeoutError",
	"InvalidNodeTypeError",
	"DataCloneError",
]);

type Codes = typeof CODES;

/** Error, for the compiler with the constants that are defined below. */
const Base = Error as unknown as Codes & (new (message?: string) => Error & Codes);

/** What the web's APIs throw: `name` says what is wrong, `message` how to do it right. */
export class DOMException extends Base {
	static {
		asInterface(DOMException, CODES);
	}

	constructor(message = "", name = "Error") {
		super(message);
		Object.defineProperty(this, "name", { value: String(name), configurable: true });
	}

	get [Symbol.toStringTag](): string {
		return "DOMException";
	}

	/** Of the names that had numbers once; others have 0. */
	get code(): number {
		return NAMES.indexOf(this.name) + 1;
	}
}

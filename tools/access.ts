/* The way to the broker, as npm start's settings say it: for the person at the keys, who goes the same way as the device. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Failure } from "./failure.ts";
import { currentDirectory } from "./repository.ts";

export interface Access {
	/** Without a user and a password. */
	url: string;
	user: string;
	password: string;
	/** PEM, or "" for the CAs that Node knows. */
	ca: string;
}

/** TLS, whatever else is wrong with the url. */
export const isSecure = (url: string): boolean => /^(wss|mqtts):/.test(url);

/** undefined if this is no way to go: the device says what is wrong with it. `ca` is PEM. */
export function readAccess(url: string, ca: string, setting: (key: string) => string): Access | undefined {
	if (!/^(wss?|mqtts?):\/\/\S+$/.test(url) || !URL.canParse(url)) return undefined;
	const parsed = new URL(url);
	const inside = Boolean(parsed.username || parsed.password);
	if (inside && !isSecure(url) && setting("insecurePassword") !== "yes") return undefined;
	try {
		const login = inside
			? { user: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password) }
			: { user: setting("user"), password: setting("password") };
		parsed.username = parsed.password = "";
		return { url: parsed.href, ...login, ca };
	} catch {
		return undefined;
	}
}

/** The CA in a file, as PEM, whatever it is in there. */
export function readCa(path: string): string {
	let bytes: Buffer;
	try {
		bytes = readFileSync(resolve(currentDirectory, path));
	} catch (error) {
		throw new Failure(`ca=${path}: ${(error as Error).message}; it is the file of the broker's CA, in PEM or DER`);
	}
	const text = bytes.toString("latin1");
	const begin = text.indexOf("-----BEGIN CERTIFICATE-----");
	if (begin >= 0) return text.slice(begin);
	// DER is a SEQUENCE whose length takes two bytes.
	if (bytes[0] !== 0x30 || bytes[1] !== 0x82)
		throw new Failure(`ca=${path}: no certificate in there; it is the broker's CA, in PEM or DER`);
	const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
	return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/* Command lines: --name, --name value, --name=value, key=value for mc/config, and paths (which may hold a "="). */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UsageFailure } from "./failure.ts";
import type { JsonObject } from "./json.ts";
import { currentDirectory } from "./repository.ts";

export interface CommandLine {
	flags: Set<string>;
	values: Map<string, string>;
	config: JsonObject;
	paths: string[];
}

/** `flags` stand alone, `values` want one. */
export function readCommandLine(tool: string, args: string[], flags: string[], values: string[]): CommandLine {
	const line: CommandLine = { flags: new Set(), values: new Map(), config: {}, paths: [] };
	for (let index = 0; index < args.length; index++) {
		const argument = args[index] ?? "";
		const equals = argument.indexOf("=");
		if (argument.startsWith("-")) {
			const name = equals < 0 ? argument : argument.slice(0, equals);
			if (flags.includes(name) && equals < 0) line.flags.add(name);
			else if (values.includes(name)) {
				const value = equals < 0 ? args[++index] : argument.slice(equals + 1);
				if (value === undefined || value === "") throw new UsageFailure(`${name} needs a value`, tool);
				line.values.set(name, value);
			} else throw new UsageFailure(`unknown option ${argument}`, tool);
		} else if (equals > 0 && !existsSync(resolve(currentDirectory, argument))) {
			const key = argument.slice(0, equals);
			if (key === "__proto__") throw new UsageFailure(`"${key}" is no name for a value of mc/config`, tool);
			line.config[key] = argument.slice(equals + 1);
		} else line.paths.push(argument);
	}
	return line;
}

export function wholeNumber(tool: string, name: string, text: string | undefined, minimum: number, maximum: number): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
	throw new UsageFailure(`${name} must be a whole number from ${minimum} to ${maximum}, not "${text}"`, tool);
}

/* How XS turns the specifier of an import into the name of a module. */
import { posix } from "node:path";

export const withoutExtension = (name: string) => name.replace(/\.(?:js|mjs|ts)$/, "");

export const isRelative = (specifier: string) => /^\.\.?\//.test(specifier);

/**
 * As fxFindModule in hosts/shared/link.c has it: relative ones are resolved against the importing module's name, "moddable:x" is x, an
 * extension does not count, and all others are names.
 */
export function resolveSpecifier(specifier: string, importer: string): string {
	if (isRelative(specifier)) return withoutExtension(posix.join("/", posix.dirname(importer), specifier).slice(1));
	return withoutExtension(specifier.replace(/^moddable:/, ""));
}

/* How XS turns the specifier of an import into the name of a module. */
import { posix } from "node:path";

export const withoutExtension = (name: string) => name.replace(/\.(?:js|mjs|ts)$/, "");

export const isRelative = (specifier: string) => /^\.\.?\//.test(specifier);

/** Relative ones are resolved against the importing module's name; the others are names. An extension does not count. */
export function resolveSpecifier(specifier: string, importer: string): string {
	if (isRelative(specifier)) return withoutExtension(posix.join("/", posix.dirname(importer), specifier).slice(1));
	return withoutExtension(specifier.startsWith("/") ? specifier.slice(1) : specifier);
}

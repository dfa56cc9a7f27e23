/* From an app to a link file: compile, build its C, check, write. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type App, appName } from "./app.ts";
import { compile } from "./compile.ts";
import type { Variant } from "./device-build.ts";
import { note } from "./failure.ts";
import { type LinkOptions, link } from "./link.ts";
import { buildNatives } from "./natives.ts";
import { build } from "./repository.ts";

/**
 * Calls `use` with the link file, which lives as long as the call: two runs of one app may have two configurations. `variant` is that of
 * the Linux device; without one, the app's C is no part of the link file.
 */
export async function withLinkFile<T>(
	app: App,
	variant: Variant | undefined,
	options: Omit<LinkOptions, "folder" | "native">,
	use: (linkFile: string, scriptOf: (source: string) => string) => Promise<T>,
): Promise<T> {
	for (const text of app.notes) note(text);
	const scriptOf = await compile(app.modules.values(), app.compilerOptions);
	const native = variant && (await buildNatives(app, variant));
	mkdirSync(join(build, "runs"), { recursive: true });
	const folder = mkdtempSync(join(build, "runs", `${appName(app)}-`));
	try {
		return await use(await link(app, scriptOf, { ...options, folder, native }), scriptOf);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

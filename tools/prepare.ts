/* From an app to a link file: compile, build its C, check, write. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type App, appName } from "./app.ts";
import { compile } from "./compile.ts";
import type { Variant } from "./device-build.ts";
import { note } from "./failure.ts";
import type { JsonObject } from "./json.ts";
import { link } from "./link.ts";
import { buildNatives } from "./natives.ts";
import { build } from "./repository.ts";

/** Calls `use` with the link file, which lives as long as the call: two runs of one app may have two configurations. */
export async function withLinkFile<T>(
	app: App,
	variant: Variant,
	options: { config?: JsonObject; heapBytes?: number },
	use: (linkFile: string) => Promise<T>,
): Promise<T> {
	for (const text of app.notes) note(text);
	const scriptOf = await compile(app.modules.values(), app.compilerOptions);
	const native = await buildNatives(app, variant);
	mkdirSync(join(build, "runs"), { recursive: true });
	const folder = mkdtempSync(join(build, "runs", `${appName(app)}-`));
	try {
		return await use(await link(app, scriptOf, { ...options, folder, native }));
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

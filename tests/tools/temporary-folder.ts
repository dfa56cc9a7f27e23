/* A folder of files for one test, gone after it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

/** Strings are written as they are, anything else as JSON. */
export function temporaryFolder(context: TestContext, files: Record<string, unknown>): string {
	const folder = mkdtempSync(join(tmpdir(), "xs-websocket-"));
	context.after(() => rmSync(folder, { recursive: true, force: true }));
	for (const [name, content] of Object.entries(files)) {
		const path = join(folder, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, "\t"));
	}
	return folder;
}

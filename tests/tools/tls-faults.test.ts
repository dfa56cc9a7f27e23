/* The table of TLS faults in modules/transport/README.md is that of the code, word for word. */
import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../tools/repository.ts";

const read = (name: string) => readFileSync(join(root, "modules", "transport", name), "utf8");

test("README.md has each TLS fault with its errno and its meaning, in the order of the code, and no other", () => {
	const row = /^\tfault\("(\w+)", (\w+), "(.+)"\),$/gm;
	const faults = [...read("tls-faults.ts").matchAll(row)].map(([, name, errno, meaning]) => `${name} ${errno} ${meaning}`);
	const documented = [...read("README.md").matchAll(/^\| `([A-Z_]+)` \| `(E[A-Z]+)` \| (.+) \|$/gm)].map(([, ...cells]) => cells.join(" "));
	ok(faults.length > 10);
	deepEqual(documented, faults);
});

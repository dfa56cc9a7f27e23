/* Compiles libwebsockets.c and starts it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../../tools/repository.ts";
import { startChild, temporaryFolder } from "./child.peer.ts";

const program = join(temporaryFolder("libwebsockets"), "echo");
const source = join(root, "tests", "conformance", "servers", "libwebsockets.c");
const flags = ["-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror"];
const { status, stderr, error } = spawnSync("gcc", [...flags, source, "-lwebsockets", "-o", program], { encoding: "utf8" });
if (status !== 0) throw new Error(`gcc: ${error?.message ?? stderr}`);
const port = await startChild([program], (line) => (/^\d+$/.test(line) ? Number(line) : undefined));
console.log(JSON.stringify({ port }));

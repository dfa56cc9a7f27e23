import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../../tools/repository.ts";
import { startChild } from "./child.peer.ts";

// Debian's package is for Debian's Python, which need not be the first one.
const python = ["python3", "/usr/bin/python3"].find((name) => spawnSync(name, ["-c", "import websockets"]).status === 0) ?? "python3";
const script = join(root, "tests", "conformance", "servers", "python.py");
const port = await startChild([python, script], (line) => (/^\d+$/.test(line) ? Number(line) : undefined));
console.log(JSON.stringify({ port }));

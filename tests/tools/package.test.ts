/* The package as npm would publish it, in the node_modules of an app that never saw this repository. */
import { equal, match } from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { startEchoServer } from "./echo-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const device = (...args: string[]) => capture(process.execPath, [join(root, "tools", "bootstrap.mjs"), "device", ...args]);

const include = [
	"$(MODDABLE)/examples/manifest_base.json",
	"$(MODDABLE)/examples/manifest_net.json",
	"node_modules/xs-websocket/modules/websocket/manifest.json",
	"node_modules/xs-websocket/modules/transport/manifest.json",
];
const main = `import config from "mc/config";
import { Socket } from "socket";
import { SocketTransport } from "transport/socket";
import { websocketConnect, websocketDisconnect } from "websocket";
const transport = new SocketTransport(new Socket({ host: "127.0.0.1", port: Number(config.port) }));
const ws = await websocketConnect(transport, {
	host: \`127.0.0.1:\${config.port}\`,
	url: "/",
	tmpBuf: new Uint8Array(512),
	txBuf: new Uint8Array(272),
	onClose: (_ws, _error, { code }) => {
		trace(\`closed: \${code}\\n\`);
		transport.close();
	},
}, 10_000);
trace(\`open: \${ws >= 0}\\n\`);
websocketDisconnect(ws);
`;
const files = { "manifest.json": { include, modules: { "*": "./main" } }, "main.ts": main, "node_modules/placeholder": "" };

test("the packed files are all that a manifest's include needs", async (context) => {
	const folder = temporaryFolder(context, files);
	const { stdout, status } = await capture("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
	equal(status, 0);
	const archive = join(folder, stdout.trim().split("\n").pop() ?? "");
	const to = join(folder, "node_modules");
	equal((await capture("tar", ["-xzf", archive, "-C", to, "--transform", "s,^package,xs-websocket,"])).status, 0);
	const server = await startEchoServer();
	context.after(() => server.close());
	const outcome = await device(folder, `port=${new URL(server.url).port}`);
	equal(outcome.stdout, "open: true\nclosed: 1000\n", outcome.stderr);
	equal(outcome.stderr, "");
});

test("an editor finds the modules, and websocket is not the SDK's", async (context) => {
	const doors = {
		websocket: "websocketConnect",
		"websocket-web": "default",
		"websocket-client": "default",
		"websocket-classic": "Client",
		mqtt: "mqttConnect",
		"transport/socket": "SocketTransport",
		"transport/tcp": "TcpTransport",
		"transport/tls": "TlsTransport",
	};
	const imports = Object.entries(doors).map(([name, what], index) => `import { ${what} as _${index} } from "${name}";`);
	const uses = imports.map((_, index) => `export const a${index}: typeof _${index} = _${index};`);
	const folder = temporaryFolder(context, {
		"main.ts": `${[...imports, ...uses].join("\n")}\n`,
		"wrong.ts": 'import { websocketConnect } from "websocket";\nexport const text: string = websocketConnect;\n',
		"node_modules/@moddable/placeholder": "",
		"tsconfig.json": { extends: "xs-websocket/typings/tsconfig.json", include: ["*.ts", "node_modules/xs-websocket/typings"] },
	});
	symlinkSync(root, join(folder, "node_modules", "xs-websocket"));
	symlinkSync(join(root, "node_modules", "@moddable", "typings"), join(folder, "node_modules", "@moddable", "typings"));
	const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
	const { stdout } = await capture(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder });
	match(stdout, /^wrong\.ts\(2,14\): error TS2322: Type '[^\n]*WebsocketRequest[^\n]*' is not assignable to type 'string'\.\n$/);
});

test("a link to the package, as npm link makes it, is the same package", async (context) => {
	const folder = temporaryFolder(context, files);
	symlinkSync(root, join(folder, "node_modules", "xs-websocket"));
	const outcome = await device(folder, "port=1");
	match(outcome.stdout, /^open: false\n$/);
	equal(outcome.stderr, "");
});

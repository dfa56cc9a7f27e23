/* npm start with TLS: wss:// and mqtts://, the CA on the command line, passwords in urls, and what is refused. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { Aedes, type AuthenticateError } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";
import { boards, missingPackages } from "../../tools/board.ts";
import { startBroker } from "../../tools/broker.ts";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { Authority } from "../hosts/shared/certificates.peer.ts";
import { Started } from "./started.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost,IP:127.0.0.1" });
process.on("exit", () => authority.close());

async function listen(context: TestContext, server: Server): Promise<number> {
	server.on("tlsClientError", () => {});
	await once(server.listen(0, "127.0.0.1"), "listening");
	context.after(() => server.close());
	return (server.address() as AddressInfo).port;
}

/** A broker that speaks nothing but TLS, to a user whose password looks odd in a url. */
async function secureBroker(context: TestContext) {
	const aedes = await Aedes.createBroker();
	aedes.authenticate = (_client, user, password, done) => {
		if (user === "me@home" && password?.toString() === "s:cret/") done(null, true);
		else done(Object.assign(new Error("not authorized"), { returnCode: 5 }) as AuthenticateError, null);
	};
	const https = createHttpsServer({ cert, key });
	const web = new WebSocketServer({ server: https, handleProtocols: (offered) => offered.has("mqtt") && "mqtt" });
	web.on("connection", (socket, request) =>
		aedes.handle(
			createWebSocketStream(socket).on("error", () => {}),
			request,
		),
	);
	const tls = createTlsServer({ cert, key }, (socket) => aedes.handle(socket.on("error", () => {})));
	context.after(() => new Promise<void>((closed) => aedes.close(closed)));
	return { wss: await listen(context, https), mqtts: await listen(context, tls) };
}

const login = "me%40home:s%3Acret%2F@";
const files = (context: TestContext) => temporaryFolder(context, { "ca.pem": authority.own.cert, "empty.pem": "" });

for (const scheme of ["wss", "mqtts"] as const)
	test(`${scheme}:// with a user and a password in the url, and a CA: the device does its work, and no line shows the password`, async (context) => {
		const ports = await secureBroker(context);
		const host = `localhost:${ports[scheme]}`;
		const folder = files(context);
		writeFileSync(join(folder, "ca.der"), authority.own.der);
		const run = new Started(context, [
			`url=${scheme}://${login}${host}`,
			`ca=${join(folder, scheme === "wss" ? "ca.pem" : "ca.der")}`,
			"id=tls",
			"interval=200",
		]);
		await run.stopAtWork();
		equal(run.stderr, "");
		deepEqual(run.published("status"), ["online", "offline"]);
		ok(run.lines.some((line) => line.includes(`connecting to ${scheme}://${host} as tls`)));
		ok(!run.lines.some((line) => /cret|me@home|me%40home/.test(line)));
		match(run.lines.at(-1) ?? "", /^memory: \d+\.\d KB of 80\.0 KB at peak/);
	});

const missing = await missingPackages();
const skip = missing.length ? `for want of ${missing.join(", ")}` : false;

for (const board of boards)
	test(`${board}: wss:// from an emulated board; with too little RAM it says so`, { skip }, async (context) => {
		const { wss } = await secureBroker(context);
		const ca = join(files(context), "ca.pem");
		const settings = ["--board", board, `url=wss://${login}localhost:${wss}`, `ca=${ca}`, "interval=200", "attempts=1"];
		const run = new Started(context, [...settings, "--ram", "96"]);
		await run.stopAtWork();
		deepEqual(run.published("status"), ["online", "offline"]);
		match(run.lines.at(-1) ?? "", /^RAM at peak: all \d+\.\d KB of 96\.0 KB/);
		const small = new Started(context, [...settings, "--ram", "48"]);
		equal(await small.status, 1);
		match(small.stderr, /^error: memory full: .*--ram KB/);
	});

test("a firmware whose CA is a resource in it, as on a board; and one without TLS says so", async (context) => {
	const { wss } = await secureBroker(context);
	const include = [join(root, "manifest_tls.json")];
	const folder = temporaryFolder(context, { "manifest.json": { include, resources: { "*": ["./ca"] } } });
	writeFileSync(join(folder, "ca.der"), authority.own.der);
	const device = [join(root, "tools", "bootstrap.mjs"), "device"];
	const settings = [`url=wss://${login}localhost:${wss}`, "ca=ca.der", "id=board", "interval=50", "count=1"];
	const board = await capture(process.execPath, [...device, join(folder, "manifest.json"), ...settings], { cwd: root });
	equal(board.status, 0, board.stderr);
	match(board.stdout, /^connecting to wss:\/\/localhost:\d+ as board\n(measurement 1 waits for the broker\n)?connected\n/);
	const plain = await capture(process.execPath, [...device, "main.ts", ...settings], { cwd: root });
	equal(plain.status, 1);
	match(plain.stderr, /this firmware has no TLS: build it with manifest_tls\.json, or use ws:\/\/ or mqtt:\/\//);
});

test("user=… and password=… do as well; a wrong one ends it with a reason", async (context) => {
	const { mqtts } = await secureBroker(context);
	const settings = [`url=mqtts://127.0.0.1:${mqtts}`, `ca=${join(files(context), "ca.pem")}`, "user=me@home", "interval=200"];
	await new Started(context, [...settings, "password=s:cret/"]).stopAtWork();
	const wrong = new Started(context, [...settings, "password=wrong"]);
	equal(await wrong.status, 1);
	equal(wrong.stderr, "error: uncaught Error: the broker refused the connection: not authorized\n");
});

test("a CA that does not vouch for the broker, and a broker without TLS: TLS says why", async (context) => {
	const { wss } = await secureBroker(context);
	const plain = await startBroker();
	context.after(() => plain.stop());
	for (const [url, message] of [
		[`wss://localhost:${wss}/mqtt`, /TLS: .* \(UNKNOWN_CA\); gave up after 1 attempts/],
		[`mqtts://127.0.0.1:${plain.port}`, /TLS|no network connection/],
		[`${plain.url.replace("ws:", "wss:")}`, /TLS: .* \(NOT_TLS\); gave up/],
	] as const) {
		const run = new Started(context, [`url=${url}`, "attempts=1"]);
		equal(await run.status, 1);
		match(run.stderr, /^error: [^\n]*\n$/);
		match(run.stderr, message);
	}
});

test("a password in a url without TLS goes out only if that is asked for", async (context) => {
	const { url } = await startBroker({ login: { user: "me", password: "secret" } }).then((broker) => {
		context.after(() => broker.stop());
		return broker;
	});
	const open = url.replace("ws://", "ws://me:secret@");
	const refused = new Started(context, [`url=${open}`]);
	equal(await refused.status, 1);
	match(refused.stderr, /its password would go unencrypted: use wss:\/\/ or mqtts:\/\/, or add insecurePassword=yes/);
	const run = new Started(context, [`url=${open}`, "insecurePassword=yes", "id=open", "interval=200"]);
	await run.stopAtWork();
	deepEqual(run.published("status"), ["online", "offline"]);
	ok(![refused.stderr, run.stderr, ...refused.lines, ...run.lines].some((line) => line.includes("secret")));
});

test("a CA that is no file, or no certificate: one line, with what to do", async (context) => {
	const folder = files(context);
	for (const [settings, message] of [
		[["url=wss://h/", `ca=${join(folder, "nothing.pem")}`], /nothing\.pem: ENOENT.*the broker's CA/],
		[["url=wss://h/", `ca=${join(folder, "empty.pem")}`], /no certificate in there/],
	] as const) {
		const run = new Started(context, [...settings]);
		equal(await run.status, 1, settings.join(" "));
		match(run.stderr, /^error: [^\n]*\n$/);
		match(run.stderr, message);
	}
});

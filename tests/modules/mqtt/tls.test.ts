/* What mqttConnect says when TLS refuses, or is refused: the errno, the fault's name, and words. */
import config from "mc/config";
import { EACCES, ECONNREFUSED, ECONNRESET, EPROTO, MQTT_EVT_DISCONNECT, mqttAbort } from "mqtt";
import { equal, ok, test } from "test";
import type { SecureOptions } from "transport/tls-adapter";
import { best, each } from "../../hosts/shared/tls-versions";
import { App } from "./app";
import { secureName, secureTransport, secureWays } from "./secure";

const { ports, ca } = config as unknown as { ports: Record<string, number>; ca: string };
const way = { websocket: false, kind: "tcp" } as const;

type Refusal = [name: string, errno: number, fault: string, secure?: SecureOptions];

const refusals: readonly Refusal[] = [
	["wrongHost", EACCES, "WRONG_HOST"],
	["unknownCa", EACCES, "UNKNOWN_CA"],
	["selfSigned", EACCES, "UNKNOWN_CA"],
	["expired", EACCES, "EXPIRED"],
	["notYetValid", EACCES, "NOT_YET_VALID"],
	["eleven", EPROTO, best("NO_CIPHER", "PROTOCOL_VERSION")],
	["plain", EPROTO, "NOT_TLS"],
	["closing", ECONNRESET, "TRUNCATED"],
	...each("client12", "client13").map((name): Refusal => [name, EACCES, "CLIENT_CERTIFICATE"]),
	["alpn", EPROTO, "NO_ALPN", { certificate: ca, applicationLayerProtocolNegotiation: "mqtt" }],
	["refused", ECONNREFUSED, ""],
];

for (const secureWay of secureWays)
	for (const [name, errno, fault, secure = { certificate: ca }] of refusals)
		test(`${secureName(secureWay)}: ${name}: ${fault || "no TLS fault"}`, async () => {
			const port = ports[name] as number;
			const app = new App(way, port, { broker: { host: "localhost", port }, transport: secureTransport(secureWay, secure) });
			app.start();
			const { result } = await app.next(MQTT_EVT_DISCONNECT);
			equal(result, -errno, app.client.failure);
			equal(app.client.fault ?? "", fault);
			if (fault) ok(app.client.failure?.endsWith(`(${fault})`), app.client.failure);
		});

test("an attempt that is made again and again tells each time, and the last reason is forgotten when the next attempt begins", async () => {
	const port = ports.expired as number;
	const transport = secureTransport(secureWays[0]!, { certificate: ca });
	const app = new App(way, port, { broker: { host: "localhost", port }, transport, reconnect: { minMs: 5, maxMs: 5 } });
	app.start();
	for (let i = 0; i < 3; i++) {
		equal((await app.next(MQTT_EVT_DISCONNECT)).result, -EACCES);
		equal(app.client.fault, "EXPIRED");
	}
	mqttAbort(app.client);
});

test("options that are of no use are told by mqttConnect", () => {
	const port = ports.fine as number;
	const bad = secureTransport(secureWays[0]!, { certificate: "-----BEGIN nothing" });
	const app = new App(way, port, { broker: { host: "localhost", port }, transport: bad });
	let failure = "";
	try {
		app.start();
	} catch {
		failure = app.client.failure ?? "";
	}
	ok(/^open: .*certificate/.test(failure), failure);
});

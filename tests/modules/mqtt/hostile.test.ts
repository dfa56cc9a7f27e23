/*
 * A connection against a server that breaks the standards: every vector of hostile-vectors.ts, whole and byte by byte, and every one of
 * hostile-contexts.ts, split at every point. Each ends the connection with the right fault, and a server of 5.0 is told why.
 */
import config from "mc/config";
import type { MqttClient } from "mqtt/client";
import { mqttFaultOf } from "mqtt/codes";
import { CLOSED, CONNECTED, CONNECTING } from "mqtt/connection";
import { equal, ok, test } from "test";
import { Side } from "./fake";
import { type Context, forEachContext } from "./hostile-contexts";
import { forEachVector, type Vector } from "./hostile-vectors";
import { connack, disconnect } from "./wire";

const { variant } = config as { variant?: string };
/** Under the sanitizers, or with a collection at every allocation, not all of them: that takes long, and looks for other things. */
const brief = /stress|mps2/.test(String(variant));
const every = brief ? 40 : /sanitize|mps2/.test(String(variant)) ? 12 : 1;
const everyContext = brief ? 25 : 1;

/** Where a packet is cut: nowhere, at every byte, or there. */
const WHOLE = -1;
const BYTES = -2;

/** Bytes come in pieces; what went out in all. */
function feed(side: Side, hex: string, split: number): string {
	if (split === WHOLE) return side.come(hex);
	if (split !== BYTES) return side.come(hex.slice(0, 2 * split)) + side.come(hex.slice(2 * split));
	let sent = "";
	for (let at = 0; at < hex.length; at += 2) sent += side.come(hex.slice(at, at + 2));
	return sent;
}

/** It ended with this fault, and the server was told the reason, and nothing else. */
function judge(side: Side, sent: string, name: string, fault: number, reason: number): void {
	const { connection } = side;
	const seen = connection.fault === 0 ? "no fault" : mqttFaultOf(connection.fault).name;
	equal(connection.fault, fault, `${name}: ${seen}`);
	equal(connection.state, CLOSED, name);
	equal(sent, side.v === 5 ? disconnect(reason) : "", name);
}

for (const version of [4, 5] as const)
	test(`${version}: what no server may send ends a connection`, () => {
		let count = 0;
		const against = ({ name, hex, fault, reason, connack: first }: Vector) => {
			if (count++ % every !== 0) return;
			for (const split of [WHOLE, BYTES]) {
				const side = new Side(version);
				side.begin();
				if (!first) side.come(connack(version));
				equal(side.connection.state, first ? CONNECTING : CONNECTED, name);
				side.told.length = 0;
				judge(side, feed(side, hex, split), `${name}, ${hex}`, fault, reason);
				equal(side.heard(), "", name);
				// Nothing that comes later is looked at.
				equal(side.come("d000"), "", name);
			}
		};
		forEachVector(version, against, brief);
		ok(brief || count > 1000);
	});

/** A client as the context wants it, and all that is said before. */
function prepare({ name, version, client, before }: Context): Side {
	const options: Partial<MqttClient> = { ...client };
	if (options.store) options.store = new Uint8Array(512);
	if (options.topicAliasBuf) options.topicAliasBuf = new Uint8Array(64);
	const side = new Side(version, options);
	side.begin();
	for (const step of before) {
		const [what = "", count = "0", id = "0"] = step.split(" ");
		const messageId = Number(id);
		const list = [
			{ topic: "a", qos: 2 },
			{ topic: "b", qos: 2 },
		];
		if (what === "connack") side.come(connack(version));
		else if (what === "<") side.come(count);
		else if (what === "publish") side.publish("a", "", Number(count), { messageId });
		else if (what === "auth") equal(side.connection.authenticate({ reasonCode: 0x19, prop: { authMethod: "m" } }), 0, name);
		else equal(side.connection.subscribe({ list, messageId }, Number(count), what === "subscribe"), 0, name);
		side.go();
		ok(side.connection.state === CONNECTED || side.connection.state === CONNECTING, `${name}: ended at ${step}`);
	}
	side.transport.take();
	side.told.length = 0;
	return side;
}

for (const version of [4, 5] as const)
	test(`${version}: what a server may not send after what was said`, () => {
		let count = 0;
		forEachContext(version, (context) => {
			if (count++ % everyContext !== 0) return;
			const { name, hex, fault, reason } = context;
			const size = brief ? 1 : Math.min(hex.length / 2, 60);
			for (let split = BYTES; split < size; split++) {
				if (split === 0) continue;
				const side = prepare(context);
				const sent = feed(side, hex, split);
				if (fault !== 0) {
					judge(side, sent, name, fault, reason);
					continue;
				}
				const { connection } = side;
				equal(connection.fault, 0, `${name}: ${connection.fault && mqttFaultOf(connection.fault).name}`);
				ok(connection.state === CONNECTED || connection.state === CONNECTING, name);
			}
		});
	});

/*
 * A server that plays scenes which no broker at hand plays: topic aliases to the client, authentication in steps, reasons for everything. Its
 * packets are made and read by npm's mqtt-packet. The client's identifier names the scene.
 */
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import mqttPacket, { type IConnectPacket, type Packet } from "mqtt-packet";
import { createWebSocketStream, WebSocketServer } from "ws";

type Send = (...packets: Packet[]) => void;
/** What is said to a packet. */
type Scene = (packet: Packet, send: Send, connect: IConnectPacket) => void;

const connack = (properties: object = {}, reasonCode = 0) => ({ cmd: "connack", reasonCode, sessionPresent: false, properties }) as Packet;
const suback = (messageId: number | undefined, granted: number[], properties = {}) =>
	({ cmd: "suback", messageId, granted, properties }) as unknown as Packet;
const publish = (topic: string, payload: string, qos: number, properties: object = {}) =>
	({ cmd: "publish", topic, payload, qos, dup: false, retain: false, messageId: qos ? Number(payload) : undefined, properties }) as Packet;
const auth = (reasonCode: number, data: string) =>
	({ cmd: "auth", reasonCode, properties: { authenticationMethod: "steps", authenticationData: Buffer.from(data) } }) as Packet;
const disconnect = (reasonCode: number, properties: object) => ({ cmd: "disconnect", reasonCode, properties }) as Packet;

const scenes: Record<string, Scene> = {
	aliases: (packet, send, { properties }) => {
		if (packet.cmd === "connect") send(connack());
		if (packet.cmd !== "subscribe") return;
		const most = properties?.topicAliasMaximum ?? 0;
		send(
			suback(packet.messageId, [1]),
			publish("a/topic/of/some/length", "1", 1, { topicAlias: 1 }),
			publish("", "2", 0, { topicAlias: 1 }),
			publish("another/one", "3", 1, { topicAlias: most }),
			publish("", "4", 1, { topicAlias: 1 }),
			publish("", "5", 2, { topicAlias: most, userProperties: { a: "b" } }),
			publish("instead", "6", 0, { topicAlias: 1 }),
			publish("", "7", 1, { topicAlias: 1 }),
			publish("without", "8", 1),
		);
	},
	wrongAlias: (packet, send) => {
		if (packet.cmd === "connect") send(connack());
		if (packet.cmd === "subscribe") send(suback(packet.messageId, [1]), publish("", "1", 1, { topicAlias: 2 }));
	},
	takenOver: (packet, send) => {
		if (packet.cmd === "connect")
			send(connack(), disconnect(0x8e, { reasonString: "there is another one", userProperties: { by: "twin" } }));
	},
	moved: (packet, send) => {
		if (packet.cmd === "connect")
			send(connack({ reasonString: "full", serverReference: "other.example:1883", userProperties: { try: "there" } }, 0x9c));
	},
	everything: (packet, send) => {
		if (packet.cmd === "connect")
			send(
				connack({
					sessionExpiryInterval: 5,
					receiveMaximum: 6,
					maximumQoS: 1,
					retainAvailable: false,
					maximumPacketSize: 1000,
					assignedClientIdentifier: "you",
					topicAliasMaximum: 7,
					reasonString: "welcome",
					userProperties: { a: ["1", "2"] },
					wildcardSubscriptionAvailable: false,
					subscriptionIdentifiersAvailable: false,
					sharedSubscriptionAvailable: false,
					serverKeepAlive: 77,
					responseInformation: "answers/you/",
					serverReference: "here",
				}),
			);
	},
	steps: (packet, send) => {
		const data = () => String((packet as { properties?: { authenticationData?: Buffer } }).properties?.authenticationData);
		if (packet.cmd === "connect") send(auth(0x18, `challenge to ${data()}`));
		if (packet.cmd !== "auth") return;
		if (packet.reasonCode === 0x19) send(auth(0x18, "again"));
		else if (data() === "response") send(connack({ authenticationMethod: "steps", authenticationData: Buffer.from("final") }));
		else if (data() === "again and again") send(auth(0x00, "still you"));
		else send(connack({ authenticationMethod: "steps", reasonString: `not ${data()}` }, 0x87));
	},
	reasons: (packet, send) => {
		const properties = { reasonString: "because", userProperties: { why: ["this", "that"] } };
		if (packet.cmd === "connect") send(connack());
		else if (packet.cmd === "subscribe") send(suback(packet.messageId, [0, 0x8f, 0x9e, 0x97], properties));
		else if (packet.cmd === "unsubscribe")
			send({ cmd: "unsuback", messageId: packet.messageId, granted: [0, 0x11, 0x87], properties } as never);
		else if (packet.cmd === "publish" && packet.qos === 1)
			send({ cmd: "puback", messageId: packet.messageId, reasonCode: 0x97, properties });
		else if (packet.cmd === "publish" && packet.qos === 2)
			send({ cmd: "pubrec", messageId: packet.messageId, reasonCode: 0x83, properties });
	},
	silent: (packet, send) => {
		if (packet.cmd === "connect") send(connack());
	},
};

function serve(stream: Duplex): void {
	const parser = mqttPacket.parser({ protocolVersion: 5 });
	let connect: IConnectPacket | undefined;
	let scene: Scene | undefined;
	const send: Send = (...packets) => {
		stream.write(Buffer.concat(packets.map((packet) => mqttPacket.generate(packet, { protocolVersion: 5 }))));
		if (packets.some(({ cmd }) => cmd === "disconnect")) stream.end();
	};
	parser.on("packet", (packet) => {
		if (packet.cmd === "connect") {
			connect = packet;
			scene = scenes[packet.clientId];
		}
		if (connect) scene?.(packet, send, connect);
		if (packet.cmd === "disconnect") stream.end();
	});
	parser.on("error", () => stream.destroy());
	stream.on("error", () => {});
	stream.on("data", (data) => parser.parse(data));
}

const tcp = createServer((socket) => serve(socket.setNoDelay(true)));
const http = createHttpServer();
const web = new WebSocketServer({ server: http, handleProtocols: () => "mqtt" });
web.on("connection", (socket) => serve(createWebSocketStream(socket)));
const listen = (server: Server) =>
	new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
console.log(JSON.stringify({ tcp: await listen(tcp), websocket: await listen(http) }));

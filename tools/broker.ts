/* The MQTT broker that npm start brings along: aedes, over WebSocket and over plain TCP, on this machine only. It knows MQTT 3.1.1. */
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type AuthenticateError, type Client } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";
import { freePorts } from "./ports.ts";

export interface Broker {
	/** For MQTT over WebSocket. */
	readonly url: string;
	/** Of MQTT over plain TCP, which is what mosquitto_pub speaks. */
	readonly port: number;
	/** Ends as a broker that crashed: connections break off, and what it kept is forgotten. */
	stop(): Promise<void>;
	/** Starts again on the same ports; nothing if it runs. */
	start(): Promise<void>;
}

export interface BrokerOptions {
	/** Told who joined, and who left or was lost. */
	seen?: (clientId: string, what: "joined" | "left") => void;
	/** Told every message that somebody published, before it is acknowledged. */
	published?: (topic: string, text: string) => void;
	/** Without it everybody may join. */
	login?: { user: string; password: string };
}

const loopback = "127.0.0.1";
const notAuthorized = 5;

export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
	// Not any that the system gives out: it would give them to somebody else while the broker is stopped.
	const [webPort, port] = (await freePorts(2)) as [number, number];
	let running: Run | undefined = await run(webPort, port, options);
	return {
		url: `ws://${loopback}:${webPort}/mqtt`,
		port,
		async stop() {
			const ended = running;
			running = undefined;
			await ended?.stop();
		},
		async start() {
			running ??= await run(webPort, port, options);
		},
	};
}

interface Run {
	stop(): Promise<void>;
}

async function run(webPort: number, port: number, { seen, published, login }: BrokerOptions): Promise<Run> {
	const aedes = await Aedes.createBroker();
	aedes.on("clientReady", (client: Client) => seen?.(client.id, "joined"));
	aedes.on("clientDisconnect", (client: Client) => seen?.(client.id, "left"));
	const authorize = aedes.authorizePublish;
	aedes.authorizePublish = (client, packet, done) => {
		if (client) published?.(packet.topic, packet.payload.toString());
		authorize(client, packet, done);
	};
	if (login)
		aedes.authenticate = (_client, user, password, done) => {
			if (user === login.user && password?.toString() === login.password) done(null, true);
			else done(Object.assign(new Error("not authorized"), { returnCode: notAuthorized }) as AuthenticateError, null);
		};

	const sockets = new Set<Socket>();
	const keep = (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket)).on("error", () => {});
	};
	const plain = createServer((socket) => aedes.handle(socket)).on("connection", keep);
	const http = createHttpServer((_, response) => response.writeHead(426).end()).on("connection", keep);
	const web = new WebSocketServer({ server: http, path: "/mqtt", handleProtocols: (offered) => offered.has("mqtt") && "mqtt" });
	web.on("connection", (socket, request) =>
		aedes.handle(
			createWebSocketStream(socket).on("error", () => {}),
			request,
		),
	);
	web.on("error", () => {});

	const stop = async () => {
		for (const socket of sockets) socket.destroy();
		await Promise.all([plain, http].map((server) => new Promise((closed) => server.close(closed))));
		await new Promise<void>((closed) => aedes.close(closed));
	};
	try {
		await listen(plain, port);
		await listen(http, webPort);
		return { stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

function listen(server: Server, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject).listen(port, loopback, resolve);
	});
}

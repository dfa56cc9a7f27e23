/* What `npm run memory` measured, as tests/budgets/memory.json keeps it, and its tables in README.md. */

/** Slots and chunk bytes. */
export type Cost = [slots: number, bytes: number];

export interface Connection {
	/** The transport and its socket. */
	transport: Cost;
	/** All that was allocated from the call to the first message, garbage included. */
	handshake: Cost;
	/** The most that was held of it at a time. */
	peak: Cost;
	/** What is held once the connection is open, beside transport and buffers. */
	open: Cost;
	/** What traffic added: views that are kept. */
	traffic: Cost;
	/** Slots of XS's stack, of the whole run. */
	stack: number;
}

export interface Client {
	/** rxBuf, txBuf and store, and those of the WebSocket below, which are the app's. */
	buffers: Cost;
	/** All that was allocated from mqttConnect to MQTT_EVT_CONNACK, garbage included. */
	handshake: Cost;
	/** The most that was held of it at a time. */
	peak: Cost;
	/** What is held once the client is connected, its transport included. */
	open: Cost;
	/** What a first subscription and traffic added. */
	used: Cost;
	/** Another subscription. */
	subscription: Cost;
	/** Slots of XS's stack, of the whole run. */
	stack: number;
}

export interface Memory {
	/** websocketInit: all contexts. */
	init: Cost;
	/** tmpBuf and txBuf, which are the app's. */
	buffers: Cost;
	connections: Record<string, Connection>;
	/** MQTT. */
	clients: Record<string, Client>;
	/** Bytes of bytecode by module. */
	code: Record<string, number>;
}

/** The app's buffers in what is measured, in bytes, */
export const BUFFERS = { tmpBuf: 512, txBuf: 272, rxBuf: 256, mqttTxBuf: 256, store: 1024 };
/** and the messages of 1, 2, 3 … bytes that go both ways before it is measured again. */
export const MESSAGES = 100;

/** The folders of modules/ that are measured; their modules' names begin like them. */
export const ROOMS = ["bytes", "errno", "deadlines", "random", "transport", "websocket", "mqtt"];
export const roomOf = (name: string) => name.split("/")[0] ?? "";

const SLOT_BYTES = 16;

const thousands = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
const shownCost = ([slots, bytes]: Cost) => (bytes ? `${thousands(slots)} + ${thousands(bytes)}` : thousands(slots));
const bytesOf = (...costs: Cost[]) => thousands(costs.reduce((total, [slots, bytes]) => total + slots * SLOT_BYTES + bytes, 0));

/** The part of README.md between the markers. */
export function tablesOf(memory: Memory): string {
	return [...connectionTable(memory), "", ...clientTable(memory), "", ...codeTable(memory)].join("\n");
}

function connectionTable({ init, buffers, connections }: Memory): string[] {
	const names = Object.keys(connections);
	const columns = Object.values(connections);
	const row = (title: string, cell: (connection: Connection) => string) => `| ${title} | ${columns.map(cell).join(" | ")} |`;
	return [
		`| slots + chunk bytes | ${names.map((name) => name.replace(/\w+$/, "`$&`")).join(" | ")} |`,
		`|---|${names.map(() => "---|").join("")}`,
		row("transport and its socket", ({ transport }) => shownCost(transport)),
		row(`\`tmpBuf\` of ${BUFFERS.tmpBuf} bytes, \`txBuf\` of ${BUFFERS.txBuf}`, () => shownCost(buffers)),
		row("the open connection, its buffer for control frames included", ({ open }) => shownCost(open)),
		row(`kept after messages of 1 to ${MESSAGES} bytes`, ({ traffic }) => shownCost(traffic)),
		row(
			`**together, in bytes** (a slot has ${SLOT_BYTES})`,
			({ transport, open, traffic }) => `**${bytesOf(transport, open, traffic, buffers)}**`,
		),
		row("held at the peak of the handshake, the connection included", ({ peak }) => shownCost(peak)),
		row("allocated by the handshake, garbage included", ({ handshake }) => shownCost(handshake)),
		row("slots of the stack at the peak", ({ stack }) => thousands(stack)),
		"",
		`\`websocketInit()\`, which makes all contexts: ${shownCost(init)}. A connection's share of it is not in these tables.`,
	];
}

function clientTable({ clients }: Memory): string[] {
	const { rxBuf, mqttTxBuf, store, tmpBuf, txBuf } = BUFFERS;
	const cell = ({ buffers, open, used, subscription, peak, handshake, stack }: Client) => [
		...[buffers, open, used].map(shownCost),
		`**${bytesOf(buffers, open, used)}**`,
		...[subscription, peak, handshake].map(shownCost),
		thousands(stack),
	];
	return [
		`An MQTT client over ECMA-419 TCP, with \`rxBuf\` of ${rxBuf} bytes and \`txBuf\` of ${mqttTxBuf}; \`store\` has ${thousands(store)}, and the WebSocket below`,
		`\`tmpBuf\` of ${tmpBuf} and \`txBuf\` of ${txBuf}. "Connected" includes the transport and its socket, "used" comes on top of that after a`,
		`subscription and messages of QoS 1 of 1 to ${MESSAGES} bytes in both directions.`,
		"",
		"| slots + chunk bytes | buffers | connected | used | **together, in bytes** | another subscription | peak of connecting | allocated by connecting | stack |",
		"|---|---|---|---|---|---|---|---|---|",
		...Object.entries(clients).map(([name, client]) => `| ${name.replace("store", "`store`")} | ${cell(client).join(" | ")} |`),
	];
}

function codeTable({ code }: Memory): string[] {
	const lines = ["| in flash | bytes of bytecode | modules |", "|---|---|---|"];
	for (const room of ROOMS) {
		const modules = Object.entries(code).filter(([name]) => roomOf(name) === room);
		const total = modules.reduce((bytes, [, size]) => bytes + size, 0);
		const list = modules.map(([name, size]) => `${name.replace(/^\w+\//, "")} ${thousands(size)}`).join(", ");
		lines.push(`| ${room} | ${thousands(total)} | ${modules.length > 1 ? list : ""} |`);
	}
	return lines;
}

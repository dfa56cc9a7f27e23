/* A peer that takes nothing, and a frame longer than what the network between holds. */
import { equal, test } from "test";
import { ETIMEDOUT, WEBSOCKET_OPCODE_DATA_BINARY, websocketSendMsg } from "websocket";
import { Client, kinds, ports } from "./client";

for (const kind of kinds) {
	test(`${kind}: a long frame that the peer does not take in time ends the connection`, async () => {
		const client = new Client(kind, ports.raw, "/stall", { closeTimeout: 50 }, 512);
		const ws = await client.connect();
		const payload = new Uint8Array(20_000_000);
		equal(websocketSendMsg(ws, payload, payload.length, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 100), payload.length);
		equal((await client.ended).error, -ETIMEDOUT);
		client.transport.close();
	});
}

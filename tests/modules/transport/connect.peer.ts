/* A server that sends back what it gets. */
import { type AddressInfo, createServer } from "node:net";
import { NOBODY_PORT } from "../../support/nobody.ts";

const echo = createServer((socket) => {
	socket.on("error", () => {});
	socket.pipe(socket);
});
echo.listen(0, "127.0.0.1", () => {
	console.log(JSON.stringify({ port: (echo.address() as AddressInfo).port, refused: NOBODY_PORT }));
});

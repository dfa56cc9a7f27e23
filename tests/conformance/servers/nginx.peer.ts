/* nginx passes WebSockets on to npm's ws: with a configuration of its own, in a folder of its own, on a port that was free. */
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { startChild, temporaryFolder } from "./child.peer.ts";
import { startEchoServer } from "./echo-server.peer.ts";

const folder = temporaryFolder("nginx");

// Where Debian has it, and a user's PATH does not lead.
process.env.PATH += ":/usr/sbin";

const configuration = (port: number, upstream: number) => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr notice;
events {
	worker_connections 64;
}
http {
	access_log off;
	client_body_temp_path ${folder}/body;
	proxy_temp_path ${folder}/proxy;
	fastcgi_temp_path ${folder}/fastcgi;
	uwsgi_temp_path ${folder}/uwsgi;
	scgi_temp_path ${folder}/scgi;
	server {
		listen 127.0.0.1:${port};
		location / {
			proxy_pass http://127.0.0.1:${upstream};
			proxy_http_version 1.1;
			proxy_set_header Host $host;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection upgrade;
		}
	}
}
`;

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await new Promise((resolve) => server.on("listening", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** nginx takes no port 0. One that was free may be taken when nginx comes: then another one is tried. */
async function start(upstream: number): Promise<number> {
	for (let attempt = 1; ; attempt++) {
		const port = await freePort();
		writeFileSync(join(folder, "nginx.conf"), configuration(port, upstream));
		const command = ["nginx", "-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")];
		// Said once it listens.
		const listening = (line: string) => {
			if (line.includes("using the") && line.includes("event method")) return true;
			return line.includes("Address already in use") ? false : undefined;
		};
		if (await startChild(command, listening)) return port;
		if (attempt === 10) throw new Error("no free port for nginx");
	}
}

console.log(JSON.stringify({ port: await start(await startEchoServer()) }));

/* nginx as a proxy of WebSockets: with a configuration of its own, in a folder of its own, on a port that was free. */
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { startChild, temporaryFolder } from "./child.peer.ts";

/** Gone when this process is. */
export const folder = temporaryFolder("nginx");

// Where Debian has it, and a user's PATH does not lead.
process.env.PATH += ":/usr/sbin";

const configuration = (port: number, upstream: number, tls: string[] | undefined) => `
daemon off;
master_process off;
pid ${folder}/${port}.pid;
error_log stderr notice;
events {
	worker_connections 64;
}
http {
	access_log off;
	client_body_temp_path ${folder}/${port}-body;
	proxy_temp_path ${folder}/${port}-proxy;
	fastcgi_temp_path ${folder}/${port}-fastcgi;
	uwsgi_temp_path ${folder}/${port}-uwsgi;
	scgi_temp_path ${folder}/${port}-scgi;
	server {
		listen 127.0.0.1:${port}${tls ? " ssl" : ""};
		${(tls ?? []).map((line) => `${line};`).join("\n\t\t")}
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

/**
 * Gives the port at which it passes on what comes to `upstream`. With `tls`, lines of its configuration, it speaks TLS. nginx takes no port
 * 0. One that was free may be taken when nginx comes: then another one is tried.
 */
export async function startNginx(upstream: number, tls?: string[]): Promise<number> {
	for (let attempt = 1; ; attempt++) {
		const port = await freePort();
		const file = join(folder, `nginx-${port}.conf`);
		writeFileSync(file, configuration(port, upstream, tls));
		const command = ["nginx", "-p", folder, "-e", "stderr", "-c", file];
		// Said once it listens.
		const listening = (line: string) => {
			if (line.includes("using the") && line.includes("event method")) return true;
			return line.includes("Address already in use") ? false : undefined;
		};
		if (await startChild(command, listening)) return port;
		if (attempt === 10) throw new Error("no free port for nginx");
	}
}

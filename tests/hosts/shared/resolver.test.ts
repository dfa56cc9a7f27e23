/* Names and facts of the network. */
import Resolver from "embedded:network/dns/resolver/udp";
import Net from "net";
import { equal, ok, test, throws } from "test";

const resolve = (name: string) =>
	new Promise<string | undefined>((done) => Net.resolve(name, (host, address) => done(address && `${host} ${address}`)));

test("Net.resolve finds names and numbers, and tells when there is no address", async () => {
	equal(await resolve("localhost"), "localhost 127.0.0.1");
	equal(await resolve("192.0.2.7"), "192.0.2.7 192.0.2.7");
	equal(await resolve("nobody.invalid"), undefined);
});

test("lookups do not block, and more than there are workers are all answered", async () => {
	const order: string[] = [];
	const all: Promise<unknown>[] = [];
	for (let index = 0; index < 10; index++) all.push(resolve(`nobody${index}.invalid`));
	Promise.resolve().then(() => order.push("meanwhile"));
	const answers = await Promise.all(all);
	order.push("answers");
	equal(order.join(), "meanwhile,answers");
	ok(answers.every((answer) => answer === undefined));
});

test("the ECMA-419 resolver calls onResolved or onError, with itself as this", async () => {
	const resolver = new Resolver({});
	const ask = (host: string) =>
		new Promise<string>((done) =>
			resolver.resolve({
				host,
				onResolved(name, address) {
					equal(this, resolver);
					done(`${name} ${address}`);
				},
				onError(name) {
					equal(this, resolver);
					done(`${name} has none`);
				},
			}),
		);
	equal(await ask("localhost"), "localhost 127.0.0.1");
	equal(await ask("127.0.0.2"), "127.0.0.2 127.0.0.2");
	equal(await ask("nobody.invalid"), "nobody.invalid has none");
	throws(() => resolver.resolve({ host: "localhost" }), "callback");
	throws(() => resolver.resolve({ host: "", onError() {} }), "host");
	resolver.close();
});

test("a closed resolver calls nothing back", async () => {
	const told: string[] = [];
	const resolver = new Resolver({});
	for (let index = 0; index < 10; index++)
		resolver.resolve({
			host: index & 1 ? `nobody${index}.invalid` : "127.0.0.1",
			onResolved: (host) => told.push(host),
			onError: (host) => told.push(host),
		});
	resolver.close();
	resolver.close();
	throws(() => resolver.resolve({ host: "localhost", onError() {} }), "closed");
	for (let index = 0; index < 5; index++) await resolve(`nobody${index}.invalid`);
	equal(told.length, 0);
});

test("closing in a callback stops the others", async () => {
	const told: string[] = [];
	await new Promise<void>((done) => {
		const resolver = new Resolver({});
		for (const host of ["127.0.0.1", "127.0.0.2", "127.0.0.3"])
			resolver.resolve({
				host,
				onResolved(name) {
					told.push(name);
					this.close();
					done();
				},
			});
	});
	await resolve("127.0.0.1");
	equal(told.join(), "127.0.0.1");
});

test("Net.get knows the machine's address; what only Wi-Fi has is undefined", () => {
	ok(/^\d+\.\d+\.\d+\.\d+$/.test(Net.get("IP")));
	const mac = Net.get("MAC") as string | undefined;
	ok(mac === undefined || /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/.test(mac));
	ok(Array.isArray(Net.get("DNS")));
	equal(Net.get("SSID"), undefined as never);
});

/* The WiFi of ESP32 and Pico W with an interface and a clock of the test's own: no board is needed for what happens when. */
import { deepEqual, equal, test } from "test";
import { Wifi } from "../../../hosts/wifi/wifi";

interface Fake {
	connection: number;
	address: string | undefined;
	changed: () => void;
	readonly joins: string[];
	leaves: number;
	/** What connect() throws. */
	refuses: string | undefined;
	readonly said: string[];
	readonly addresses: string[];
	/** The wait that runs: how long, and what comes then. */
	wait: { ms: number; then: () => void } | undefined;
}

function board(password?: string, connection = 200): Fake {
	const fake: Fake = {
		connection,
		address: connection === 500 ? "192.168.1.7" : undefined,
		changed: () => {},
		joins: [],
		leaves: 0,
		refuses: undefined,
		said: [],
		addresses: [],
		wait: undefined,
	};
	class Interface {
		constructor({ onChanged }: { onChanged: () => void }) {
			fake.changed = onChanged;
		}
		get connection(): number {
			return fake.connection;
		}
		get address(): string | undefined {
			return fake.address;
		}
		connect(options: object): void {
			if (fake.refuses) throw new Error(fake.refuses);
			fake.joins.push(JSON.stringify(options));
			fake.connection = 300;
		}
		disconnect(): void {
			fake.leaves++;
			fake.connection = 200;
		}
	}
	const Timer = {
		set(then: () => void, ms: number): unknown {
			fake.wait = { ms, then };
			return fake.wait;
		},
		clear(): void {
			fake.wait = undefined;
		},
	};
	new Wifi({
		WiFi: Interface,
		Timer,
		ssid: "attic",
		password,
		onAddress: (address) => fake.addresses.push(address),
		say: (text) => fake.said.push(text),
	});
	return fake;
}

function become(fake: Fake, connection: number, address?: string): void {
	fake.connection = connection;
	fake.address = address;
	fake.changed();
}

/** The wait is over. Returns how long it was, in ms. */
function pass(fake: Fake): number {
	const { wait } = fake;
	fake.wait = undefined;
	wait?.then();
	return wait?.ms ?? -1;
}

test("it joins, and has an address", () => {
	const fake = board("secret");
	deepEqual(fake.joins, ['{"SSID":"attic","password":"secret","secure":true}']);
	become(fake, 400);
	deepEqual(fake.addresses, []);
	become(fake, 500, "192.168.1.7");
	deepEqual(fake.addresses, ["192.168.1.7"]);
	deepEqual(fake.said, ["WiFi: 192.168.1.7 in attic"]);
	equal(fake.wait, undefined, "nothing is waited for");
	become(fake, 500, "192.168.1.7");
	deepEqual(fake.addresses, ["192.168.1.7"], "told once");
});

test("an open network is joined without a password", () => {
	for (const none of [undefined, ""]) deepEqual(board(none).joins, ['{"SSID":"attic"}']);
});

test("what is up already is used", () => {
	const fake = board(undefined, 500);
	deepEqual(fake.joins, []);
	deepEqual(fake.addresses, ["192.168.1.7"]);
});

test("a lost network is joined again, and its address told again", () => {
	const fake = board();
	become(fake, 500, "192.168.1.7");
	become(fake, 200);
	equal(fake.said[1], "WiFi: lost");
	equal(fake.joins.length, 1, "not at once");
	equal(pass(fake), 1000);
	equal(fake.joins.length, 2);
	become(fake, 500, "192.168.1.9");
	deepEqual(fake.addresses, ["192.168.1.7", "192.168.1.9"]);
	equal(fake.wait, undefined);
});

test("tries that fail come ever more rarely, and soon again after one that did not", () => {
	const fake = board("wrong");
	const waits: number[] = [];
	for (let i = 0; i < 7; i++) {
		become(fake, 200);
		waits.push(pass(fake));
	}
	deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
	equal(fake.joins.length, 8);
	equal(fake.said[0], "WiFi: cannot join attic");
	become(fake, 500, "192.168.1.7");
	become(fake, 200);
	equal(pass(fake), 1000);
});

test("an access point that does not answer, or gives no address, is left and joined again", () => {
	const fake = board();
	equal(pass(fake), 30_000);
	equal(fake.leaves, 1);
	equal(fake.said[0], "WiFi: no connection in 30 s");
	equal(pass(fake), 1000);
	equal(fake.joins.length, 2);
	become(fake, 400);
	equal(pass(fake), 30_000);
	equal(fake.said[1], "WiFi: no address in 30 s");
	equal(fake.leaves, 2);
});

test("an address that was lost has some time to come back", () => {
	const fake = board();
	become(fake, 500, "192.168.1.7");
	become(fake, 400);
	equal(fake.joins.length, 1);
	become(fake, 500, "192.168.1.7");
	equal(fake.addresses.length, 2);
	become(fake, 400);
	equal(pass(fake), 30_000);
	equal(fake.leaves, 1);
});

test("a stack that refuses to connect is asked again", () => {
	const fake = board();
	become(fake, 200);
	fake.refuses = "already connecting";
	equal(pass(fake), 1000);
	equal(fake.said[1], "WiFi: Error: already connecting");
	fake.refuses = undefined;
	equal(pass(fake), 2000);
	equal(fake.joins.length, 2);
});

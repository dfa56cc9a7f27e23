/*
 * An app that subscribes and unsubscribes, and changes its mind, with a broker that does not take everything; cut at every byte, and at others
 * after that. In the end the broker has what the app wanted last.
 */
import config from "mc/config";
import { equal, ok, test } from "test";
import { Side } from "./fake";
import { Broker, Wire } from "./model";

const rarely = /stress|mps2/.test(String(config.variant)) ? 37 : 1;
const NEVER = 1e9;

/** What the app does, in order: several at a time where there are several. A broker that has a subscription keeps it if it does not take another. */
const WISHES: readonly (readonly string[])[] = [
	["+a 0", "+b 1"],
	["+no 0"],
	["-a"],
	["+c 1", "+no 1", "+d 0"],
	["+a 1"],
	["-b", "-d"],
	["+e 0"],
	["+e 2"],
	["+d 2"],
	["-c"],
	["+c 2"],
];
const LAST = "a 1,c 2,d 2";
/** Of what was not answered only the last goes out again: who does not wait for the answer to the first may lose it with the second. */
const REFUSED = ",e 0";

class Run {
	readonly broker: Broker;
	readonly side: Side;
	#wire!: Wire;
	#done = 0;
	readonly #forgets: boolean;
	readonly #eager: boolean;
	passed = 0;

	/** `forgets`: the broker has lost the session each time. `eager`: the app does not wait for answers. */
	constructor(v: number, forgets: boolean, eager: boolean) {
		this.broker = new Broker(v, () => "");
		this.broker.refuses = (filter, qos) => filter === "no" || (filter === "e" && qos === 2);
		this.#forgets = forgets;
		this.#eager = eager;
		const prop = v === 5 ? { sessionExpiryInterval: 100 } : undefined;
		this.side = new Side(v, { cleanSession: 0, rxBuf: new Uint8Array(32), txBuf: new Uint8Array(32), prop });
	}

	run(limits: readonly number[]): void {
		for (let i = 0; i < limits.length; i++) {
			this.side.make = () => {
				this.#wire = new Wire(this.broker, limits[i] as number, 7);
				return this.#wire;
			};
			this.side.begin(i > 0);
			for (let idle = 0; idle < 4 && !this.#wire.cut; ) {
				const before = this.#wire.passed;
				this.#act();
				this.side.go();
				equal(this.side.connection.fault, 0, this.broker.fault);
				if (this.#wire.passed === before) idle++;
				else idle = 0;
			}
			if (i === 0) this.passed = this.#wire.passed;
			if (!this.#wire.cut) break;
			this.side.cut();
			if (this.#forgets) this.broker.forget();
		}
		equal(this.broker.fault, "");
	}

	#act(): void {
		const { connection } = this.side;
		while (this.#done < WISHES.length && (this.#eager || connection.session.subscriptions.idle)) {
			const wishes = WISHES[this.#done] as readonly string[];
			const subscribe = wishes[0]?.startsWith("+") ?? false;
			const list = wishes.map((wish) => ({ topic: wish.split(" ")[0]?.slice(1) ?? "", qos: Number(wish.split(" ")[1] ?? 0) }));
			if (connection.subscribe({ list }, list.length, subscribe) !== 0) return;
			this.#done++;
		}
	}

	check(words: string): void {
		equal(this.#done, WISHES.length, words);
		const subscribed = [...this.broker.subscribed].sort().join();
		if (!this.#eager || subscribed !== LAST) equal(subscribed, LAST + REFUSED, words);
		// And nothing is left to do.
		equal(this.side.connection.session.subscriptions.idle, true, words);
	}
}

for (const v of [4, 5])
	for (const forgets of [false, true])
		for (const eager of [false, true])
			test(`${v === 4 ? "3.1.1" : "5.0"}: a broker that ${forgets ? "forgets" : "remembers"}, an app that ${eager ? "does not wait" : "waits"}`, () => {
				const whole = new Run(v, forgets, eager);
				whole.run([NEVER]);
				whole.check("not cut");
				ok(whole.passed > 100, `${whole.passed}`);
				for (let cut = 0; cut < whole.passed; cut += rarely) {
					const run = new Run(v, forgets, eager);
					const next = (cut * 7919) % (whole.passed + 1);
					const limits = cut % 3 === 0 ? [cut, NEVER] : cut % 3 === 1 ? [cut, next, NEVER] : [cut, next % 60, next, next >> 1, NEVER];
					run.run(limits);
					run.check(`cut at ${limits.slice(0, -1).join()}`);
				}
			});

/* What the kernel has and lwIP on the boards has not: IPv6. */
import Net from "net";
import { equal, test } from "test";

test("an IPv6 literal is an address", async () => {
	const told = await new Promise<string>((done) => Net.resolve("::1", (host, address) => done(`${host} ${address}`)));
	equal(told, "::1 ::1");
});

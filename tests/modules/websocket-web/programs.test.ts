/* Programs as they are written for browsers. Each is a page's script, but for the import, and a place to write to. */
import { equal, ok, test } from "test";
import * as chat from "./programs/chat";
import * as dashboard from "./programs/dashboard";
import * as rpc from "./programs/rpc";
import { urlOf } from "./recorder";

test("a dashboard: JSON comes, and is shown until there is enough", async () => {
	const shown = await dashboard.run(urlOf("/sensors"));
	equal(shown.length, 5);
	ok(shown.every((line) => /^tick \d+$/.test(line)));
});

test("a chat: reconnects when the server goes, and sends what was typed meanwhile", async () => {
	equal(await chat.run([urlOf("/terminate"), urlOf("/chat")]), "> one\n> two\n> three");
});

test("calls and answers over binary messages, with promises", async () => {
	equal(await rpc.run(urlOf("/echo")), "2, 3, 5, 8");
});

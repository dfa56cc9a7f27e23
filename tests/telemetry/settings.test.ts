/* What the telemetry device makes of its configuration: where to, with TLS or without, as whom, and what is wrong with it. */

import { equal, ok, test, throws } from "test";
import { readSettings } from "../../telemetry/settings";

/** As manifest.json has it. */
const defaults = {
	id: "desk",
	url: "",
	transport: "tcp",
	user: "",
	password: "",
	insecurePassword: "",
	ca: "",
	interval: "1000",
	count: "0",
	attempts: "0",
};
const read = (config: Partial<typeof defaults>) => readSettings({ ...defaults, ...config });

test("urls of the four schemes, with their ports", () => {
	for (const [url, expected] of [
		["ws://h", "ws://h h 80 /mqtt websocket"],
		["wss://h", "wss://h h 443 /mqtt websocket secure"],
		["mqtt://h", "mqtt://h h 1883 /mqtt"],
		["mqtts://h", "mqtts://h h 8883 /mqtt secure"],
		["wss://[::1]:9/x?y=1", "wss://[::1]:9/x?y=1 ::1 9 /x?y=1 websocket secure"],
		["mqtts://10.0.0.1:1", "mqtts://10.0.0.1:1 10.0.0.1 1 /mqtt secure"],
	] as const) {
		const { url: shown, host, port, path, websocket, secure, user } = read({ url });
		equal([shown, host, port, path, ...(websocket ? ["websocket"] : []), ...(secure ? ["secure"] : [])].join(" "), expected);
		equal(user, undefined);
	}
});

test("a user and a password in the url are in no other place than theirs", () => {
	for (const [url, user, password] of [
		["wss://me:secret@h:1/p", "me", "secret"],
		["mqtts://me%40home:s%3Acret%2F@h", "me@home", "s:cret/"],
		["mqtts://me:a:b@h", "me", "a:b"],
		["wss://me@h", "me", undefined],
	] as const) {
		const settings = read({ url });
		equal(settings.user, user);
		equal(settings.password, password);
		ok(!/me|cret/.test(settings.url + settings.host + settings.path), settings.url);
	}
});

test("without TLS they are refused, unless that is asked for; as settings of their own they are not", () => {
	for (const url of ["ws://me:secret@h", "mqtt://me:secret@h"]) {
		for (const insecurePassword of ["", "no", "true"]) throws(() => read({ url, insecurePassword }), /insecurePassword=yes/);
		equal(read({ url, insecurePassword: "yes" }).password, "secret");
	}
	equal(read({ url: "ws://h", user: "me", password: "secret" }).password, "secret");
});

test("what is wrong is told, with what to do, and without a password", () => {
	for (const [config, words] of [
		[{ url: "" }, /no url: add url=/],
		[{ url: "http://h" }, /not a broker's url/],
		[{ url: "wsss://h" }, /not a broker's url/],
		[{ url: "mqtts://h/path" }, /not a broker's url/],
		[{ url: "wss://h:0" }, /not a broker's url/],
		[{ url: "wss://me:se/cret@h" }, /^…@h: not a broker's url/],
		[{ url: "me:secret@h" }, /^…@h: not a broker's url/],
		[{ url: "mqtts://%zz@h" }, /not percent-encoded/],
		[{ url: "wss://a:b@h", user: "c" }, /one of them is too much/],
		[{ url: "wss://:secret@h" }, /password: it needs a user/],
		[{ url: "wss://h", transport: "socket" }, /TLS goes over transport=tcp/],
		[{ url: "ws://h", ca: "ca.der" }, /ca: it is for TLS/],
	] as const) {
		const { message } = throws(() => read(config)) as Error;
		ok(words.test(message), message);
		ok(!/cret/.test(message), message);
	}
});

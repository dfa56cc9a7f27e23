/*
 * `setup/network` of ESP32 and Pico W, which the SDK runs before main: joins the WiFi that ssid=… and password=… name, stays in it, and
 * sets the clock. main starts with the first address, and with the time if there is a server for it; TLS needs that.
 */
import WiFi from "embedded:network/interface/wifi";
import { Wifi } from "hosts/wifi/wifi";
import config from "mc/config";
import SNTP from "sntp";
import Time from "time";
import Timer from "timer";

/** A clock that says it is later than this was set already: by a restart without power being lost. */
const SET = Date.UTC(2025, 0, 1);

/** Calls `done` once there is a network, or at once if no `ssid` says which. */
export default function network(done: () => void): void {
	const say = (text: string) => trace(`${text}\n`);
	if (!config.ssid) {
		say("WiFi: no ssid=…, so there is no network");
		done();
		return;
	}
	let started = false;
	new Wifi({
		WiFi,
		Timer,
		ssid: config.ssid,
		// With another name, an app that has a password of its own can have both.
		password: config.wifiPassword ?? config.password,
		say,
		onAddress: () => {
			if (started) return;
			started = true;
			setClock(config.sntp, say, done);
		},
	});
}

/** Without an answer the clock stays as it is, and main starts all the same. */
function setClock(host: string | undefined, say: (text: string) => void, done: () => void): void {
	if (!host || Date.now() > SET) {
		done();
		return;
	}
	new SNTP({ host }, (message, value) => {
		if (message === SNTP.retry) return;
		if (message === SNTP.time) Time.set(value as number);
		else say(`no time from ${host}: ${value}`);
		done();
	});
}

/* Does what `what` says, at the address `at`. */

import config from "mc/config";
import Timer from "timer";
import { call, exhaust, read, recurse, write } from "./fault";

const at = Number(config.at);

switch (config.what) {
	case "write":
		write(at);
		break;
	case "read":
		trace(`${read(at)}\n`);
		break;
	case "call":
		call(at);
		break;
	case "recurse":
		recurse();
		break;
	case "exhaust":
		trace(`${exhaust() > 0 ? "malloc has no more" : "malloc had nothing"}\n`);
		Timer.set(() => {}, 1);
		break;
}
trace("it went on\n");

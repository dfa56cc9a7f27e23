import { startMosquitto } from "./mosquitto-peer.peer.ts";

await startMosquitto(
	{},
	{
		global: ["allow_anonymous true", "max_keepalive 10", "max_packet_size 2000", "retain_available false"],
		listener: ["max_qos 1", "max_topic_alias 0"],
	},
);

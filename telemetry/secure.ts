/* TLS of the telemetry device: of a firmware that has none, as manifest.json builds it. */
import type { MqttTransport } from "mqtt";

/** Makes what MQTT's `open` is with TLS; `ca`: see settings. Throws what to do about it if that cannot be. */
export function openSecure(_ca: string): MqttTransport["open"] {
	throw new Error("url: this firmware has no TLS: build it with manifest_tls.json, or use ws:// or mqtt://");
}

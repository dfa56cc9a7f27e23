/* TLS of the telemetry device, as manifest_tls.json builds it. */
import Resource from "Resource";
import type { MqttTransport } from "mqtt";
import { TlsTransport } from "transport/tls";
import type { Certificate } from "transport/tls-adapter";

/** As in secure.ts. `ca` is PEM, or the name of a resource in the firmware; "" if the firmware's own CAs will do. */
export function openSecure(ca: string): MqttTransport["open"] {
	let certificate: Certificate | undefined;
	if (ca.startsWith("-----BEGIN")) certificate = ca;
	// The SDK's typings have a class of their own for it.
	else if (ca) certificate = new Resource(ca) as unknown as ArrayBuffer;
	return (to) => new TlsTransport({ ...to, nodelay: true, secure: { certificate } });
}

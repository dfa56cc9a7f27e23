/* What hosts/wifi has of the SDK's modules for boards with WiFi. */
/// <reference types="@moddable/typings/sntp" />

declare module "embedded:network/interface/wifi" {
	export default class WiFi {
		constructor(options: { onChanged?: (this: WiFi, property: "connection" | "address") => void });
		/** 200: not connected; 300: connecting; 400: joined; 500: with an address. */
		readonly connection: number;
		readonly address: string | undefined;
		/** Throws while it connects already. */
		connect(options: { SSID: string; password?: string; secure?: boolean }): void;
		disconnect(): void;
		close(): void;
	}
}

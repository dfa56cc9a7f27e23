/* What runs apps: the Linux device in its variants; the emulated boards are in board.ts. */
import type { App } from "./app.ts";
import { buildDevice, type Variant, variantName } from "./device-build.ts";
import type { JsonObject } from "./json.ts";
import { linux, type Platform } from "./manifest.ts";
import { withLinkFile } from "./prepare.ts";
import type { Program } from "./run-device.ts";

export interface AppOptions {
	/** Values of mc/config. */
	config?: JsonObject;
	/** Instead of creation.static. */
	heapBytes?: number;
}

export interface Device {
	/** As messages and tests call it. */
	readonly name: string;
	/** Of the manifests of its apps. */
	readonly platform: Platform;
	/** How many times longer than on the Linux device a test may take. */
	readonly slowness: number;
	/** Builds what all runs of the app share. */
	build(app: App): Promise<unknown>;
	/** Builds that, too, and calls `use` with what runs the app, for as long as the call lasts. */
	with<T>(app: App, options: AppOptions, use: (program: Program) => Promise<T>): Promise<T>;
}

export function linuxDevice(variant: Variant): Device {
	let built: Promise<string> | undefined;
	const build = () => {
		built ??= buildDevice(variant);
		return built;
	};
	return {
		name: variantName(variant),
		platform: linux,
		slowness: (variant.sanitize ? 3 : 1) * (variant.stress ? 10 : 1),
		build,
		with: (app, options, use) =>
			withLinkFile(app, variant, options, async (linkFile) =>
				use({ command: await build(), args: (report) => [...(report ? ["--report"] : []), linkFile] }),
			),
	};
}

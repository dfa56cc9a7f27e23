/** What only the devices of this repository have, for its tests. Natives in hosts/shared/modules/device-module.c. */
export function exit(status) @ "xs_device_exit";

/** Collects the garbage now, so that what counters then tell as live is what something holds. */
export function collect() @ "xs_device_collect";

function read(buffer, offset, length) @ "xs_device_counters";

/** Writes the seven counters into a Uint32Array or ArrayBuffer. Allocates nothing: natives cannot take a view of
 * 32-bit elements, so they get its buffer and window. */
export function counters(target) {
	read(target.buffer ?? target, target.byteOffset ?? 0, target.byteLength);
}

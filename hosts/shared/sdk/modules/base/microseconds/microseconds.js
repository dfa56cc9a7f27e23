/** Adds `Time.microseconds`, for firmware that includes this module's manifest. It must be preloaded: once the firmware
 * is linked, `Time` is frozen. Native in hosts/shared/modules/time.c. */
import Time from "time";

function microseconds() @ "xs_time_microseconds";

Object.defineProperty(Time, "microseconds", { enumerable: true, get: microseconds });

/* What tests have to know of a device's TLS: the boards' library, mbedTLS 2.28, has none newer than TLS 1.2. */
import config from "mc/config";

const { variant } = config as unknown as { variant: string };

export const hasTls13 = !variant.startsWith("mps2");

/** Of two things, for TLS 1.2 and for TLS 1.3: those for which there is the version; the one for the newest. */
export const each = <T>(older: T, newer: T): T[] => (hasTls13 ? [older, newer] : [older]);
export const best = <T>(older: T, newer: T): T => (hasTls13 ? newer : older);

import type { ServerHandshake } from "transport/tls-handshake";

/** For one connection; `verify`: as in SecureOptions. undefined: the firmware's TLS needs nobody to look after it. */
export function guarded(verify: boolean): ServerHandshake | undefined;

/** Cryptographic randomness, a module every host has. Native in hosts/shared/modules/random.c. */
export function fillRandom(bytes, start, end) @ "xs_random_fill";

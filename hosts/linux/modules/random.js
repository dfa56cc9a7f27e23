/** Cryptographic randomness, a module every host has. Native in hosts/linux/modules/random.c. */
export function fillRandom(bytes, start, end) @ "xs_random_fill";

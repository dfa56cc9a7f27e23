/** Cryptographic randomness, a module every host has. Native in each host's modules/random.c. */
export function fillRandom(bytes, start, end) @ "xs_random_fill";

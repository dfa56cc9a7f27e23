/** Random bytes of the board's own source. random.c says of which one, typings/host.d.ts what it does. */
export function fillRandom(bytes, start, end) @ "xs_random_fill";

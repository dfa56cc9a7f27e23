/** What mirror.d.ts says; native in hosts/mps2/modules/mirror.c. */
export function mirror() @ "xs_mirror_begin";

/** Copying, masking, checking and comparing blocks of bytes. block.d.ts says what each does; native in bytes-block.c and bytes-frame.c. */
export function copy(target, at, source, from, count) @ "xs_bytes_block_copy";
export function maskInto(target, at, source, from, count) @ "xs_bytes_block_mask_into";
export function unmask(bytes, start, end, key, phase) @ "xs_bytes_block_unmask";
export function utf8Check(state, bytes, start, end) @ "xs_bytes_block_utf8_check";
export function frame(target, at, head, payload, length) @ "xs_bytes_block_frame";
export function post(target, at, masked, payload, length, opcode, mask, final, timeout, kind) @ "xs_bytes_block_post";
export function message(bytes, start, end, masked) @ "xs_bytes_block_message";
export function give(target, room, source, found, info, timeout, kind) @ "xs_bytes_block_give";
export function text(target, at, string, end) @ "xs_bytes_block_text";
export function same(bytes, start, end, other) @ "xs_bytes_block_same";
export function equal(bytes, start, end, other, from) @ "xs_bytes_block_equal";
export function find(bytes, start, end, one, two, three) @ "xs_bytes_block_find";

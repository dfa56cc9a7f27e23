/* Whose an address of a board's firmware is, as the linker's map says. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { addressOf, byFunction, byPart, type Division } from "../../tools/parts.ts";

const out = "../../build/mps2/mps2-an385";
const map = `Discarded input sections

 .text.fxUnused 0x00000000       0x40 ${out}/engine/xsAPI.o

Linker script and memory map

LOAD ${out}/engine/xsAPI.o

.text           0x00000000      0x17c
 *(.vectors)
 .vectors       0x00000000       0x40 ${out}/host/startup.o
 *(.text .text.*)
 .text          0x00000040        0x0 ${out}/engine/xsAPI.o
 .text.fxRunID  0x00000040       0x60 ${out}/engine/xsRun.o
                0x00000040                fxRunID
 .text.fxAVeryLongNameOfAFunction
                0x000000a0       0x10 ${out}/engine/xsAPI.o
                0x000000a0                fxAVeryLongNameOfAFunction
 *fill*         0x000000b0        0x4 00
 .text.memory_read
                0x000000b4        0xc ${out}/host/shared/memory.o
 .text.xs_tcp_read
                0x000000c0       0x10 ${out}/host/shared/modules/tcp.o
 .text.stream_read
                0x000000d0       0x10 ${out}/lwip-large/host/modules/stream.o
 .text.tcp_write
                0x000000e0       0x10 ${out}/lwip-large/tcp_out.o
 .text.network_poll
                0x000000f0       0x10 ${out}/lwip-large/host/network.o
 .text.mirror_input
                0x00000100       0x10 ${out}/lwip-large/host/modules/mirror.o
 .text.xs_bytes_block_copy
                0x00000110       0x10 ${out}/firmware/0123456789abcdef/app/bytes-block.o
 .text.counting_mark
                0x00000120        0x2 ${out}/firmware/0123456789abcdef/app/counting-mark.o
                0x00000120                counting_mark
 .text.loop_run 0x00000122        0xe ${out}/host/shared/loop.o
 .text          0x00000130       0x4c /usr/lib/arm-none-eabi/lib/thumb/v7-m/nofp/libc_nano.a(lib_a-memcpy.o)
                0x00000130                memcpy
 *(.rodata .rodata.*)
 .rodata.str1.1
                0x0000017c       0x10 ${out}/engine/xsRun.o
`;

const shown = ({ names, ranges }: Division) =>
	ranges.map(({ start, end, part }) => `${start.toString(16)}-${end.toString(16)} ${names[part]}`);

test("each object's code is its part's, neighbours together, and what was discarded is nobody's", () => {
	deepEqual(shown(byPart(map)), [
		"40-c0 javascript",
		"c0-e0 native",
		"e0-100 network",
		"100-110 rest",
		"110-120 native",
		"120-130 rest",
		"130-17c callers",
	]);
});

test("whom the network works for is told by functions, if all of them are there", () => {
	equal(byPart(map).split, undefined);
	const symbols = ["stream_write", "stream_read", "mirror_to_client", "mirror_to_server", "tcp_fasttmr", "lan9118_receive"];
	const both = map + symbols.map((name, i) => `                0x0000020${i}                ${name}\n`).join("");
	deepEqual(byPart(both).names.slice(-2), ["sender", "receiver"]);
	const { part, tellers } = byPart(both).split!;
	equal(byPart(both).names[part], "network");
	deepEqual(tellers.map(({ address, number }) => `${symbols[address - 0x200]} ${number}`).sort(), [
		"lan9118_receive 0",
		"mirror_to_client 1",
		"mirror_to_server 2",
		"stream_read 2",
		"stream_write 1",
		"tcp_fasttmr 2",
	]);
});

test("each function is a part of its own, and each object of a library", () => {
	const ranges = shown(byFunction(map));
	equal(ranges.length, 12);
	deepEqual([ranges[0], ranges[1], ranges[11]], ["40-a0 fxRunID", "a0-b0 fxAVeryLongNameOfAFunction", "130-17c memcpy"]);
});

test("functions are found by name", () => {
	equal(addressOf(map, "counting_mark"), 0x120);
	equal(addressOf(map, "fxRunID"), 0x40);
	equal(addressOf(map, "fxUnused"), undefined);
});

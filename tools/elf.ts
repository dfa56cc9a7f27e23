/* What a firmware takes of a board: the sections of its ELF file. */
import { readFileSync } from "node:fs";
import { Failure } from "./failure.ts";

export interface Section {
	name: string;
	address: number;
	size: number;
	/** It has bytes in the file, so they have to be in flash, wherever they are used. */
	stored: boolean;
}

const MAGIC = 0x464c457f;
const CLASS_32 = 1;
const LITTLE_ENDIAN = 1;
const SECTION_NOBITS = 8;
const FLAG_ALLOC = 2;

/** The sections that are on the board; those for a debugger are not among them. */
export function readSections(path: string): Section[] {
	const file = readFileSync(path);
	const broken = () => new Failure(`${path}: not a firmware's ELF file`);
	if (file.length < 52 || file.readUInt32LE(0) !== MAGIC || file[4] !== CLASS_32 || file[5] !== LITTLE_ENDIAN) throw broken();
	const table = file.readUInt32LE(32);
	const [size, count, names] = [file.readUInt16LE(46), file.readUInt16LE(48), file.readUInt16LE(50)];
	if (size < 40 || names >= count || table + size * count > file.length) throw broken();
	const word = (section: number, at: number) => file.readUInt32LE(table + section * size + at);
	const sections: Section[] = [];
	for (let index = 0; index < count; index++) {
		// Memory that nobody sets at the start has no flag, only an address.
		const loaded = (word(index, 8) & FLAG_ALLOC) !== 0;
		if (!loaded && word(index, 12) === 0) continue;
		const start = word(names, 16) + word(index, 0);
		sections.push({
			name: file.toString("latin1", start, file.indexOf(0, start)),
			address: word(index, 12),
			size: word(index, 20),
			stored: loaded && word(index, 4) !== SECTION_NOBITS,
		});
	}
	return sections;
}

/** The places of RAM, from and up to: of RP2040 and RP2350, and of the ESP32s data and code that was copied there. */
const RAM: Readonly<Record<string, readonly (readonly [number, number])[]>> = Object.freeze({
	pico: [[0x20000000, 0x20082000]],
	esp32: [
		[0x3fc80000, 0x3fd00000],
		[0x3ffae000, 0x40000000],
		[0x40070000, 0x400c2000],
		[0x40370000, 0x403e0000],
		[0x40800000, 0x40880000],
	],
});

/** Room that is nobody's yet: what malloc has, and, in an ESP32's memory, sections that only move the next one. */
const isRoom = ({ name }: Section) => /dummy|noload|heap|reserved/.test(name);

/** In bytes: of flash, all that is stored, values that variables begin with included; of RAM, those variables and all others. */
export function memoryOf(sections: Section[], family: string): { flash: number; ram: number } {
	const isRam = ({ address }: Section) => RAM[family]?.some(([from, to]) => address >= from && address < to) === true;
	const sum = (wanted: (section: Section) => boolean) =>
		sections.filter((section) => !isRoom(section) && wanted(section)).reduce((total, section) => total + section.size, 0);
	return { flash: sum(({ stored }) => stored), ram: sum(isRam) };
}

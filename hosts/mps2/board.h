/*
 * Where things are on the two boards that QEMU emulates. Both have 4 MB of memory for code, which real firmware would have as flash
 * and which the MPU makes read-only here, and 4 MB of RAM, of which a firmware gets as much as its header says (rom.c).
 */
#ifndef BOARD_H
#define BOARD_H

#if defined(BOARD_MPS2_AN385)
#define BOARD_NAME "mps2-an385"
#define BOARD_CODE 0x00000000
#define BOARD_RAM 0x20000000
#define BOARD_PERIPHERALS 0x40000000
#define BOARD_PERIPHERALS_SIZE 0x20000000
#define BOARD_FPGAIO 0x40028000
#define BOARD_ETHERNET 0x40200000u
#define BOARD_ETHERNET_INTERRUPT 13u
#define BOARD_CLOCK_HZ 25000000
#elif defined(BOARD_MPS2_AN505)
/* All of it in the secure state: the aliases at odd multiples of 0x10000000. */
#define BOARD_NAME "mps2-an505"
#define BOARD_CODE 0x10000000
#define BOARD_RAM 0x38000000
#define BOARD_PERIPHERALS 0x40000000
#define BOARD_PERIPHERALS_SIZE 0x20000000
#define BOARD_FPGAIO 0x50302000
#define BOARD_ETHERNET 0x52000000u
#define BOARD_ETHERNET_INTERRUPT 48u
#define BOARD_CLOCK_HZ 20000000
#else
#error "which board? define BOARD_MPS2_AN385 or BOARD_MPS2_AN505"
#endif

#define BOARD_CODE_SIZE 0x400000
#define BOARD_RAM_SIZE 0x400000

/* Of the code memory: programs and constants, then the firmware's root machine, then what only its making needs. */
#define BOARD_ROM (BOARD_CODE + 0x100000)
#define BOARD_ROM_SIZE 0x200000
#define BOARD_MAKER (BOARD_CODE + 0x300000)
#define BOARD_MAKER_SIZE 0x100000

/* The stack of C, at the start of the RAM: what grows out of it faults, and overwrites nothing. */
#ifndef BOARD_STACK
#define BOARD_STACK 6144
#endif

#ifndef BOARD_ADDRESSES_ONLY

#include <stdint.h>

/* The interrupt lines only end WFI: PRIMASK is set from start to end. */
#define BOARD_NVIC(offset, line) (((volatile uint32_t *)(0xE000E000 + (offset)))[(line) / 32])

static inline void board_enable_interrupt(uint32_t line)
{
	BOARD_NVIC(0x100, line) = 1u << line % 32;
}

/* Forgets a request; one that is still made is not seen again. */
static inline void board_clear_interrupt(uint32_t line)
{
	BOARD_NVIC(0x280, line) = 1u << line % 32;
}

#endif

#endif

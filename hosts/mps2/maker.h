/*
 * Makes the firmware: links what a link file lists into flash, and writes that to a file. It runs once, on the board that the
 * firmware is for, so that all addresses are what they will be.
 */
#ifndef MAKER_H
#define MAKER_H

#include <stdint.h>

#include "board.h"

/* Parsing recurses as deep as the source does: the maker has a stack of its own, at the end of all RAM. */
#define MAKER_STACK (512 * 1024)
#define maker_stack ((uint8_t *)(BOARD_RAM + BOARD_RAM_SIZE - MAKER_STACK))

/* Does not come back: the board ends, with status 0 once the file is written. */
_Noreturn void maker_run(const char *link_path, const char *rom_path);

#endif

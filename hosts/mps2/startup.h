/*
 * The memory of the board as the linker laid it out, and how deep the stack of C went.
 */
#ifndef STARTUP_H
#define STARTUP_H

#include <stddef.h>
#include <stdint.h>

extern uint8_t board_stack[], board_stack_top[];
extern uint8_t board_data[], board_data_end[], board_data_load[];
extern uint8_t board_bss[], board_bss_end[];
extern uint8_t board_heap[];

/* Most bytes of the stack that were ever in use. */
size_t startup_stack_peak(void);

#endif

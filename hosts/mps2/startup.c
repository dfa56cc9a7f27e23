/*
 * The first instructions: the vector table, the stack, and the RAM as C expects it.
 */
#include "startup.h"

#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "fault.h"

/* What the stack is filled with, to see later how far it went. */
#define STARTUP_PAINT 0xA5A5A5A5u

#define STARTUP_CPACR (*(volatile uint32_t *)0xE000ED88)

int main(void);
void startup_reset(void);

static void startup_paint(void)
{
	/* Not where this function's own frame is. */
	uint32_t *end = (uint32_t *)__builtin_frame_address(0) - 32;
	for (uint32_t *word = (uint32_t *)(void *)board_stack; word < end; word++)
		*word = STARTUP_PAINT;
}

size_t startup_stack_peak(void)
{
	const uint32_t *word = (const uint32_t *)(const void *)board_stack;
	const uint32_t *end = (const uint32_t *)(const void *)board_stack_top;
	while (word < end && *word == STARTUP_PAINT)
		word++;
	return (size_t)((const uint8_t *)end - (const uint8_t *)word);
}

void startup_reset(void)
{
	/* Nothing here is served by an interrupt: a pending one ends WFI, and the loop looks what there is. */
	__asm volatile("cpsid i");
#ifdef __ARM_FP
	STARTUP_CPACR |= 0xFu << 20;
	__asm volatile("dsb\n isb");
#endif
	startup_paint();
	memcpy(board_data, board_data_load, (size_t)(board_data_end - board_data));
	memset(board_bss, 0, (size_t)(board_bss_end - board_bss));
	exit(main());
}

typedef void (*startup_vector)(void);

/* With interrupts masked every fault is a hard fault. */
__attribute__((section(".vectors"), used)) static const struct {
	void *stack;
	startup_vector reset, nmi, hard_fault, others[12];
} startup_vectors = {
	.stack = board_stack_top,
	.reset = startup_reset,
	.nmi = fault_entry,
	.hard_fault = fault_entry,
	.others = { fault_entry, fault_entry, fault_entry, fault_entry },
};

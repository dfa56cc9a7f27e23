/* Before natives.h needs it: see firmware.c. */
#include "xsAll.h"

#include "board.h"
#include "failure.h"
#include "fault.h"
#include "flash.h"
#include "natives.h"
#include "ram.h"
#include "startup.h"

/* "Armv7-M Architecture Reference Manual, B3.2.15": why there was a fault. */
#define FAULT_STATUS (*(volatile uint32_t *)0xE000ED28)
#define FAULT_MEMORY_ADDRESS (*(volatile uint32_t *)0xE000ED34)
#define FAULT_BUS_ADDRESS (*(volatile uint32_t *)0xE000ED38)
#define FAULT_NO_EXECUTE 0x00000001u
#define FAULT_NO_STACK 0x00001010u /* no room for the frame of the fault */
#define FAULT_MEMORY_ADDRESS_VALID 0x00000080u
#define FAULT_BUS_ADDRESS_VALID 0x00008000u
#define FAULT_UNDEFINED 0x00010000u
#define FAULT_NO_THUMB 0x00020000u

/* What the processor pushes. */
typedef struct fault_frame {
	uint32_t r0, r1, r2, r3, r12, lr, pc, psr;
} fault_frame;

void fault_explain(const fault_frame *frame);

/* The stack may be what is at fault, and nobody comes back from here: it starts anew. */
__attribute__((naked)) void fault_entry(void)
{
	__asm volatile("mov r0, sp\n"
				   "ldr r1, =board_stack_top\n"
				   "mov sp, r1\n"
				   "b fault_explain\n");
}

static const char *fault_native(const fault_frame *frame, uint32_t status)
{
	if (!(status & (FAULT_NO_EXECUTE | FAULT_NO_THUMB)))
		return NULL;
	/* The lowest bit of an address that is called is in the program status, as T, and not in the program counter. */
	return natives_name_of((const char *)(uintptr_t)(frame->pc | (frame->psr >> 24 & 1)));
}

static void fault_explain_access(const fault_frame *frame, uint32_t address)
{
	if (address - BOARD_CODE < BOARD_MAKER - BOARD_CODE)
		failure(
			"write to flash at 0x%08lx, by the instruction at 0x%08lx: the app, or the engine for it, changed an object that a "
			"preloaded module made. Make it in a module that is not preloaded, or freeze it",
			(unsigned long)address, (unsigned long)frame->pc);
	if (address - BOARD_RAM < BOARD_RAM_SIZE)
		failure("fault: 0x%08lx lies beyond the %lu KB of RAM (the instruction at 0x%08lx, called from 0x%08lx)",
			(unsigned long)address, (unsigned long)(ram_size() / 1024), (unsigned long)frame->pc, (unsigned long)frame->lr);
	failure("fault: there is nothing at 0x%08lx (the instruction at 0x%08lx, called from 0x%08lx)", (unsigned long)address,
		(unsigned long)frame->pc, (unsigned long)frame->lr);
}

static bool fault_is_stack_overflow(uint32_t status, uint32_t address)
{
	return (status & FAULT_NO_STACK) || (status & FAULT_MEMORY_ADDRESS_VALID && address - (BOARD_RAM - 4096) < 4096);
}

__attribute__((used)) void fault_explain(const fault_frame *frame)
{
	uint32_t status = FAULT_STATUS;
	uint32_t address = status & FAULT_MEMORY_ADDRESS_VALID ? FAULT_MEMORY_ADDRESS : FAULT_BUS_ADDRESS;
	if (fault_is_stack_overflow(status, address))
		failure(
			"stack overflow of C: more than its %lu bytes. Data is nested too deep, or a native takes too much; with --ram 512 "
			"or more, C has 32 KB",
			(unsigned long)(board_stack_top - board_stack));
	const char *native = fault_native(frame, status);
	if (native)
		failure("a preloaded module calls the native %s, and natives work only once the app runs. Call it later, or do not "
				"preload the module",
			native);
	if (status & (FAULT_NO_EXECUTE | FAULT_NO_THUMB))
		failure("fault: there is no code at 0x%08lx (called from 0x%08lx)", (unsigned long)frame->pc, (unsigned long)frame->lr);
	if (status & (FAULT_MEMORY_ADDRESS_VALID | FAULT_BUS_ADDRESS_VALID))
		fault_explain_access(frame, address);
	failure("fault: status 0x%08lx, the instruction at 0x%08lx, called from 0x%08lx", (unsigned long)status,
		(unsigned long)frame->pc, (unsigned long)frame->lr);
}

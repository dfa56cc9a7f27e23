#include "xsmc.h"

#include <stdlib.h>

static uintptr_t fault_address(xsMachine *the)
{
	return (uintptr_t)xsmcToNumber(xsArg(0));
}

void xs_fault_write(xsMachine *the)
{
	*(volatile uint32_t *)fault_address(the) = 1;
}

void xs_fault_read(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue) * (volatile uint8_t *)fault_address(the));
}

void xs_fault_call(xsMachine *the)
{
	((void (*)(void))fault_address(the))();
}

static int fault_deeper(volatile int depth)
{
	volatile int frame[16] = { 0 };
	frame[depth & 15] = fault_deeper(depth + 1);
	return frame[depth & 15] + depth;
}

void xs_fault_recurse(xsMachine *the)
{
	xsmcSetInteger(xsResult, fault_deeper(0));
}

/* Takes all that malloc has. */
void xs_fault_exhaust(xsMachine *the)
{
	int count = 0;
	while (malloc(64))
		count++;
	xsmcSetInteger(xsResult, count);
}

/*
 * The SDK's `logical`: xor, and, or of a buffer with a mask that repeats. The engine's package brings an older version,
 * whose natives have no count; hence the names of these. Reads and writes in place, allocates nothing.
 */
#include <string.h>

#include "device.h"

typedef uint8_t logical_operation(uint8_t a, uint8_t b);

/* (target, mask, count?): the mask is a byte, a string or a buffer. Inlined into each native, so that the compiler sees
 * one loop for each operation. */
static inline __attribute__((always_inline)) void logical_apply(xsMachine *the, logical_operation operation)
{
	xsUnsignedValue length, mask_length, i, j = 0;
	xsIntegerValue count = 0;
	bool counted = xsmcArgc > 2;
	uint8_t byte;
	uint8_t *target, *mask;

	if (xsmcArgc < 2)
		xsTypeError("logical: expects a buffer and a mask");
	/* Turning an object into a number runs its code, which may move the buffers: the number first. */
	if (counted)
		count = xsmcToInteger(xsArg(2));
	switch (xsmcTypeOf(xsArg(1))) {
	case xsIntegerType:
	case xsNumberType:
		byte = (uint8_t)xsmcToInteger(xsArg(1));
		mask = &byte;
		mask_length = 1;
		break;
	case xsStringType:
		mask = (uint8_t *)xsmcToString(xsArg(1));
		mask_length = (xsUnsignedValue)strlen((char *)mask);
		break;
	default:
		xsmcGetBufferReadable(xsArg(1), (void **)&mask, &mask_length);
		break;
	}
	xsmcGetBufferWritable(xsArg(0), (void **)&target, &length);
	if (counted) {
		if (count <= 0 || (xsUnsignedValue)count > length)
			xsRangeError("logical: count must be from 1 to the length of the buffer");
		length = (xsUnsignedValue)count;
	}
	/* A device would read past the end of it. */
	if (!mask_length)
		xsRangeError("logical: the mask is empty");
	for (i = 0; i < length; i++) {
		target[i] = operation(target[i], mask[j]);
		if (++j == mask_length)
			j = 0;
	}
}

static inline uint8_t logical_xor(uint8_t a, uint8_t b)
{
	return a ^ b;
}

static inline uint8_t logical_and(uint8_t a, uint8_t b)
{
	return a & b;
}

static inline uint8_t logical_or(uint8_t a, uint8_t b)
{
	return a | b;
}

void xs_logical_xor_count(xsMachine *the)
{
	logical_apply(the, logical_xor);
}

void xs_logical_and_count(xsMachine *the)
{
	logical_apply(the, logical_and);
}

void xs_logical_or_count(xsMachine *the)
{
	logical_apply(the, logical_or);
}

/*
 * The module `random`: cryptographic random bytes, from the host.
 */
#include "device.h"
#include "entropy.h"

/* A position in the buffer, half-open ranges: a number, whole, and not past the limit. */
static xsUnsignedValue random_position(xsMachine *the, xsNumberValue number, xsUnsignedValue limit)
{
	if (!(number >= 0 && number <= limit) || number != (xsUnsignedValue)number)
		xsRangeError("fillRandom: start and end must lie within the buffer");
	return (xsUnsignedValue)number;
}

void xs_random_fill(xsMachine *the)
{
	uint8_t *bytes;
	xsUnsignedValue length, start, end;
	xsNumberValue from, to;

	if (xsmcArgc < 3)
		xsTypeError("fillRandom: expects bytes, start and end");
	/* Turning an object into a number runs its code, which may move the buffer: numbers first. */
	from = xsmcToNumber(xsArg(1));
	to = xsmcToNumber(xsArg(2));
	xsmcGetBufferWritable(xsArg(0), (void **)&bytes, &length);
	end = random_position(the, to, length);
	start = random_position(the, from, end);
	if (!entropy_fill(bytes + start, end - start))
		xsUnknownError("fillRandom: there is no randomness to be had");
}

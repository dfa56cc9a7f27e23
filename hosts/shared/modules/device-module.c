/*
 * The module `device`: how a test ends the device, reads its exact counters, and has the garbage collected.
 */
#include <string.h>

#include "device.h"

void xs_device_exit(xsMachine *the)
{
	xsIntegerValue status = xsmcArgc ? xsmcToInteger(xsArg(0)) : 0;

	if (status < 0 || status > 255)
		xsRangeError("exit: a status is from 0 to 255");
	device_exit(status);
}

/* counters(buffer, offset, length): the window of the buffer that the caller passed. */
void xs_device_counters(xsMachine *the)
{
	uint32_t words[DEVICE_COUNTERS];
	uint8_t *bytes;
	xsUnsignedValue length;
	xsIntegerValue offset = xsmcToInteger(xsArg(1));

	if (xsmcToInteger(xsArg(2)) < (xsIntegerValue)sizeof(words))
		xsRangeError("counters: the target is shorter than seven words");
	xsmcGetBufferWritable(xsArg(0), (void **)&bytes, &length);
	if (offset < 0 || (xsUnsignedValue)offset > length || length - (xsUnsignedValue)offset < sizeof(words))
		xsRangeError("counters: the target is shorter than seven words");
	device_counters(words);
	memcpy(bytes + offset, words, sizeof(words));
}

void xs_device_collect(xsMachine *the)
{
	xsCollectGarbage();
}

/*
 * The module `random` where the board has a source of its own: the Pico's hardware, by the pico-sdk's pico_rand (on an RP2350 the true
 * random number generator; on an RP2040, which has none, the ring oscillator's jitter, timers and bus counters, mixed anew for each
 * number), and the kernel's under the simulator of Linux. Plain xsmc; allocates nothing.
 */
#include <stdint.h>
#include <string.h>

#include "xsmc.h"

#if defined(PICO_BUILD)
#include "pico/rand.h"

static int random_bytes(uint8_t *bytes, size_t count)
{
	while (count > 0) {
		uint64_t word = get_rand_64();
		size_t part = count < sizeof(word) ? count : sizeof(word);

		memcpy(bytes, &word, part);
		bytes += part;
		count -= part;
	}
	return 1;
}
#else
#include <unistd.h>

/* What getentropy() gives at a time. */
#define RANDOM_PART 256

static int random_bytes(uint8_t *bytes, size_t count)
{
	while (count > 0) {
		size_t part = count < RANDOM_PART ? count : RANDOM_PART;

		if (getentropy(bytes, part) != 0)
			return 0;
		bytes += part;
		count -= part;
	}
	return 1;
}
#endif

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
	if (!random_bytes(bytes + start, end - start))
		xsUnknownError("fillRandom: the system has no randomness");
}

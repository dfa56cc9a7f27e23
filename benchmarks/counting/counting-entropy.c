/*
 * Randomness that is the same in each run, in place of the board's: what depends on it, such as when TCP's timers come between messages, is
 * then the same, too.
 */
#include "entropy.h"

bool entropy_fill(void *bytes, size_t count)
{
	/* "Xorshift RNGs", Marsaglia 2003: the generator of 32 bits. */
	static uint32_t state = 1;
	uint8_t *to = bytes;
	for (size_t i = 0; i < count; i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		to[i] = (uint8_t)state;
	}
	return true;
}

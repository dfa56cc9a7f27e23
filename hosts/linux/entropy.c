#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

#include "failure.h"

uint32_t entropy_word(void);

/* Behind Math.random: see platform.h. */
uint32_t entropy_word(void)
{
	uint32_t word;
	while (getrandom(&word, sizeof(word), 0) != (ssize_t)sizeof(word)) {
		if (errno != EINTR)
			failure("the kernel gives no randomness");
	}
	return word;
}

#include "entropy.h"

#include "failure.h"

uint32_t entropy_word(void)
{
	uint32_t word;
	if (!entropy_fill(&word, sizeof(word)))
		failure("there is no randomness to be had");
	return word;
}

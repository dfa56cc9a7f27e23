/*
 * Randomness that nobody can guess: the host's source of it.
 */
#ifndef ENTROPY_H
#define ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills bytes; false if there is no randomness to be had. */
bool entropy_fill(void *bytes, size_t count);

/* Behind Math.random: see platform.h. Ends the device if there is none. */
uint32_t entropy_word(void);

#endif

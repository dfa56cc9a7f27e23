/*
 * The RAM of the board: how much of it there is, and what took how much at most. What lies beyond its end is there in the emulator,
 * but not for the firmware: the heap does not grow there, and the MPU lets nobody in.
 */
#ifndef RAM_H
#define RAM_H

#include <stdbool.h>
#include <stddef.h>

/* The firmware has so many bytes; exits if it cannot start in them. Before that, as the maker, it has all that the emulator has. */
void ram_limit(size_t size);
size_t ram_size(void);

/* More memory for malloc, or NULL. */
void *ram_grow(ptrdiff_t size);

/* What the arena gets of the RAM: what its manifest wants, if that leaves enough for malloc. */
size_t ram_for_arena(size_t wanted);

#endif

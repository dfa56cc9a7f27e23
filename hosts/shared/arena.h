/*
 * One block of memory of fixed size that holds everything an XS machine allocates: its stack, its slots and its chunks.
 * Chunks grow up from the start, slots grow down from the end, as the static block of a Moddable device does.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct arena {
	uint8_t *start, *end;
	uint8_t *chunks; /* end of the chunks: [start, chunks) */
	uint8_t *slots;  /* start of the slots: [slots, end) */
	size_t step;     /* what chunks grow by at least, where there is room */
	size_t peak;     /* most bytes ever taken by both */
	size_t refused;  /* what the last request asked for, if it found no room */
} arena;

/* Chunks are asked for to the byte (creation.incrementalChunkSize), and grow by the arena's step. */
#define ARENA_ALIGNMENT 16

/* Lays an arena over [start, start + size). The caller owns the memory and keeps it while a machine uses it. */
void arena_init(arena *self, void *start, size_t size, size_t step);

static inline size_t arena_used(const arena *self)
{
	return (size_t)(self->chunks - self->start) + (size_t)(self->end - self->slots);
}

#endif

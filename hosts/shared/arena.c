#include "xsAll.h"

#include "arena.h"
#include "flash.h"

/* Slots hold doubles and pointers; 16 is the strictest alignment of both. */
void arena_init(arena *self, void *start, size_t size, size_t step)
{
	uintptr_t first = ((uintptr_t)start + ARENA_ALIGNMENT - 1) & ~(uintptr_t)(ARENA_ALIGNMENT - 1);
	uintptr_t last = ((uintptr_t)start + size) & ~(uintptr_t)(ARENA_ALIGNMENT - 1);
	self->start = self->chunks = (uint8_t *)first;
	self->end = self->slots = (uint8_t *)last;
	self->step = step;
	self->peak = 0;
	self->refused = 0;
}

static void arena_note_peak(arena *self)
{
	size_t used = arena_used(self);
	if (self->peak < used)
		self->peak = used;
}

static size_t arena_room(const arena *self)
{
	return (size_t)(self->slots - self->chunks);
}

/* Whether `missing` bytes fit, for a request of `size`. */
static txBoolean arena_has_room(arena *self, size_t missing, size_t size)
{
	self->refused = missing <= arena_room(self) ? 0 : size;
	return !self->refused;
}

/*
 * The root has no arena: what it takes is flash, except for its stack, which is not for long.
 *
 * The engine asks for `size` more bytes and appends them to its block if they start where the block ends, so an arena
 * has one block only. It does not count what is still free at the block's end, and would give up where a whole step has
 * no room. By moving the block's end before the engine adds `size` to it, an arena gives what it decides: what is missing,
 * or a step if there is room for one. So chunks fill it to the last bytes; slots come in whole steps.
 */
void *fxAllocateChunks(txMachine *the, txSize size)
{
	arena *self = the->arena;
	if (!self)
		return flash_take((size_t)size);
	txBlock *block = the->firstBlock;
	if (!block) {
		if (!arena_has_room(self, (size_t)size, (size_t)size))
			return NULL;
		self->chunks += size;
		arena_note_peak(self);
		return self->start;
	}
	txSize grow = size - (txSize)sizeof(txBlock) - (txSize)(block->limit - block->current);
	if (grow < 0)
		grow = 0;
	grow = (grow + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
	if (!arena_has_room(self, (size_t)grow, (size_t)size))
		return NULL;
	if ((size_t)grow < self->step)
		grow = (txSize)(self->step < arena_room(self) ? self->step : arena_room(self));
	self->chunks += grow;
	arena_note_peak(self);
	block->limit = (txByte *)self->chunks - size;
	the->maximumChunksSize += grow - size;
	return block->limit;
}

/* A machine's arena is given back whole by whoever laid it out. */
void fxFreeChunks(txMachine *the, void *chunks)
{
	(void)the;
	(void)chunks;
}

static txSlot *arena_take_slots(arena *self, size_t size)
{
	if (!arena_has_room(self, size, size))
		return NULL;
	self->slots -= size;
	arena_note_peak(self);
	return (txSlot *)self->slots;
}

/* When slots run out, compact the chunks and take back what is free at their end. */
txSlot *fxAllocateSlots(txMachine *the, txSize count)
{
	arena *self = the->arena;
	size_t size = (size_t)count * sizeof(txSlot);
	/* A stack is all that is asked for before there is a heap. */
	if (!self)
		return the->stackBottom ? flash_take(size) : malloc(size);
	txSlot *slots = arena_take_slots(self, size);
	txBlock *block = the->firstBlock;
	if (!slots && block && the->firstHeap) {
		fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
		uint8_t *used = (uint8_t *)(((uintptr_t)block->current + ARENA_ALIGNMENT - 1) & ~(uintptr_t)(ARENA_ALIGNMENT - 1));
		if (used < self->chunks) {
			the->maximumChunksSize -= (txSize)(self->chunks - used);
			self->chunks = used;
			block->limit = (txByte *)used;
		}
		slots = arena_take_slots(self, size);
	}
	return slots;
}

void fxFreeSlots(txMachine *the, void *slots)
{
	(void)the;
	(void)slots;
}

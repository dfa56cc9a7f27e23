#include "xsAll.h"

#include "arena.h"

/* Slots hold doubles and pointers: an arena keeps them on the strictest of both alignments. */
#define ARENA_ALIGNMENT 16

void arena_init(arena *self, void *start, size_t size)
{
	uintptr_t first = ((uintptr_t)start + ARENA_ALIGNMENT - 1) & ~(uintptr_t)(ARENA_ALIGNMENT - 1);
	uintptr_t last = ((uintptr_t)start + size) & ~(uintptr_t)(ARENA_ALIGNMENT - 1);
	self->start = self->chunks = (uint8_t *)first;
	self->end = self->slots = (uint8_t *)last;
	self->peak = 0;
	self->refused = 0;
}

static void arena_note_peak(arena *self)
{
	size_t used = arena_used(self);
	if (self->peak < used)
		self->peak = used;
}

static txBoolean arena_has_room(arena *self, size_t size)
{
	if (size <= (size_t)(self->slots - self->chunks))
		return 1;
	self->refused = size;
	return 0;
}

/*
 * The engine asks for `size` more bytes and appends them to its block if they start where the block ends, so an arena
 * has one block only. It does not count what is still free at the block's end; by moving that end back before the
 * engine adds `size` to it, an arena gives only what is missing and can be filled to the last bytes.
 */
void *fxAllocateChunks(txMachine *the, txSize size)
{
	arena *self = the->arena;
	txBlock *block = the->firstBlock;
	if (!block) {
		if (!arena_has_room(self, (size_t)size))
			return NULL;
		self->chunks += size;
		arena_note_peak(self);
		return self->start;
	}
	txSize grow = size - (txSize)sizeof(txBlock) - (txSize)(block->limit - block->current);
	if (grow < 0)
		grow = 0;
	grow = (grow + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
	if (!arena_has_room(self, (size_t)grow))
		return NULL;
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
	if (!arena_has_room(self, size))
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

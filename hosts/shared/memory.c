/*
 * The engine's memory manager with exact, cumulative counters around it. The engine's own counters say what is live;
 * a test that claims "no allocation" must know what was ever allocated, whatever was collected since.
 *
 * The engine's file is compiled here with its entry points renamed, so that every call from outside passes a counter.
 * fxShare is replaced altogether: see freeze.c.
 */
#define fxDuplicateSlot engine_fxDuplicateSlot
#define fxNewSlot engine_fxNewSlot
#define fxNewChunk engine_fxNewChunk
#define fxNewGrowableChunk engine_fxNewGrowableChunk
#define fxRenewChunk engine_fxRenewChunk
#define fxShare engine_fxShare
#include "xsMemory.c"
#undef fxDuplicateSlot
#undef fxNewSlot
#undef fxNewChunk
#undef fxNewGrowableChunk
#undef fxRenewChunk
#undef fxShare

#include "memory.h"

/* The engine's count of collections has 16 bits. Only an allocation collects (or a call that says so), so adding up the
 * differences at each allocation and each reading loses none. */
static void memory_count_collections(txMachine *the)
{
	the->collections += (txU2)(the->garbageCollectionCount - the->collections_seen);
	the->collections_seen = the->garbageCollectionCount;
}

/* What a chunk takes from the heap, its header and its spare capacity included. */
static txSize memory_chunk_capacity(void *data)
{
	txByte *chunk = (txByte *)data - sizeof(txChunk);
	return (txSize)(((txChunk *)chunk)->temporary - chunk);
}

txSlot *fxNewSlot(txMachine *the)
{
	txSlot *slot = engine_fxNewSlot(the);
	the->slots_allocated++;
	memory_count_collections(the);
	return slot;
}

txSlot *fxDuplicateSlot(txMachine *the, txSlot *from)
{
	txSlot *slot = engine_fxDuplicateSlot(the, from);
	the->slots_allocated++;
	memory_count_collections(the);
	return slot;
}

void *fxNewChunk(txMachine *the, txSize size)
{
	void *data = engine_fxNewChunk(the, size);
	the->chunk_bytes_allocated += (uint32_t)memory_chunk_capacity(data);
	memory_count_collections(the);
	return data;
}

void *fxNewGrowableChunk(txMachine *the, txSize size, txSize capacity)
{
	void *data = engine_fxNewGrowableChunk(the, size, capacity);
	the->chunk_bytes_allocated += (uint32_t)memory_chunk_capacity(data);
	memory_count_collections(the);
	return data;
}

/* A chunk counts with its capacity from the start, so growing within it is nothing new; the engine counts it again. */
void *fxRenewChunk(txMachine *the, void *data, txSize size)
{
	txSize before = memory_chunk_capacity(data);
	txSize live = the->currentChunksSize;
	txSize peak = the->peakChunksSize;
	void *renewed = engine_fxRenewChunk(the, data, size);
	if (renewed) {
		txSize grown = memory_chunk_capacity(renewed) - before;
		the->chunk_bytes_allocated += (uint32_t)grown;
		the->currentChunksSize = live + grown;
		the->peakChunksSize = peak < the->currentChunksSize ? the->currentChunksSize : peak;
	}
	return renewed;
}

void memory_read(txMachine *the, memory_counters *counters)
{
	memory_count_collections(the);
	counters->slots_allocated = the->slots_allocated;
	counters->chunk_bytes_allocated = the->chunk_bytes_allocated;
	counters->collections = the->collections;
	counters->slots_live = (uint32_t)the->currentHeapCount;
	counters->chunk_bytes_live = (uint32_t)the->currentChunksSize;
	counters->slots_peak = (uint32_t)the->peakHeapCount;
	counters->chunk_bytes_peak = (uint32_t)the->peakChunksSize;
}

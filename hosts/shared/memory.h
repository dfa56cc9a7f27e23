/*
 * What a machine has allocated. Slots count 16 bytes each on 32 bit and 32 on 64 bit; chunk bytes include headers.
 * The order is the order of the words that the module `device` hands to JavaScript.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdint.h>

typedef struct memory_counters {
	uint32_t slots_allocated;       /* ever, modulo 2 ** 32 */
	uint32_t chunk_bytes_allocated; /* ever, modulo 2 ** 32 */
	uint32_t collections;
	uint32_t slots_live;       /* as of the last collection, plus what was allocated since */
	uint32_t chunk_bytes_live; /* likewise */
	uint32_t slots_peak;
	uint32_t chunk_bytes_peak;
} memory_counters;

struct sxMachine;
void memory_read(struct sxMachine *the, memory_counters *counters);

#endif

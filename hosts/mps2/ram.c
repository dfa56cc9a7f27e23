/* Before what needs it: see hosts/shared/firmware.c. */
#include "xsAll.h"

#include "board.h"
#include "failure.h"
#include "firmware.h"
#include "machine.h"
#include "network.h"
#include "ram.h"
#include "report.h"
#include "rom.h"
#include "startup.h"

/* Less than this is no app. */
#define RAM_LEAST_ARENA 4096

static size_t ram_bytes = BOARD_RAM_SIZE;
static size_t ram_heap; /* what malloc got, the arena included; it never gives back */

static size_t ram_taken(void)
{
	return (size_t)(board_heap - board_stack);
}

void ram_limit(size_t size)
{
	if (ram_taken() + rom_malloc() + RAM_LEAST_ARENA > size)
		failure("%lu KB of RAM are too few: C and lwIP take %lu bytes, malloc wants %lu, and an app %d. Give it more: --ram KB",
			(unsigned long)(size / 1024), (unsigned long)ram_taken(), (unsigned long)rom_malloc(), RAM_LEAST_ARENA);
	ram_bytes = size;
}

size_t ram_size(void)
{
	return ram_bytes;
}

void *ram_grow(ptrdiff_t size)
{
	size_t left = ram_bytes - ram_taken() - ram_heap;
	if (size > 0 && (size_t)size > left)
		return NULL;
	void *start = board_heap + ram_heap;
	ram_heap += (size_t)size;
	return start;
}

/* What fxCloneMachine takes of malloc: the machine, its tables of names, and a pointer for each object of the root that may change. */
static size_t ram_tables(void)
{
	const firmware *it = firmware_running();
	const txCreation *creation = &it->image.creation;
	size_t names = (size_t)creation->initialKeyCount + (size_t)creation->nameModulo + (size_t)creation->symbolModulo;
	return sizeof(txMachine) + (names + it->root->aliasCount) * sizeof(txSlot *);
}

size_t ram_for_arena(size_t wanted)
{
	size_t fixed = ram_taken() + ram_tables() + rom_malloc();
	size_t left = fixed < ram_bytes ? ram_bytes - fixed : 0;
	return wanted < left ? wanted : left;
}

/* Each region: what it has, and what of it was ever in use. */
static void ram_report_region(const char *name, size_t bytes, size_t peak)
{
	printf("\"%s\":{\"bytes\":%lu,\"peak\":%lu},", name, (unsigned long)bytes, (unsigned long)peak);
}

static size_t ram_report_network(void)
{
	size_t bytes = 0, peak = 0;
	network_region region;
	printf("\"network\":{");
	for (unsigned i = 0; network_get_region(i, &region); i++) {
		printf("\"%s\":{\"unit\":%lu,\"total\":%lu,\"peak\":%lu,\"refused\":%lu},", region.name, (unsigned long)region.unit_bytes,
			(unsigned long)region.total, (unsigned long)region.peak, (unsigned long)region.refused);
		bytes += (size_t)region.unit_bytes * region.total;
		peak += (size_t)region.unit_bytes * region.peak;
	}
	printf("\"bytes\":%lu,\"peak\":%lu},", (unsigned long)bytes, (unsigned long)peak);
	return bytes;
}

void report_platform(void)
{
	const arena *memory = machine_arena();
	size_t arena_bytes = (size_t)(memory->end - memory->start);
	printf("\"board\":\"" BOARD_NAME "\",\"ram\":{");
	ram_report_region("stack", (size_t)(board_stack_top - board_stack), startup_stack_peak());
	size_t network = ram_report_network();
	size_t data = (size_t)(board_bss_end - board_data) - network;
	ram_report_region("data", data, data);
	ram_report_region("malloc", ram_bytes - ram_taken() - arena_bytes, ram_heap - arena_bytes);
	printf("\"bytes\":%lu},\"rom\":%lu,", (unsigned long)ram_bytes, (unsigned long)rom_size());
}

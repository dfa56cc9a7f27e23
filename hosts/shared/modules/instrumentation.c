/*
 * The SDK's `instrumentation`, with the items that mean something on this host. Which index stands for what differs
 * from host to host, so ask Instrumentation.map(). Nothing resets the figures: where a device's counters cover the last
 * second, these cover the time since it started. Reading one allocates nothing.
 */
#include "xsAll.h"

#include "instrumentation.h"

static int32_t instrumentation_counters[INSTRUMENTATION_COUNTERS];

void xs_instrumentation_get(txMachine *the);
void xs_instrumentation_map(txMachine *the);
void xs_instrumentation_name(txMachine *the);

static int32_t instrumentation_slots(txMachine *the)
{
	return (int32_t)((size_t)the->currentHeapCount * sizeof(txSlot));
}

static int32_t instrumentation_chunks(txMachine *the)
{
	return (int32_t)the->currentChunksSize;
}

static int32_t instrumentation_keys(txMachine *the)
{
	return (int32_t)the->keyIndex - (int32_t)the->keyOffset;
}

static int32_t instrumentation_collections(txMachine *the)
{
	return the->garbageCollectionCount;
}

static int32_t instrumentation_modules(txMachine *the)
{
	return the->loadedModulesCount;
}

/* The peak, as on the SDK. The engine notes it on calls of JavaScript functions only; natives go a little deeper. */
static int32_t instrumentation_stack(txMachine *the)
{
	if (the->stackPeak > the->stack)
		the->stackPeak = the->stack;
	return (int32_t)((size_t)(the->stackTop - the->stackPeak) * sizeof(txSlot));
}

static const struct {
	const char *name;
	int32_t (*get)(txMachine *the);
} instrumentation_items[] = {
	{ "", NULL }, /* the SDK counts from 1 */
	[INSTRUMENTATION_NETWORK_BYTES_READ] = { "Network Bytes Read", NULL },
	[INSTRUMENTATION_NETWORK_BYTES_WRITTEN] = { "Network Bytes Written", NULL },
	[INSTRUMENTATION_NETWORK_SOCKETS] = { "Network Sockets", NULL },
	[INSTRUMENTATION_TIMERS] = { "Timers", NULL },
	{ "XS Slot Heap Used", instrumentation_slots },
	{ "XS Chunk Heap Used", instrumentation_chunks },
	{ "XS Keys Used", instrumentation_keys },
	{ "XS Garbage Collection Count", instrumentation_collections },
	{ "XS Modules Loaded", instrumentation_modules },
	{ "XS Stack Used", instrumentation_stack },
};

enum { INSTRUMENTATION_COUNT = sizeof(instrumentation_items) / sizeof(instrumentation_items[0]) };

void instrumentation_adjust(int item, int32_t by)
{
	/* The network's byte counts may pass 2^31: they wrap, as a device's do. */
	instrumentation_counters[item] = (int32_t)((uint32_t)instrumentation_counters[item] + (uint32_t)by);
}

static int instrumentation_index(txMachine *the)
{
	txInteger index = mxArgc > 0 ? fxToInteger(the, mxArgv(0)) : 0;

	return index > 0 && index < INSTRUMENTATION_COUNT ? index : 0;
}

void xs_instrumentation_get(txMachine *the)
{
	int index = instrumentation_index(the);

	if (index)
		fxInteger(the, mxResult,
			instrumentation_items[index].get ? instrumentation_items[index].get(the) : instrumentation_counters[index]);
}

void xs_instrumentation_map(txMachine *the)
{
	const char *name = mxArgc > 0 ? fxToString(the, mxArgv(0)) : "";

	for (int index = 1; index < INSTRUMENTATION_COUNT; index++)
		if (!c_strcmp(name, instrumentation_items[index].name))
			fxInteger(the, mxResult, index);
}

void xs_instrumentation_name(txMachine *the)
{
	int index = instrumentation_index(the);

	if (index)
		fxString(the, mxResult, (txString)(uintptr_t)instrumentation_items[index].name);
}

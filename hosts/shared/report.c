/* Before device.h: see machine.c. */
#include "xsAll.h"

#include "device.h"
#include "flash.h"
#include "link.h"
#include "machine.h"
#include "memory.h"
#include "report.h"

#ifdef mxDebug
#define REPORT_MODE "debug"
#else
#define REPORT_MODE "release"
#endif

static bool report_wanted;

void report_on(void)
{
	report_wanted = true;
}

static void report_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if ((unsigned char)*text < ' ')
			printf("\\u%04x", (unsigned char)*text);
		else {
			if (*text == '"' || *text == '\\')
				putchar('\\');
			putchar(*text);
		}
	}
	putchar('"');
}

/* The bytes of bytecode of each module. */
static void report_code(void)
{
	const txPreparation *preparation = link_preparation();
	printf("\"code\":{");
	for (txSize i = 0; i < preparation->scriptCount; i++) {
		if (i)
			putchar(',');
		report_string(preparation->scripts[i].path);
		printf(":%d", (int)preparation->scripts[i].codeSize);
	}
	putchar('}');
}

void report_print(int status)
{
	const txMachine *the = device_machine;
	if (!report_wanted || !the)
		return;
	memory_counters counters;
	memory_read(device_machine, &counters);
	const arena *memory = machine_arena();
	unsigned root_slots, root_chunk_bytes;
	machine_root_size(&root_slots, &root_chunk_bytes);
	const txSlot *stack_peak = the->stackPeak < the->stack ? the->stackPeak : the->stack;
	printf("{\"bits\":%d,\"mode\":\"" REPORT_MODE "\",\"status\":%d,", (int)(8 * sizeof(void *)), status);
	printf("\"arena\":{\"bytes\":%zu,\"peak\":%zu},", (size_t)(memory->end - memory->start), memory->peak);
	printf("\"slot\":{\"bytes\":%zu,\"live\":%u,\"peak\":%u,\"allocated\":%u},", sizeof(txSlot), counters.slots_live,
		counters.slots_peak, counters.slots_allocated);
	printf("\"chunk\":{\"live\":%u,\"peak\":%u,\"allocated\":%u},", counters.chunk_bytes_live, counters.chunk_bytes_peak,
		counters.chunk_bytes_allocated);
	printf("\"stack\":{\"slots\":%d,\"peak\":%d},", (int)(the->stackTop - the->stackBottom), (int)(the->stackTop - stack_peak));
	printf("\"keys\":{\"available\":%d,\"used\":%d},", (int)the->keyCount - (int)the->keyOffset,
		(int)the->keyIndex - (int)the->keyOffset);
	printf("\"collections\":%u,", counters.collections);
	printf("\"flash\":{\"slots\":%u,\"chunk\":%u},", root_slots, root_chunk_bytes);
	report_code();
	printf("}\n");
}

/* Before device.h: see machine.c. */
#include "xsAll.h"

#include "device.h"
#include "flash.h"
#include "firmware.h"
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
	const txPreparation *preparation = &firmware_running()->image.preparation;
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
	const txMachine *root = firmware_running()->root;
	const txSlot *stack_peak = the->stackPeak < the->stack ? the->stackPeak : the->stack;
	printf("{\"bits\":%d,\"mode\":\"" REPORT_MODE "\",\"status\":%d,", (int)(8 * sizeof(void *)), status);
	printf("\"arena\":{\"bytes\":%lu,\"peak\":%lu},", (unsigned long)(memory->end - memory->start), (unsigned long)memory->peak);
	printf("\"slot\":{\"bytes\":%d,\"live\":%lu,\"peak\":%lu,\"allocated\":%lu},", (int)sizeof(txSlot),
		(unsigned long)counters.slots_live, (unsigned long)counters.slots_peak, (unsigned long)counters.slots_allocated);
	printf("\"chunk\":{\"live\":%lu,\"peak\":%lu,\"allocated\":%lu},", (unsigned long)counters.chunk_bytes_live,
		(unsigned long)counters.chunk_bytes_peak, (unsigned long)counters.chunk_bytes_allocated);
	printf("\"stack\":{\"slots\":%d,\"peak\":%d},", (int)(the->stackTop - the->stackBottom), (int)(the->stackTop - stack_peak));
	printf("\"keys\":{\"available\":%d,\"used\":%d},", (int)the->keyCount - (int)the->keyOffset,
		(int)the->keyIndex - (int)the->keyOffset);
	printf("\"collections\":%lu,", (unsigned long)counters.collections);
	printf("\"flash\":{\"slots\":%d,\"chunk\":%d},", (int)root->currentHeapCount, (int)root->currentChunksSize);
	report_platform();
	report_code();
	printf("}\n");
}

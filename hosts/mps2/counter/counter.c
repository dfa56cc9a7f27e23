/*
 * A plugin for QEMU that counts the instructions which the board executes, part by part of the program, from one mark to the next. The
 * board's time has no say in that: the same work is the same number. tools/instructions.ts builds it and says what it has to know:
 *
 *     qemu-system-arm … -plugin counter.so,parts=<file>,mark=<address>,counts=<file>[,split=<part>,for=<address>:<number>…]
 *
 * parts: lines of "<start> <end> <part>", addresses in hexadecimal, in ascending order, not overlapping. Part 0 is code that all others
 * call, as memcpy: it counts for whoever called it. What is in no range is part 1.
 * mark: the address of a function of the program. At each call, a line is written: how many instructions of part 1, 2, … were executed
 * since the last one.
 * split: a part that works for several. From a call of the function at `for` on it works for that number, 1 or 2; for 0, whoever is told
 * next. How many were for 1 and for 2 stands behind the parts.
 */
#include "qemu.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

QEMU_EXPORT int qemu_plugin_version = 1;

enum {
	PART_CALLERS,
	PART_OTHER,
};

/* More than a firmware has functions. */
#define PARTS_MOST 16384

/* Numbers of `for`, 0 among them, and functions that tell them. */
#define SHARES 3
#define TELLERS_MOST 16

struct range {
	uint64_t start, end;
	unsigned int part;
};

static struct range *counter_ranges;
static size_t counter_ranges_count;
static uint64_t counter_mark;
static FILE *counter_output;

/* QEMU's code adds to these. There is one processor. */
static uint64_t counter_counts[PARTS_MOST];
static unsigned int counter_parts = PART_OTHER + 1;
/* The last one that was not PART_CALLERS. */
static unsigned int counter_last = PART_OTHER;

/* A part there is not, if none is split. */
static unsigned int counter_split = PARTS_MOST;
static struct teller {
	uint64_t address;
	unsigned int part, number;
} counter_tellers[TELLERS_MOST];
static size_t counter_tellers_count;
static uint64_t counter_shares[SHARES];
/* Whom the split part works for, and how many of its instructions are in the shares already. */
static unsigned int counter_number;
static uint64_t counter_shared;

static unsigned int counter_part_of(uint64_t address)
{
	size_t low = 0, high = counter_ranges_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct range *it = counter_ranges + middle;
		if (address < it->start)
			high = middle;
		else if (address >= it->end)
			low = middle + 1;
		else
			return it->part;
	}
	return PART_OTHER;
}

static void counter_settle(void)
{
	counter_counts[counter_last] += counter_counts[PART_CALLERS];
	counter_counts[PART_CALLERS] = 0;
}

static void counter_share(void)
{
	counter_settle();
	if (counter_split == PARTS_MOST)
		return;
	counter_shares[counter_number] += counter_counts[counter_split] - counter_shared;
	counter_shared = counter_counts[counter_split];
}

static void counter_on_part(unsigned int processor, void *data)
{
	(void)processor;
	counter_settle();
	counter_last = (unsigned int)(uintptr_t)data;
}

static void counter_on_teller(unsigned int processor, void *data)
{
	const struct teller *it = data;
	counter_on_part(processor, (void *)(uintptr_t)it->part);
	counter_share();
	counter_number = it->number;
	if (!counter_number)
		return;
	counter_shares[counter_number] += counter_shares[0];
	counter_shares[0] = 0;
}

static void counter_on_mark(unsigned int processor, void *data)
{
	counter_on_part(processor, data);
	counter_share();
	for (unsigned int part = PART_OTHER; part < counter_parts; part++)
		fprintf(counter_output, "%" PRIu64 " ", counter_counts[part]);
	for (unsigned int number = 1; number < SHARES; number++)
		fprintf(counter_output, "%" PRIu64 "%c", counter_shares[number], number + 1 < SHARES ? ' ' : '\n');
	/* QEMU may be killed. */
	fflush(counter_output);
	memset(counter_counts, 0, sizeof(counter_counts));
	memset(counter_shares + 1, 0, sizeof(counter_shares) - sizeof(*counter_shares));
	counter_shared = 0;
}

static struct teller *counter_teller_at(uint64_t address)
{
	for (size_t i = 0; i < counter_tellers_count; i++)
		if (counter_tellers[i].address == address)
			return counter_tellers + i;
	return NULL;
}

/*
 * A block is part of one function, for a call ends it. Each instruction is counted on its own: a block that is left in the middle, by a
 * fault or for a device's register, goes on in another one.
 */
static void counter_on_translated(uint64_t plugin, struct qemu_plugin_tb *block)
{
	(void)plugin;
	uint64_t address = qemu_plugin_tb_vaddr(block);
	unsigned int part = counter_part_of(address);
	struct teller *teller = counter_teller_at(address);
	if (address == counter_mark)
		qemu_plugin_register_vcpu_tb_exec_cb(block, counter_on_mark, QEMU_NO_REGISTERS, (void *)(uintptr_t)part);
	else if (teller) {
		teller->part = part;
		qemu_plugin_register_vcpu_tb_exec_cb(block, counter_on_teller, QEMU_NO_REGISTERS, teller);
	}
	else if (part != PART_CALLERS)
		qemu_plugin_register_vcpu_tb_exec_cb(block, counter_on_part, QEMU_NO_REGISTERS, (void *)(uintptr_t)part);
	size_t count = qemu_plugin_tb_n_insns(block);
	for (size_t i = 0; i < count; i++)
		qemu_plugin_register_vcpu_insn_exec_inline(qemu_plugin_tb_get_insn(block, i), QEMU_ADD, counter_counts + part, 1);
}

static int counter_read_parts(const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file) {
		fprintf(stderr, "counter: cannot read %s: %s\n", path, strerror(errno));
		return -1;
	}
	struct range it;
	uint64_t last = 0;
	int fields;
	while ((fields = fscanf(file, "%" SCNx64 " %" SCNx64 " %u", &it.start, &it.end, &it.part)) == 3) {
		if (it.start < last || it.end < it.start || it.part >= PARTS_MOST)
			break;
		last = it.end;
		struct range *more = realloc(counter_ranges, (counter_ranges_count + 1) * sizeof(it));
		if (!more)
			break;
		counter_ranges = more;
		counter_ranges[counter_ranges_count++] = it;
		if (it.part >= counter_parts)
			counter_parts = it.part + 1;
	}
	fclose(file);
	if (fields != EOF) {
		fprintf(stderr, "counter: line %zu of %s is none of ascending ranges of parts below %d\n", counter_ranges_count + 1, path,
			PARTS_MOST);
		return -1;
	}
	return 0;
}

static int counter_read_teller(const char *text)
{
	struct teller *it = counter_tellers + counter_tellers_count;
	if (counter_tellers_count < TELLERS_MOST && sscanf(text, "%" SCNx64 ":%u", &it->address, &it->number) == 2 &&
		it->number < SHARES) {
		counter_tellers_count++;
		return 0;
	}
	fprintf(stderr, "counter: for=%s is no address and number below %d, or there are more than %d\n", text, SHARES, TELLERS_MOST);
	return -1;
}

int qemu_plugin_install(uint64_t plugin, const struct qemu_info_t *info, int count, char **arguments)
{
	(void)info;
	for (int i = 0; i < count; i++) {
		const char *name = arguments[i];
		const char *value = strchr(name, '=');
		if (value && !strncmp(name, "parts=", 6)) {
			if (counter_read_parts(value + 1))
				return -1;
		}
		else if (value && !strncmp(name, "mark=", 5))
			counter_mark = strtoull(value + 1, NULL, 16);
		else if (value && !strncmp(name, "split=", 6) && atoi(value + 1) > PART_CALLERS && atoi(value + 1) < PARTS_MOST)
			counter_split = (unsigned int)atoi(value + 1);
		else if (value && !strncmp(name, "for=", 4)) {
			if (counter_read_teller(value + 1))
				return -1;
		}
		else if (value && !strncmp(name, "counts=", 7)) {
			counter_output = fopen(value + 1, "w");
			if (!counter_output) {
				fprintf(stderr, "counter: cannot write %s: %s\n", value + 1, strerror(errno));
				return -1;
			}
		}
		else {
			fprintf(stderr, "counter: unknown argument %s\n", name);
			return -1;
		}
	}
	if (!counter_ranges || !counter_output) {
		fprintf(stderr, "counter: parts=<file>, mark=<address> and counts=<file> are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(plugin, counter_on_translated);
	return 0;
}

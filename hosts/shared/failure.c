/* Before device.h: see machine.c. */
#include "xsAll.h"

#include "arena.h"
#include "device.h"
#include "failure.h"
#include "machine.h"
#include "memory.h"
#include "report.h"

static void failure_print(const char *format, va_list arguments)
{
	fflush(stdout);
	fputs("error: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

static _Noreturn void failure_end(void)
{
	report_print(1);
	fflush(NULL);
	/* No destructors: the machine may be in the middle of anything. */
	_exit(1);
}

void failure(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	failure_print(format, arguments);
	va_end(arguments);
	failure_end();
}

/* ---- what ends a machine ---- */

static void failure_print_line(const char *line, size_t size, const char *folder, size_t length)
{
	const char *end = line + size;
	for (const char *at; length && (at = strstr(line, folder)) && at < end; line = at + length)
		fwrite(line, 1, (size_t)(at - line), stderr);
	fwrite(line, 1, (size_t)(end - line), stderr);
}

/* Paths below the folder of the shell are easier to read, and to click, without it. */
static void failure_print_text(const char *text)
{
	char folder[C_PATH_MAX];
	size_t length = getcwd(folder, sizeof(folder) - 1) ? strlen(folder) : 0;
	if (length > 1) {
		folder[length++] = '/';
		folder[length] = 0;
	}
	else
		length = 0;
	for (const char *line = text; *line;) {
		size_t end = strcspn(line, "\n");
		/* A frame of the engine's own has neither name nor place. */
		if (end != 6 || strncmp(line, " at ()", 6)) {
			failure_print_line(line, end, folder, length);
			fputc('\n', stderr);
		}
		line += end + (line[end] == '\n');
	}
}

/* An exception that reached the host left the machine as it was where it was thrown, with frames that are no more. */
static void failure_unwind(txMachine *the)
{
	const txJump *jump = the->firstJump;
	if (jump) {
		the->stack = jump->stack;
		the->scope = jump->scope;
		the->frame = jump->frame;
		the->code = jump->code;
	}
}

/* Only a debug build knows lines; without them the frames of a stack say nothing. */
static void failure_print_exception(txMachine *the, const char *what)
{
	failure_unwind(the);
	fflush(stdout);
	fprintf(stderr, "error: %s", what);
	xsBeginHost(the);
	{
		xsmcVars(1);
		xsTry
		{
			xsVar(0) = xsException;
#ifdef mxDebug
			if (xsmcIsInstanceOf(xsVar(0), xsErrorPrototype))
				xsmcGet(xsVar(0), xsVar(0), xsID("stack"));
#endif
			/* Through String, which knows symbols. */
			xsmcCall(xsVar(0), xsGlobal, xsID("String"), &xsVar(0), NULL);
			failure_print_text(xsmcToString(xsVar(0)));
		}
		xsCatch
		{
			fputs("(the exception cannot be printed)\n", stderr);
		}
	}
	xsEndHost(the);
}

static _Noreturn void failure_memory_full(txMachine *the)
{
	memory_counters counters;
	memory_read(the, &counters);
	const arena *memory = the->arena;
	if (!memory)
		failure("memory full while the firmware was linked: preload less");
	char wanted[48] = "the 2 GB or more that were asked for"; /* the engine itself refuses those */
	if (memory->refused)
		snprintf(wanted, sizeof(wanted), "%lu bytes", (unsigned long)memory->refused);
	failure("memory full: no room for %s in the arena of %lu bytes, with %lu slots of %d bytes and %lu bytes of chunks live. "
			"Keep less, or give the app more: " PLATFORM_MORE_MEMORY,
		wanted, (unsigned long)(memory->end - memory->start), (unsigned long)counters.slots_live, (int)sizeof(txSlot),
		(unsigned long)counters.chunk_bytes_live);
}

/* Aliases of preloaded objects have the same limit as names: their IDs have 16 bits. */
static _Noreturn void failure_keys_full(txMachine *the)
{
	if (!the->sharedMachine)
		failure("the preloaded modules made more than %d names, or objects that can change: preload less", (int)UINT16_MAX);
	failure("keys full: the app made more than %d new property names at run time (creation.keys.available)",
		(int)the->keyCount - (int)the->keyOffset);
}

void fxAbort(txMachine *the, int status)
{
	static bool again;
	if (again) {
		/* What was being said about the first failure needs memory, or a stack, which the machine has no more. */
		fputs("(what it says cannot be printed)\n", stderr);
		if (status != XS_NOT_ENOUGH_MEMORY_EXIT)
			failure_end();
	}
	again = true;
	switch (status) {
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		failure_memory_full(the);
	case XS_STACK_OVERFLOW_EXIT:
		/* The engine has one number for both stacks. */
		if ((char *)__builtin_frame_address(0) < the->stackLimit)
			failure("stack overflow of C: data is nested too deep for the engine, which calls itself for each level, in the "
					"collector or in JSON, say. Nest it less deep, a list in an array instead of links, for example");
		failure(
			"stack overflow: the stack of %d slots is full. A function calls itself without end, or creation.stack is too small",
			(int)(the->stackTop - the->stackBottom));
	case XS_NO_MORE_KEYS_EXIT:
		failure_keys_full(the);
	case XS_UNHANDLED_EXCEPTION_EXIT:
		failure_print_exception(the, "uncaught ");
		failure_end();
	case XS_UNHANDLED_REJECTION_EXIT:
		failure_print_exception(the, "unhandled rejection: ");
		failure_end();
	case XS_DEBUGGER_EXIT:
		failure("ended by the debugger");
	default:
		failure("the engine gave up (%d)", status);
	}
}

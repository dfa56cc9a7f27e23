/* Before natives.h needs it: see machine.c. */
#include "xsAll.h"

#include <signal.h>

#include "failure.h"
#include "fault.h"
#include "flash.h"
#include "natives.h"

static struct sigaction fault_former_action;

/* The instruction that faults is the cause, so what was going on elsewhere (stdio, malloc) is whole, and failure() can
 * say what it has to. */
static void fault_explain(int number, siginfo_t *info, void *context)
{
	(void)context;
	const char *native = natives_name_of(info->si_addr);
	if (native)
		failure("a preloaded module calls the native %s, and natives work only once the app runs. Call it later, or do not "
				"preload the module",
			native);
	/* The engine refuses nearly all writes to preloaded data with a TypeError; Date.prototype.setTime is one it does not. */
	if (flash_contains(info->si_addr))
		failure("write to flash: the app, or the engine for it, changed an object that a preloaded module made. "
				"Make it in a module that is not preloaded, or freeze it");
	/* Whoever was asked before, a sanitizer or the system, is asked when the instruction faults again. */
	sigaction(number, &fault_former_action, NULL);
}

void fault_catch(void)
{
	struct sigaction action = { .sa_sigaction = fault_explain, .sa_flags = SA_SIGINFO };
	sigaction(SIGSEGV, &action, &fault_former_action);
}

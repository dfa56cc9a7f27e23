/* The engine's own header comes before its C interface, which then leaves the types to it. */
#include "xsAll.h"

#include "device.h"
#include "failure.h"
#include "firmware.h"
#include "machine.h"

xsMachine *device_machine;

static arena machine_app_arena;
static void *machine_app_memory;

#if mxStress
extern int gxStress;
#endif

/* ---- what the engine asks of a machine's host ---- */

/* The first thing a new machine does: the context it was created with is its arena. */
void fxCreateMachinePlatform(txMachine *the)
{
	the->arena = the->context;
	the->context = NULL;
	the->debugger = -1;
}

void fxDeleteMachinePlatform(txMachine *the)
{
	(void)the;
}

void fxQueuePromiseJobs(txMachine *the)
{
	the->jobs_queued = true;
}

void machine_run_jobs(txMachine *the)
{
	while (the->jobs_queued) {
		the->jobs_queued = false;
		fxRunPromiseJobs(the);
	}
	fxEndJob(the);
	/* Whoever wanted to handle a rejection has had the whole turn to say so. */
	fxCheckUnhandledRejections(the, 1);
}

void device_run_jobs(void)
{
	machine_run_jobs(device_machine);
}

/* ---- the app ---- */

/* What a machine takes before it has run anything, with the headers of its heaps. */
static size_t machine_start_size(const txCreation *creation)
{
	size_t slots = (size_t)creation->initialHeapCount + (size_t)creation->stackCount;
	return (size_t)creation->initialChunkSize + slots * sizeof(txSlot) + 256;
}

/* Heaps grow: what they have at the start is a wish. The stack does not. */
static void machine_fit(txCreation *creation, size_t size)
{
	if (machine_start_size(creation) > size) {
		creation->initialChunkSize = creation->incrementalChunkSize = 256;
		creation->initialHeapCount = creation->incrementalHeapCount = LINK_LEAST_SLOTS;
	}
	if (machine_start_size(creation) > size)
		failure("the arena of %lu bytes (" PLATFORM_ARENA_OPTIONS
				") is too small: with its stack of %d slots (creation.stack) the app "
				"takes %lu bytes at the start",
			(unsigned long)size, (int)creation->stackCount, (unsigned long)machine_start_size(creation));
}

void machine_start(void)
{
	const firmware *it = firmware_running();
	txCreation creation = it->image.creation;
	size_t size = PLATFORM_ARENA_SIZE((size_t)creation.staticSize);
	machine_fit(&creation, size);
	machine_app_memory = malloc(size);
	if (!machine_app_memory)
		failure("cannot allocate an arena of %lu bytes", (unsigned long)size);
	arena_init(&machine_app_arena, machine_app_memory, size, (size_t)creation.incrementalChunkSize);
	creation.incrementalChunkSize = ARENA_ALIGNMENT;
	device_machine = fxCloneMachine(&creation, it->root, (txString)it->image.main, &machine_app_arena);
	if (!device_machine)
		failure("cannot create the app's machine");
#if mxStress
	gxStress = 1;
#endif
}

static void machine_main_loaded(txMachine *the)
{
	xsmcVars(1);
	xsTry
	{
		xsmcGet(xsVar(0), xsArg(0), xsID("default"));
		if (xsmcIsCallable(xsVar(0)))
			xsCallFunction0(xsVar(0), xsGlobal);
	}
	xsCatch
	{
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
}

static void machine_main_failed(txMachine *the)
{
	xsException = xsArg(0);
	fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
}

static void machine_import_main(txMachine *the)
{
	xsmcVars(3);
	xsVar(0) = xsAwaitImport(firmware_running()->image.main, XS_IMPORT_ASYNC);
	xsVar(1) = xsNewHostFunction(machine_main_loaded, 1);
	xsVar(2) = xsNewHostFunction(machine_main_failed, 1);
	xsmcCall_noResult(xsVar(0), xsID("then"), &xsVar(1), &xsVar(2), NULL);
}

/* Each setup module exports a function that calls back when it is done; main runs after the last one. */
static int machine_setups_pending;

static void machine_setup_done(txMachine *the)
{
	if (--machine_setups_pending == 0)
		machine_import_main(the);
}

static void machine_run_setup(const char *specifier)
{
	xsBeginHost(device_machine);
	{
		xsmcVars(2);
		xsVar(0) = xsAwaitImport(specifier, XS_IMPORT_DEFAULT);
		if (xsmcIsCallable(xsVar(0))) {
			xsVar(1) = xsNewHostFunction(machine_setup_done, 0);
			machine_setups_pending++;
			xsCallFunction1(xsVar(0), xsGlobal, xsVar(1));
		}
	}
	xsEndHost(device_machine);
}

void machine_run_main(void)
{
	machine_setups_pending = 1;
	const link_image *image = &firmware_running()->image;
	for (txSize i = 0; i < image->preparation.scriptCount; i++) {
		if (!strncmp(image->modules[i].specifier, "setup/", 6))
			machine_run_setup(image->modules[i].specifier);
	}
	xsBeginHost(device_machine);
	{
		machine_setup_done(the);
	}
	xsEndHost(device_machine);
	device_run_jobs();
}

bool machine_main_started(void)
{
	return machine_setups_pending == 0;
}

void machine_stop(void)
{
	fxDeleteMachine(device_machine);
	device_machine = NULL;
	free(machine_app_memory);
}

const arena *machine_arena(void)
{
	return &machine_app_arena;
}

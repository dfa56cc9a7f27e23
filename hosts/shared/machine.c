/* The engine's own header comes before its C interface, which then leaves the types to it. */
#include "xsAll.h"

#include "device.h"
#include "failure.h"
#include "flash.h"
#include "link.h"
#include "machine.h"
#include "natives.h"

/* The root is as large as it needs to be: flash is not what a microcontroller lacks. */
#define MACHINE_ROOT_SIZE ((size_t)64 << 20)

static const txCreation machine_root_creation = {
	.initialChunkSize = 1 << 20,
	.incrementalChunkSize = ARENA_ALIGNMENT,
	.initialHeapCount = 32 * 1024,
	.incrementalHeapCount = 16 * 1024,
	.stackCount = 4096,
	.initialKeyCount = 4096,
	.incrementalKeyCount = 1024,
	.nameModulo = 53,
	.symbolModulo = 3,
	.parserBufferSize = 32 * 1024,
	.parserTableModulo = 1993,
};

xsMachine *device_machine;

static link_image *machine_image;
static txMachine *machine_root;
static arena machine_root_arena;
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

static void machine_run_jobs(txMachine *the)
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

/* ---- the root ---- */

static void xs_trace(txMachine *the)
{
	for (txInteger i = 0; i < mxArgc; i++) {
		txString text = fxToString(the, mxArgv(i));
		fputs(text, stdout);
		fxReport(the, "%s", text); /* for the debugger, if one is connected */
	}
}

static void machine_install_trace(txMachine *root)
{
	xsBeginHost(root);
	{
		xsResult = xsNewHostFunction(xs_trace, 1);
		xsmcSet(xsGlobal, xsID("trace"), xsResult);
	}
	xsEndHost(root);
}

static void machine_preload(txMachine *root, const char *specifier)
{
	xsBeginHost(root);
	{
		xsResult = xsAwaitImport(specifier, XS_IMPORT_NAMESPACE);
	}
	xsEndHost(root);
	machine_run_jobs(root);
	fxCollectGarbage(root);
}

static void machine_build_root(void)
{
	txCreation creation = machine_root_creation;
	creation.nameModulo = machine_image->creation.nameModulo;
	creation.symbolModulo = machine_image->creation.symbolModulo;
	arena_init(&machine_root_arena, flash_take(MACHINE_ROOT_SIZE), MACHINE_ROOT_SIZE, 1 << 20);
	machine_root = fxCreateMachine(&creation, "flash", &machine_root_arena, XS_NO_ID);
	if (!machine_root)
		failure("cannot create the root machine");
	machine_install_trace(machine_root);
	link_modules(machine_image, machine_root);
	for (txSize i = 0; i < machine_image->preparation.scriptCount; i++) {
		if (machine_image->modules[i].preload)
			machine_preload(machine_root, machine_image->modules[i].specifier);
	}
	fxShareMachine(machine_root);
	natives_connect(machine_root);
}

/* ---- the app ---- */

void machine_start(const char *link_path)
{
	machine_image = link_read(link_path);
	machine_build_root();
	flash_protect();

	size_t size = (size_t)machine_image->creation.staticSize;
	machine_app_memory = malloc(size);
	if (!machine_app_memory)
		failure("cannot allocate an arena of %zu bytes", size);
	txCreation creation = machine_image->creation;
	arena_init(&machine_app_arena, machine_app_memory, size, (size_t)creation.incrementalChunkSize);
	creation.incrementalChunkSize = ARENA_ALIGNMENT;
	device_machine = fxCloneMachine(&creation, machine_root, (txString)machine_image->main, &machine_app_arena);
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
	xsVar(0) = xsAwaitImport(machine_image->main, XS_IMPORT_ASYNC);
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
	for (txSize i = 0; i < machine_image->preparation.scriptCount; i++) {
		if (!strncmp(machine_image->modules[i].specifier, "setup/", 6))
			machine_run_setup(machine_image->modules[i].specifier);
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

void machine_root_size(unsigned *slots, unsigned *chunk_bytes)
{
	*slots = (unsigned)machine_root->currentHeapCount;
	*chunk_bytes = (unsigned)machine_root->currentChunksSize;
}

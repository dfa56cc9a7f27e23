/* The engine's own header comes before its C interface, which then leaves the types to it. */
#include "xsAll.h"

#include "device.h"
#include "failure.h"
#include "firmware.h"
#include "flash.h"
#include "machine.h"

/* Flash is taken in small steps, so that little of it stays empty. */
#define FIRMWARE_CHUNK_STEP (8 * 1024)
#define FIRMWARE_HEAP_STEP 256

static const txCreation firmware_creation = {
	.initialChunkSize = FIRMWARE_CHUNK_STEP,
	.incrementalChunkSize = FIRMWARE_CHUNK_STEP,
	.initialHeapCount = 4096,
	.incrementalHeapCount = FIRMWARE_HEAP_STEP,
	.stackCount = 4096,
	.initialKeyCount = 4096,
	.incrementalKeyCount = 1024,
	.nameModulo = 53,
	.symbolModulo = 3,
	.parserBufferSize = 32 * 1024,
	.parserTableModulo = 1993,
};

static void xs_trace(txMachine *the)
{
	for (txInteger i = 0; i < mxArgc; i++) {
		txString text = fxToString(the, mxArgv(i));
		fputs(text, stdout);
		fxReport(the, "%s", text); /* for the debugger, if one is connected */
	}
}

static void firmware_install_trace(txMachine *root)
{
	xsBeginHost(root);
	{
		xsResult = xsNewHostFunction(xs_trace, 1);
		xsmcSet(xsGlobal, xsID("trace"), xsResult);
	}
	xsEndHost(root);
}

static void firmware_preload(txMachine *root, const char *specifier)
{
	xsBeginHost(root);
	{
		xsResult = xsAwaitImport(specifier, XS_IMPORT_NAMESPACE);
	}
	xsEndHost(root);
	machine_run_jobs(root);
	fxCollectGarbage(root);
}

/* The engine allocates a machine, its stack and its tables of names as memory that can change. None of it does any more. */
static txMachine *firmware_seal(txMachine *root)
{
	txMachine *sealed = flash_copy(root, sizeof(txMachine));
	size_t slots = (size_t)(root->stackTop - root->stack);
	sealed->stack = sealed->stackBottom = flash_copy(root->stack, slots * sizeof(txSlot));
	sealed->stackTop = sealed->stackPrototypes = sealed->stack + slots;
	sealed->keyArray = flash_copy(root->keyArray, (size_t)root->keyIndex * sizeof(txSlot *));
	sealed->nameTable = flash_copy(root->nameTable, (size_t)root->nameModulo * sizeof(txSlot *));
	sealed->symbolTable = flash_copy(root->symbolTable, (size_t)root->symbolModulo * sizeof(txSlot *));
	free(root->stackBottom);
	free(root->keyArray);
	free(root->nameTable);
	free(root->symbolTable);
	free(root);
	return sealed;
}

static txMachine *firmware_build_root(link_image *image)
{
	txCreation creation = firmware_creation;
	creation.nameModulo = image->creation.nameModulo;
	creation.symbolModulo = image->creation.symbolModulo;
	txMachine *root = fxCreateMachine(&creation, "flash", NULL, XS_NO_ID);
	if (!root)
		failure("cannot create the root machine");
	firmware_install_trace(root);
	link_modules(image, root);
	for (txSize i = 0; i < image->preparation.scriptCount; i++) {
		if (image->modules[i].preload)
			firmware_preload(root, image->modules[i].specifier);
	}
	fxShareMachine(root);
	natives_connect(root);
	return root;
}

const firmware *firmware_build(const char *link_path)
{
	firmware *built = flash_take(sizeof(firmware));
	link_image *image = &built->image;
	link_read(image, link_path);
	built->resources = resources_loaded(&built->resources_count);
	firmware_use(built);
	txMachine *root = firmware_build_root(image);
	root->preparation = &image->preparation;
	built->root = firmware_seal(root);
	return built;
}

static const firmware *firmware_current;

void firmware_use(const firmware *it)
{
	firmware_current = it;
}

const firmware *firmware_running(void)
{
	return firmware_current;
}

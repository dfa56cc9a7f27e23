/*
 * Answers the engine when it looks for a module.
 */
#include "firmware.h"

static txScript *loader_find(const char *specifier)
{
	const txPreparation *preparation = &firmware_running()->image.preparation;
	for (txSize i = 0; i < preparation->scriptCount; i++) {
		if (!strcmp(preparation->scripts[i].path, specifier))
			return preparation->scripts + i;
	}
	return NULL;
}

/* Puts a relative specifier behind the folder of the importing module's name: "./b" in "a/main" is "a/b". `path` begins
 * with a slash and ends without one. */
static void loader_join(char *path, size_t size, const char *specifier)
{
	*strrchr(path, '/') = 0;
	while (*specifier) {
		size_t length = strcspn(specifier, "/");
		if (length == 2 && !strncmp(specifier, "..", 2)) {
			char *slash = strrchr(path, '/');
			if (slash)
				*slash = 0;
		}
		else if (length && !(length == 1 && *specifier == '.')) {
			size_t used = strlen(path);
			snprintf(path + used, size - used, "/%.*s", (int)length, specifier);
		}
		specifier += length + (specifier[length] == '/');
	}
}

/* What a specifier means, as tools/specifier.ts has it: "./x" and "../x" are taken from the name of the importing module,
 * "moddable:x" is x, and ".js" and ".mjs" at the end say nothing. */
txID fxFindModule(txMachine *the, txSlot *realm, txID moduleID, txSlot *slot)
{
	(void)realm;
	char specifier[C_PATH_MAX];
	char path[2 * C_PATH_MAX];
	fxToStringBuffer(the, slot, specifier, sizeof(specifier));
	const char *name = specifier;
	char *extension = strrchr(specifier, '.');
	if (extension && (!strcmp(extension, ".js") || !strcmp(extension, ".mjs")))
		*extension = 0;
	if (!strncmp(specifier, "moddable:", 9))
		name += 9;
	else if (!strncmp(specifier, "./", 2) || !strncmp(specifier, "../", 3)) {
		if (moduleID == XS_NO_ID)
			return XS_NO_ID;
		snprintf(path, sizeof(path), "/%s", fxGetKeyName(the, moduleID));
		loader_join(path, sizeof(path), specifier);
		name = path[0] ? path + 1 : path;
	}
	return loader_find(name) ? fxNewNameC(the, (txString)name) : XS_NO_ID;
}

void fxLoadModule(txMachine *the, txSlot *module, txID moduleID)
{
	txScript *script = loader_find(fxGetKeyName(the, moduleID));
	if (script) {
		const link_image *image = &firmware_running()->image;
		natives_of_module(image->modules[script - image->preparation.scripts].natives);
		fxResolveModule(the, module, moduleID, script, NULL, NULL);
	}
}

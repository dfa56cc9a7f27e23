#include "link.h"

#include <dlfcn.h>

#include "failure.h"
#include "flash.h"

/* Sizes that fit an app that says nothing: those of the SDK's manifest for an ESP8266, in an arena of 64 KB. */
static const txCreation link_default_creation = {
	.initialChunkSize = 1536,
	.incrementalChunkSize = 512,
	.initialHeapCount = 512,
	.incrementalHeapCount = 64,
	.stackCount = 256,
	.initialKeyCount = 32,
	.incrementalKeyCount = 0,
	.nameModulo = 53,
	.symbolModulo = 3,
	.parserBufferSize = 1024,
	.parserTableModulo = 17,
	.staticSize = 64 * 1024,
};

/* ---- the link file ---- */

#define LINK_FIELDS 4

typedef struct link_reader {
	const char *path;
	int line;
	char *fields[LINK_FIELDS];
	int count;
} link_reader;

static _Noreturn void link_refuse(const link_reader *reader, const char *why)
{
	failure("%s:%d: %s", reader->path, reader->line, why);
}

static txSize link_number(const link_reader *reader, int field)
{
	if (field >= reader->count)
		link_refuse(reader, "a number is missing");
	char *end;
	errno = 0;
	long value = strtol(reader->fields[field], &end, 10);
	if (errno || *end || end == reader->fields[field] || value < 0 || value > INT32_MAX)
		link_refuse(reader, "not a number from 0 to 2147483647");
	return (txSize)value;
}

static const char *link_string(const link_reader *reader, int field)
{
	if (field >= reader->count)
		link_refuse(reader, "a field is missing");
	return flash_copy_string(reader->fields[field]);
}

static void link_split(link_reader *reader, char *line)
{
	reader->count = 0;
	for (char *field = line; field && reader->count < LINK_FIELDS;) {
		char *tab = strchr(field, '\t');
		if (tab)
			*tab++ = 0;
		reader->fields[reader->count++] = field;
		field = tab;
	}
}

static void link_load_natives(const link_reader *reader)
{
	if (!dlopen(link_string(reader, 1), RTLD_NOW | RTLD_GLOBAL))
		link_refuse(reader, dlerror());
}

static void link_add_module(link_image *image, const link_reader *reader)
{
	txSize count = image->preparation.scriptCount;
	if (!(count & (count - 1))) {
		image->modules = realloc(image->modules, (size_t)(count ? 2 * count : 1) * sizeof(link_module));
		if (!image->modules)
			failure("out of memory while reading %s", reader->path);
	}
	image->modules[count] = (link_module){
		.specifier = link_string(reader, 1),
		.path = link_string(reader, 2),
		.preload = link_number(reader, 3) != 0,
	};
	image->preparation.scriptCount = count + 1;
}

static void link_record(link_image *image, const link_reader *reader)
{
	txCreation *creation = &image->creation;
	const char *name = reader->fields[0];
	if (!strcmp(name, "module"))
		link_add_module(image, reader);
	else if (!strcmp(name, "native"))
		link_load_natives(reader);
	else if (!strcmp(name, "main"))
		image->main = link_string(reader, 1);
	else if (!strcmp(name, "static"))
		creation->staticSize = link_number(reader, 1);
	else if (!strcmp(name, "stack"))
		creation->stackCount = link_number(reader, 1);
	else if (!strcmp(name, "chunk")) {
		creation->initialChunkSize = link_number(reader, 1);
		creation->incrementalChunkSize = link_number(reader, 2);
	}
	else if (!strcmp(name, "heap")) {
		creation->initialHeapCount = link_number(reader, 1);
		creation->incrementalHeapCount = link_number(reader, 2);
	}
	else if (!strcmp(name, "keys"))
		creation->initialKeyCount = link_number(reader, 1);
	else if (!strcmp(name, "names"))
		creation->nameModulo = link_number(reader, 1);
	else if (!strcmp(name, "symbols"))
		creation->symbolModulo = link_number(reader, 1);
	else
		link_refuse(reader, "unknown record");
}

/* What a machine takes before it has run anything, with the headers of its heaps. */
static size_t link_start_size(const txCreation *creation)
{
	return (size_t)creation->initialChunkSize + (size_t)(creation->initialHeapCount + creation->stackCount) * sizeof(txSlot) +
		   256;
}

/* A machine that cannot even start would end in the engine, far from the cause. */
static void link_check(link_image *image, const char *path)
{
	txCreation *creation = &image->creation;
	if (!image->main)
		failure("%s: no main module", path);
	if (creation->nameModulo < 1 || creation->symbolModulo < 1)
		failure("%s: creation.keys.name and creation.keys.symbol must be at least 1", path);
	if (link_start_size(creation) > (size_t)creation->staticSize) {
		/* Heaps grow: what they have at the start is a wish. The stack does not. */
		creation->initialChunkSize = creation->incrementalChunkSize = 256;
		creation->initialHeapCount = creation->incrementalHeapCount = 32;
	}
	if (link_start_size(creation) > (size_t)creation->staticSize)
		failure(
			"the arena of %d bytes (creation.static, --heap) is too small: with its stack of %d slots (creation.stack) the app "
			"takes %zu bytes at the start",
			creation->staticSize, creation->stackCount, link_start_size(creation));
}

link_image *link_read(const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file)
		failure("cannot read the link file %s: %s", path, strerror(errno));
	link_image *image = calloc(1, sizeof(link_image));
	if (!image)
		failure("out of memory while reading %s", path);
	image->creation = link_default_creation;
	link_reader reader = { .path = path };
	char *line = NULL;
	size_t capacity = 0;
	for (ssize_t length; (length = getline(&line, &capacity, file)) >= 0;) {
		reader.line++;
		if (length && line[length - 1] == '\n')
			line[--length] = 0;
		if (length) {
			link_split(&reader, line);
			link_record(image, &reader);
		}
	}
	free(line);
	fclose(file);
	link_check(image, path);
	return image;
}

/* ---- parsing ---- */

static const char *link_parsing;

static void link_report_error(void *console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	char message[512];
	vsnprintf(message, sizeof(message), format, arguments);
	failure("%s:%d: %s", path ? path : link_parsing, (int)line, message);
}

static void link_report_warning(void *console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	(void)path;
	(void)line;
	(void)format;
	(void)arguments;
}

static txString link_beside(txParser *parser, const char *path, txString name)
{
	return name[0] == '/' ? name : fxCombinePath(parser, (txString)path, name);
}

/* A source map, if the file names one, turns lines and path into those of the TypeScript source. */
static void link_map_source(txParser *parser, const char *path, txString map_name)
{
	txString map_path = link_beside(parser, path, map_name);
	FILE *map = fopen(map_path, "r");
	if (!map)
		return;
	txString source = NULL;
	fxParserSourceMap(parser, map, (txGetter)fgetc, 0, &source);
	fclose(map);
	if (!parser->errorCount && source)
		parser->path = fxNewParserSymbol(parser, link_beside(parser, map_path, source));
}

static txScript *link_parse(txMachine *root, const link_module *module)
{
	txUnsigned flags = mxCFlag; /* natives: name() @ "xs_name" */
#ifdef mxDebug
	flags |= mxDebugFlag;
#endif
	FILE *file = fopen(module->path, "r");
	if (!file)
		failure("cannot read module \"%s\": %s: %s", module->specifier, module->path, strerror(errno));
	link_parsing = module->path;
	txParser parser;
	txParserJump jump;
	txScript *script = NULL;
	fxInitializeParser(&parser, root, 32 * 1024, 1993);
	parser.reportError = link_report_error;
	parser.reportWarning = link_report_warning;
	parser.firstJump = &jump;
	if (!c_setjmp(jump.jmp_buf)) {
		txString map_name = NULL;
		parser.path = fxNewParserSymbol(&parser, (txString)module->path);
		fxParserTree(&parser, file, (txGetter)fgetc, flags, &map_name);
		if (map_name)
			link_map_source(&parser, module->path, map_name);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fxTerminateParser(&parser);
	fclose(file);
	if (!script)
		failure("cannot compile module \"%s\": %s", module->specifier, module->path);
	return script;
}

/* ---- linking ---- */

/* The script's own IDs count from 1 in the order of its symbols; the first symbol is a place holder. */
static txID *link_names(txMachine *root, const txScript *script)
{
	txByte *p = flash_copy(script->symbolsBuffer, (size_t)script->symbolsSize);
	txID count;
	mxDecodeID(p, count);
	txID *ids = calloc((size_t)count, sizeof(txID));
	if (!ids)
		failure("out of memory while linking");
	ids[0] = XS_NO_ID;
	for (txID i = 1; i < count; i++) {
		ids[i] = fxNewNameX(root, (txString)p);
		p += strlen((const char *)p) + 1;
	}
	return ids;
}

/* Code that runs in place: functions and strings are used where they lie instead of being copied to the heap. */
static txU1 link_archive_code(txU1 code)
{
	switch (code) {
	case XS_CODE_CODE_1:
		return XS_CODE_CODE_ARCHIVE_1;
	case XS_CODE_CODE_2:
		return XS_CODE_CODE_ARCHIVE_2;
	case XS_CODE_CODE_4:
		return XS_CODE_CODE_ARCHIVE_4;
	case XS_CODE_STRING_1:
		return XS_CODE_STRING_ARCHIVE_1;
	case XS_CODE_STRING_2:
		return XS_CODE_STRING_ARCHIVE_2;
	case XS_CODE_STRING_4:
		return XS_CODE_STRING_ARCHIVE_4;
	default:
		return code;
	}
}

/* gxCodeSizes: n > 0 is the length of the instruction; 0 an ID follows; −1, −2, −4 a length of so many bytes and then
 * the bytes. */
static void link_code(txByte *code, txSize size, const txID *ids)
{
	txByte *p = code;
	txByte *end = code + size;
	while (p < end) {
		txS1 length = gxCodeSizes[(txU1)*p];
		*p = (txByte)link_archive_code((txU1)*p);
		if (length > 0)
			p += length;
		else {
			p++;
			if (length == 0) {
				txByte *at = p;
				txID id;
				mxDecodeID(p, id);
				if (id != XS_NO_ID)
					mxEncodeID(at, ids[id]);
			}
			else if (length == -1)
				p += 1 + *(txU1 *)p;
			else if (length == -2) {
				txU2 count;
				mxDecode2(p, count);
				p += count;
			}
			else {
				txS4 count;
				mxDecode4(p, count);
				p += count;
			}
		}
	}
}

/* hostsBuffer: a count, and for each native its number of parameters (−1: a destructor), its ID and its C name. */
static void link_hosts(link_module *module, const txScript *script, const txID *ids)
{
	txByte *p = script->hostsBuffer;
	txID count;
	mxDecodeID(p, count);
	module->host_count = count;
	module->hosts = flash_take((size_t)count * sizeof(txHostFunctionBuilder));
	for (txID i = 0; i < count; i++) {
		txInteger length = *(txS1 *)p++;
		txID id;
		mxDecodeID(p, id);
		const char *name = (const char *)p;
		p += strlen(name) + 1;
		void *native = dlsym(RTLD_DEFAULT, name);
		if (!native)
			failure("module \"%s\": the device has no native \"%s\" (%s)", module->specifier, name, module->path);
		txHostFunctionBuilder *host = module->hosts + i;
		memcpy(&host->callback, &native, sizeof(native)); /* ISO C has no cast from object to function */
		host->length = length;
		host->id = id != XS_NO_ID ? ids[id] : XS_NO_ID;
	}
}

/* Called by fxRunScript when a module with natives is loaded. The engine passes no context, so the module is found by
 * the script whose code runs next. */
static const link_module *link_loading;

static void link_build_hosts(txMachine *the)
{
	fxBuildHosts(the, link_loading->host_count, link_loading->hosts);
	mxPullSlot(mxResult);
}

static void link_module_to(txMachine *root, link_module *module, txScript *linked)
{
	txScript *script = link_parse(root, module);
	txID *ids = link_names(root, script);
	*linked = (txScript){
		.codeBuffer = flash_copy(script->codeBuffer, (size_t)script->codeSize),
		.codeSize = script->codeSize,
		.path = (txString)module->specifier,
		.version = { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, 0 },
	};
	link_code(linked->codeBuffer, linked->codeSize, ids);
	if (script->hostsBuffer) {
		link_hosts(module, script, ids);
		linked->callback = link_build_hosts;
	}
	fxNewNameX(root, (txString)module->specifier);
	free(ids);
	fxDeleteScript(script);
}

/* Names that C natives look up: in flash, as on a device, so that the first use costs an app nothing. */
static const char *const link_native_names[] = {
#include "native-names.h"
	NULL,
};

static link_image *link_linked;

void link_modules(link_image *image, txMachine *root)
{
	txPreparation *preparation = &image->preparation;
	preparation->version[0] = XS_MAJOR_VERSION;
	preparation->version[1] = XS_MINOR_VERSION;
	preparation->version[2] = XS_PATCH_VERSION;
	preparation->scripts = flash_take((size_t)preparation->scriptCount * sizeof(txScript));
	for (const char *const *name = link_native_names; *name; name++)
		fxNewNameX(root, (txString)*name);
	for (txSize i = 0; i < preparation->scriptCount; i++)
		link_module_to(root, image->modules + i, preparation->scripts + i);
	root->preparation = preparation;
	link_linked = image;
}

/* ---- what the engine asks ---- */

static txScript *link_find(const char *specifier)
{
	const txPreparation *preparation = &link_linked->preparation;
	for (txSize i = 0; i < preparation->scriptCount; i++) {
		if (!strcmp(preparation->scripts[i].path, specifier))
			return preparation->scripts + i;
	}
	return NULL;
}

/* "./x" and "../x" are taken from the name of the importing module; ".js" and ".mjs" at the end say nothing. */
txID fxFindModule(txMachine *the, txSlot *realm, txID moduleID, txSlot *slot)
{
	(void)realm;
	char specifier[C_PATH_MAX];
	char path[2 * C_PATH_MAX + 2];
	fxToStringBuffer(the, slot, specifier, sizeof(specifier));
	char *name = specifier;
	if (!strncmp(name, "moddable:", 9))
		name += 9;
	char *extension = strrchr(name, '.');
	if (extension && (!strcmp(extension, ".js") || !strcmp(extension, ".mjs")))
		*extension = 0;
	if (name[0] == '.' && (name[1] == '/' || (name[1] == '.' && name[2] == '/'))) {
		if (moduleID == XS_NO_ID)
			return XS_NO_ID;
		snprintf(path, sizeof(path), "/%s", fxGetKeyName(the, moduleID));
		*strrchr(path, '/') = 0;
		for (;;) {
			if (!strncmp(name, "./", 2))
				name += 2;
			else if (!strncmp(name, "../", 3)) {
				char *slash = strrchr(path, '/');
				if (!slash)
					return XS_NO_ID;
				*slash = 0;
				name += 3;
			}
			else
				break;
		}
		size_t used = strlen(path);
		snprintf(path + used, sizeof(path) - used, "/%s", name);
		name = path + 1;
	}
	return link_find(name) ? fxNewNameC(the, name) : XS_NO_ID;
}

void fxLoadModule(txMachine *the, txSlot *module, txID moduleID)
{
	txScript *script = link_find(fxGetKeyName(the, moduleID));
	if (script) {
		link_loading = link_linked->modules + (script - link_linked->preparation.scripts);
		fxResolveModule(the, module, moduleID, script, NULL, NULL);
	}
}

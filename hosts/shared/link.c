/*
 * Parses modules and links them to the root machine.
 */
#include "link.h"

#include "failure.h"
#include "flash.h"

/* The parser reads a module's longest string into this, which is its source map: that of a script of 500 KB has room. */
#define LINK_PARSER_BUFFER (1024 * 1024)

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
	fxInitializeParser(&parser, root, LINK_PARSER_BUFFER, 1993);
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
		module->natives = natives_link(module->specifier, script->hostsBuffer, ids);
		linked->callback = natives_build;
	}
	fxNewNameX(root, (txString)module->specifier);
	free(ids);
	fxDeleteScript(script);
}

/* Names that C natives look up: in flash, as on a device, so that the first use costs an app nothing. They are copied there, for a board
 * that runs has no linker any more. */
static const char *const link_native_names[] = {
#include "native-names.h"
	NULL,
};

void link_modules(link_image *image, txMachine *root)
{
	txPreparation *preparation = &image->preparation;
	preparation->version[0] = XS_MAJOR_VERSION;
	preparation->version[1] = XS_MINOR_VERSION;
	preparation->version[2] = XS_PATCH_VERSION;
	preparation->scripts = flash_take((size_t)preparation->scriptCount * sizeof(txScript));
	for (const char *const *name = link_native_names; *name; name++)
		fxNewNameX(root, flash_copy_string(*name));
	for (txSize i = 0; i < preparation->scriptCount; i++)
		link_module_to(root, image->modules + i, preparation->scripts + i);
	root->preparation = preparation;
}

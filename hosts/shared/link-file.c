/*
 * Reads the link file: see link.h.
 */
#include "link.h"

#include "failure.h"
#include "flash.h"
#include "resources.h"

/* Sizes that fit an app that says nothing: those of the SDK's manifest for an ESP8266, with a stack between that one's and a
 * Pico's, in an arena of 64 KB. */
static const txCreation link_default_creation = {
	.initialChunkSize = 1536,
	.incrementalChunkSize = 512,
	.initialHeapCount = 512,
	.incrementalHeapCount = 64,
	.stackCount = 384,
	.initialKeyCount = 32,
	.incrementalKeyCount = 0,
	.nameModulo = 53,
	.symbolModulo = 3,
	.parserBufferSize = 1024,
	.parserTableModulo = 17,
	.staticSize = 64 * 1024,
};

#define LINK_FIELDS 4
/* A record is names and a path. */
#define LINK_LINE 8192
/* The built-ins and the modules have names, too. */
#define LINK_MOST_KEYS 32768

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
		natives_load(link_string(reader, 1));
	else if (!strcmp(name, "resource"))
		resources_load(link_string(reader, 1), link_string(reader, 2));
	else if (!strcmp(name, "main"))
		image->main = link_string(reader, 1);
	else if (!strcmp(name, "ram"))
		image->ram = (size_t)link_number(reader, 1);
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

/* What no machine can start with would end in the engine, far from the cause. What its arena has room for, machine.c looks at. */
static void link_check(link_image *image, const char *path)
{
	txCreation *creation = &image->creation;
	if (!image->main)
		failure("%s: no main module", path);
	if (creation->nameModulo < 1 || creation->symbolModulo < 1)
		failure("%s: creation.keys.name and creation.keys.symbol must be at least 1", path);
	if (creation->initialKeyCount > LINK_MOST_KEYS)
		failure("%s: creation.keys.available is %d, but names have IDs of 16 bits: at most %d", path,
			(int)creation->initialKeyCount, LINK_MOST_KEYS);
	/* The engine's list of free slots has at least a head and an end. */
	if (creation->initialHeapCount < LINK_LEAST_SLOTS)
		creation->initialHeapCount = LINK_LEAST_SLOTS;
	if (creation->incrementalHeapCount < LINK_LEAST_SLOTS)
		creation->incrementalHeapCount = LINK_LEAST_SLOTS;
}

void link_read(link_image *image, const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file)
		failure("cannot read the link file %s: %s", path, strerror(errno));
	*image = (link_image){ 0 };
	image->creation = link_default_creation;
	link_reader reader = { .path = path };
	char line[LINK_LINE];
	while (fgets(line, sizeof(line), file)) {
		reader.line++;
		size_t length = strlen(line);
		if (length + 1 == sizeof(line))
			link_refuse(&reader, "the line is too long");
		if (length && line[length - 1] == '\n')
			line[--length] = 0;
		if (length) {
			link_split(&reader, line);
			link_record(image, &reader);
		}
	}
	fclose(file);
	link_module *modules = image->modules;
	image->modules = flash_copy(modules, (size_t)image->preparation.scriptCount * sizeof(link_module));
	free(modules);
	link_check(image, path);
}

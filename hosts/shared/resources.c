#include "resources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "firmware.h"
#include "flash.h"

static resource *resources;
static size_t resources_count;

static void resources_add(resource it)
{
	resource *more = realloc(resources, (resources_count + 1) * sizeof(resource));
	if (!more)
		failure("out of memory for the resources");
	resources = more;
	resources[resources_count++] = it;
}

void resources_load(const char *name, const char *path)
{
	FILE *file = fopen(path, "rb");
	long size = -1;
	if (file && !fseek(file, 0, SEEK_END))
		size = ftell(file);
	if (!file || size < 0 || fseek(file, 0, SEEK_SET))
		failure("cannot read the resource \"%s\": %s: %s", name, path, strerror(errno));
	void *bytes = flash_take((size_t)size);
	if (fread(bytes, 1, (size_t)size, file) != (size_t)size)
		failure("cannot read the resource \"%s\": %s", name, path);
	fclose(file);
	resources_add((resource){ .name = name, .bytes = bytes, .size = (size_t)size });
}

const resource *resources_loaded(size_t *count)
{
	*count = resources_count;
	return flash_copy(resources, resources_count * sizeof(resource));
}

const void *resources_find(const char *name, size_t *size)
{
	const firmware *it = firmware_running();
	for (size_t i = 0; i < it->resources_count; i++) {
		if (!strcmp(it->resources[i].name, name)) {
			*size = it->resources[i].size;
			return it->resources[i].bytes;
		}
	}
	return NULL;
}

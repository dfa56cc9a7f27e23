/*
 * Files that the firmware has in its flash, by name: `data` and `resources` of the manifest.
 */
#ifndef RESOURCES_H
#define RESOURCES_H

#include <stddef.h>

/* Puts a file into flash, which is not read-only yet. The name stays the caller's. Exits the process if it cannot be read. */
void resources_load(const char *name, const char *path);

typedef struct resource {
	const char *name;
	const void *bytes;
	size_t size;
} resource;

/* What was loaded, in flash. */
const resource *resources_loaded(size_t *count);

/* The bytes of a resource; NULL if there is none of this name. An empty one has bytes, too. */
const void *resources_find(const char *name, size_t *size);

#endif

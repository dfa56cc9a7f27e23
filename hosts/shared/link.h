/*
 * What the firmware consists of: the sizes and modules that the link file lists, parsed and linked in flash.
 *
 * The link file is text, a record a line, fields separated by tabs:
 *
 *     main      specifier                 the module to run
 *     static    bytes                     creation.static: the arena of the app
 *     stack     slots                     creation.stack
 *     chunk     initial   incremental     creation.chunk, bytes
 *     heap      initial   incremental     creation.heap, slots
 *     keys      count                     creation.keys.available: names that may be added at run time
 *     names     count                     creation.keys.name: size of the name table
 *     symbols   count                     creation.keys.symbol
 *     native    path                      a shared object with natives of the app
 *     ram       bytes                     of a board
 *     resource  name       path           a file whose bytes lie in flash
 *     module    specifier  path  preload  a JavaScript file; preload is 0 or 1
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>

#include "xsAll.h"
#include "xsScript.h"

#include "natives.h"

/* Heaps have at least so many slots at the start, and grow by so many. */
#define LINK_LEAST_SLOTS 32

typedef struct link_module {
	const char *specifier;
	const char *path;
	bool preload;
	const natives *natives; /* NULL for a module that has none */
} link_module;

typedef struct link_image {
	const char *main;
	txCreation creation;
	txPreparation preparation; /* its scripts are those of the modules, in the same order */
	link_module *modules;
	size_t ram; /* 0 if the link file says nothing of it */
} link_image;

/* Reads the link file. Exits the process with a message if it is not one. */
void link_read(link_image *image, const char *path);

/* Parses every module and links it to the root machine: its names become IDs of the root, its code runs where it lies
 * in flash, its natives are found. Exits the process with a message at the first mistake. */
void link_modules(link_image *image, txMachine *root);

#endif

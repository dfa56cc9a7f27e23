/*
 * The firmware: all that lies in flash. The root machine is made of the link file once (firmware.c), and is constant from then on; the app's
 * machine runs on top of it (machine.c).
 */
#ifndef FIRMWARE_H
#define FIRMWARE_H

#include "link.h"
#include "resources.h"

typedef struct firmware {
	link_image image;
	txMachine *root; /* built-ins, linked modules, and what preloaded modules made */
	const resource *resources;
	size_t resources_count;
} firmware;

/* Parses and links what the link file lists, and preloads and freezes it. Exits the process with a message at the first mistake. */
const firmware *firmware_build(const char *link_path);

/* The firmware that runs here. Whoever starts the device says it, before machine_start(). */
void firmware_use(const firmware *it);
const firmware *firmware_running(void);

#endif

/*
 * The two machines of the device. The root holds the built-ins and the linked modules, and is constant: it is flash.
 * The app runs in a clone of it, in an arena of its own: that is RAM.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>

#include "arena.h"

/* Links what the link file lists, preloads and freezes it, and clones the app's machine: device_machine. */
void machine_start(const char *link_path);

/* Imports the setup/ modules and main, as the SDK does, and calls what main exports as default if it is a function. */
void machine_run_main(void);

/* Whether main was started: it waits for the setup/ modules. */
bool machine_main_started(void);

/* Frees the app's machine, which calls the destructors of its host objects. */
void machine_stop(void);

/* The app's arena, for the report. */
const arena *machine_arena(void);

/* Slots and chunk bytes of the root. */
void machine_root_size(unsigned *slots, unsigned *chunk_bytes);

#endif

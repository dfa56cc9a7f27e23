/*
 * The machine that the app runs in: a clone of the firmware's root, in an arena of its own, which is RAM.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>

#include "arena.h"

/* Clones the app's machine from the firmware's root: device_machine. */
void machine_start(void);

/* Imports the setup/ modules and main, as the SDK does, and calls what main exports as default if it is a function. */
void machine_run_main(void);

/* Whether main was started: it waits for the setup/ modules. */
bool machine_main_started(void);

/* Frees the app's machine, which calls the destructors of its host objects. */
void machine_stop(void);

/* The app's arena, for the report. */
const arena *machine_arena(void);

/* Runs a machine's promise jobs, the root's as well. */
struct sxMachine;
void machine_run_jobs(struct sxMachine *the);

#endif

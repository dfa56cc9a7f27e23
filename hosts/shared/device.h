/*
 * What the device's modules see of it: the engine's C interface and the one machine the app runs in.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "xsmc.h"

#include "loop.h"

/* The machine of the app. Natives get the same pointer as `the`; callbacks of the loop take it from here. */
extern xsMachine *device_machine;

/* Ends the device with this status once the current callback has returned. */
void device_exit(int status);

/* The memory counters of the app's machine, in the order of memory_counters (hosts/shared/memory.h). */
#define DEVICE_COUNTERS 7
void device_counters(uint32_t words[DEVICE_COUNTERS]);

/* Clones the app's machine from the firmware that runs here, runs main, and serves its events until nothing is left to wait for. */
void device_run(void);

/* What is said at the end, and the status: the app's, or that of what interrupted it (0: nothing did). */
int device_end(int interrupted);

/* Runs the promise jobs that are due. The loop calls it after every callback. */
void device_run_jobs(void);

#endif

/*
 * What the modules of the device count for the SDK's `instrumentation`.
 */
#ifndef INSTRUMENTATION_H
#define INSTRUMENTATION_H

#include <stdint.h>

/* The indices that Instrumentation.get() takes; the engine's own figures follow these. */
enum {
	INSTRUMENTATION_NETWORK_BYTES_READ = 1,
	INSTRUMENTATION_NETWORK_BYTES_WRITTEN,
	INSTRUMENTATION_NETWORK_SOCKETS,
	INSTRUMENTATION_TIMERS,
	INSTRUMENTATION_COUNTERS
};

void instrumentation_adjust(int item, int32_t by);

#endif

/*
 * XS's platform header for the Linux device: which of the engine's defaults are used, and what a machine carries here.
 * The engine includes it through -DXSPLATFORM; see xsPlatform.h of the engine for what each name replaces.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#undef mxLinux
#define mxLinux 1
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

/* Math.random draws from the kernel, as on an ESP32 from esp_random (entropy.h). */
uint32_t entropy_word(void);
#define C_RAND_MAX UINT32_MAX
#define c_rand entropy_word

/* All of creation.static is the app's. */
#define PLATFORM_ARENA_SIZE(wanted) (wanted)
#define PLATFORM_ARENA_OPTIONS "creation.static, --heap"
#define PLATFORM_MORE_MEMORY "creation.static in its manifest, or --heap KB"

struct arena;

/* The waiter fields are the engine's (Atomics.wait). The rest is the device's: its arena, its cumulative counters (see
 * memory.c) and the descriptor of the debugger. */
#define mxMachinePlatform \
	void *waiterCondition; \
	void *waiterData; \
	void *waiterLink; \
	struct arena *arena; \
	uint32_t slots_allocated; \
	uint32_t chunk_bytes_allocated; \
	uint32_t collections; \
	uint16_t collections_seen; \
	bool jobs_queued; \
	int debugger;

#endif

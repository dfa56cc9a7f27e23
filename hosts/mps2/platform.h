/*
 * XS's platform header for the boards: which of the engine's defaults are used, and what a machine carries here.
 * The engine includes it through -DXSPLATFORM; see xsPlatform.h of the engine for what each name replaces.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#define mxUseDefaultBuildKeys 1
/* Neither threads nor GCC's atomics: no interrupt runs code here. */
#define mxUseDefaultSharedChunks 1
#define mxUseDefaultCStackLimit 0

/* Math.random draws from the host's source, as on an ESP32 from esp_random (entropy.h). */
uint32_t entropy_word(void);
#define C_RAND_MAX UINT32_MAX
#define c_rand entropy_word

/* Buffers on the stack have this length. */
#define C_PATH_MAX 256

/* The arena takes what the manifest wants, or what there is. */
size_t ram_for_arena(size_t wanted);
#define PLATFORM_ARENA_SIZE(wanted) ram_for_arena(wanted)
#define PLATFORM_ARENA_OPTIONS "creation.static, --ram"
#define PLATFORM_MORE_MEMORY "--ram KB, or creation.static in its manifest if that is less"

struct arena;

/* As on the Linux device: its arena, its cumulative counters (see memory.c). */
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

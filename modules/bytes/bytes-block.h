/* What the files of the module `bytes/block` have in common. */
#ifndef BYTES_BLOCK_H
#define BYTES_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "xsmc.h"

/* Four bytes, of whatever kind the buffer was made. */
#ifdef __GNUC__
typedef uint32_t __attribute__((__may_alias__)) bytes_word;
#else
typedef uint32_t bytes_word;
#endif

#define BYTES_WORD sizeof(bytes_word)

/* The same at any address, on processors that read it there in one instruction. */
#if defined(__GNUC__) && defined(__ARM_FEATURE_UNALIGNED)
#define BYTES_ANYWHERE 1
typedef uint32_t __attribute__((__may_alias__, __aligned__(1))) bytes_source;
#else
#define BYTES_ANYWHERE 0
typedef bytes_word bytes_source;
#endif

typedef struct {
	uint8_t *bytes;
	xsUnsignedValue length;
} bytes_buffer;

/* Throws a TypeError if the call has fewer arguments. */
void bytes_need(xsMachine *the, int count);

/* An argument that is a whole number from 0 on; throws if it is none. */
xsUnsignedValue bytes_whole(xsMachine *the, int index);

/* The same, but -1 if it is none, or more than 2^31 - 1. */
xsIntegerValue bytes_integer(xsMachine *the, int index);

/* An argument that is a buffer; throws if it is none. Whether a collection may move it. */
int bytes_readable(xsMachine *the, int index, bytes_buffer *buffer);
int bytes_writable(xsMachine *the, int index, bytes_buffer *buffer);

/* Both buffers of a call. */
void bytes_both(xsMachine *the, int target_index, bytes_buffer *target, int source_index, bytes_buffer *source);

/* Whether a part lies in its buffer. */
int bytes_within(const bytes_buffer *buffer, xsUnsignedValue start, xsUnsignedValue count);

/* As memmove. */
void bytes_move(uint8_t *to, const uint8_t *of, xsUnsignedValue count);

/* target[i] = source[i] ^ key[(phase + i) & 3]. Upwards, and only where both are aligned alike. */
void bytes_xor(uint8_t *target, const uint8_t *source, xsUnsignedValue count, const uint8_t *key, xsUnsignedValue phase);

/* Masks on the way, with the key that stands before the target. They may overlap. */
void bytes_mask(uint8_t *to, const uint8_t *of, xsUnsignedValue count);

/* The states of bytes/utf8: between two characters; how many more bytes of a character are to come; and, where the first of them
 * has a range of its own, behind which byte that is. */
enum {
	BYTES_REJECT = -1,
	BYTES_ACCEPT,
	BYTES_TAIL_1,
	BYTES_TAIL_2,
	BYTES_TAIL_3,
	BYTES_AFTER_E0,
	BYTES_AFTER_ED,
	BYTES_AFTER_F0,
	BYTES_AFTER_F4,
	BYTES_STATES
};

/* The state after the bytes from `at` to `last`. */
int bytes_utf8(int state, const uint8_t *at, const uint8_t *last);

#endif

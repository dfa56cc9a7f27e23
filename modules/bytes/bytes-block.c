/*
 * The module `bytes/block`: copying, masking, checking and comparing parts of buffers. What the functions do, and what they throw, stands in
 * block.d.ts. Plain xsmc, for any board of the SDK; nothing here allocates.
 *
 * Words are read and written where they are aligned only, for a Cortex-M0+ has no others.
 */
#include "bytes-block.h"

#include <string.h>

/* The loops take eight words at a time. */
#define BYTES_RUN (8 * BYTES_WORD)

/* How many bytes there are before the next aligned word. */
static xsUnsignedValue bytes_misaligned(const uint8_t *at)
{
	return (xsUnsignedValue)(-(uintptr_t)at & (BYTES_WORD - 1));
}

static int bytes_aligned_alike(const uint8_t *a, const uint8_t *b)
{
	return (((uintptr_t)a ^ (uintptr_t)b) & (BYTES_WORD - 1)) == 0;
}

/* True where copying upwards, from the first byte on, overwrites no byte before it was read. */
static int bytes_upwards(const uint8_t *target, const uint8_t *source, xsUnsignedValue count)
{
	return (uintptr_t)target - (uintptr_t)source >= count || target == source;
}

void bytes_need(xsMachine *the, int count)
{
	if (xsmcArgc < count)
		xsTypeError("bytes: expects %d arguments", count);
}

/* Takes numbers as they are: turning an object into one would run its code, which may move buffers. */
xsUnsignedValue bytes_whole(xsMachine *the, int index)
{
	xsSlot *slot = &xsArg(index);

	switch (xsmcTypeOf(*slot)) {
	case xsIntegerType: {
		xsIntegerValue integer = xsmcToInteger(*slot);
		if (integer >= 0)
			return (xsUnsignedValue)integer;
		break;
	}
	case xsNumberType: {
		xsNumberValue number = xsmcToNumber(*slot);
		if (number >= 0 && number <= UINT32_MAX && number == (xsUnsignedValue)number)
			return (xsUnsignedValue)number;
		break;
	}
	default:
		xsTypeError("bytes: this is no number");
	}
	xsRangeError("bytes: this is no whole number from 0 on");
	return 0;
}

xsIntegerValue bytes_integer(xsMachine *the, int index)
{
	xsSlot *slot = &xsArg(index);
	xsNumberValue number;

	switch (xsmcTypeOf(*slot)) {
	case xsIntegerType: {
		xsIntegerValue integer = xsmcToInteger(*slot);
		return integer < 0 ? -1 : integer;
	}
	case xsNumberType:
		number = xsmcToNumber(*slot);
		if (number >= 0 && number <= INT32_MAX && number == (xsIntegerValue)number)
			return (xsIntegerValue)number;
	}
	return -1;
}

int bytes_writable(xsMachine *the, int index, bytes_buffer *buffer)
{
	return xsmcGetBufferWritable(xsArg(index), (void **)&buffer->bytes, &buffer->length);
}

int bytes_readable(xsMachine *the, int index, bytes_buffer *buffer)
{
	return xsmcGetBufferReadable(xsArg(index), (void **)&buffer->bytes, &buffer->length);
}

/* Both buffers of a call. Nothing here allocates, with one exception: the length of an old kind of host buffer is a getter, which
 * may do anything. What was found before may have moved then, and is found again. */
void bytes_both(xsMachine *the, int target_index, bytes_buffer *target, int source_index, bytes_buffer *source)
{
	int relocatable = bytes_writable(the, target_index, target) == xsBufferRelocatable;
	if (bytes_readable(the, source_index, source) != xsBufferRelocatable && relocatable)
		bytes_writable(the, target_index, target);
}

static void bytes_span(xsMachine *the, const bytes_buffer *buffer, xsUnsignedValue start, xsUnsignedValue count)
{
	if (start > buffer->length || count > buffer->length - start)
		xsRangeError("bytes: this part does not lie in the buffer");
}

/* Whether a part lies in its buffer, for those that throw nothing. */
int bytes_within(const bytes_buffer *buffer, xsUnsignedValue start, xsUnsignedValue count)
{
	return start <= buffer->length && count <= buffer->length - start;
}

/* The library's own, for small ones (newlib-nano), goes byte by byte even where it need not. */
void bytes_move(uint8_t *to, const uint8_t *of, xsUnsignedValue count)
{
	xsUnsignedValue head;

	if (count < BYTES_RUN || !(BYTES_ANYWHERE || bytes_aligned_alike(to, of)) || !bytes_upwards(to, of, count)) {
		memmove(to, of, count);
		return;
	}
	head = bytes_misaligned(to);
	count -= head;
	while (head--)
		*to++ = *of++;
	while (count >= BYTES_RUN) {
		bytes_word *t = (bytes_word *)(void *)to;
		const bytes_source *s = (const bytes_source *)(const void *)of;
		bytes_word a = s[0], b = s[1], c = s[2], d = s[3];
		t[0] = a, t[1] = b, t[2] = c, t[3] = d;
		a = s[4], b = s[5], c = s[6], d = s[7];
		t[4] = a, t[5] = b, t[6] = c, t[7] = d;
		to += BYTES_RUN;
		of += BYTES_RUN;
		count -= BYTES_RUN;
	}
	while (count >= BYTES_WORD) {
		*(bytes_word *)(void *)to = *(const bytes_source *)(const void *)of;
		to += BYTES_WORD;
		of += BYTES_WORD;
		count -= BYTES_WORD;
	}
	while (count--)
		*to++ = *of++;
}

void xs_bytes_block_copy(xsMachine *the)
{
	xsUnsignedValue at, from, count;
	bytes_buffer target, source;

	bytes_need(the, 5);
	at = bytes_whole(the, 1);
	from = bytes_whole(the, 3);
	count = bytes_whole(the, 4);
	bytes_both(the, 0, &target, 2, &source);
	bytes_span(the, &target, at, count);
	bytes_span(the, &source, from, count);
	bytes_move(target.bytes + at, source.bytes + from, count);
}

void bytes_xor(uint8_t *target, const uint8_t *source, xsUnsignedValue count, const uint8_t *key, xsUnsignedValue phase)
{
	xsUnsignedValue head = bytes_misaligned(target), i;
	uint8_t turned[BYTES_WORD];
	bytes_word mask;

	if (head > count)
		head = count;
	for (i = 0; i < head; i++)
		target[i] = source[i] ^ key[(phase + i) & 3];
	target += head;
	source += head;
	count -= head;
	for (i = 0; i < BYTES_WORD; i++)
		turned[i] = key[(phase + head + i) & 3];
	memcpy(&mask, turned, sizeof(mask));
	while (count >= BYTES_RUN) {
		bytes_word *t = (bytes_word *)(void *)target;
		const bytes_word *s = (const bytes_word *)(const void *)source;
		bytes_word a = s[0], b = s[1], c = s[2], d = s[3];
		t[0] = a ^ mask, t[1] = b ^ mask, t[2] = c ^ mask, t[3] = d ^ mask;
		a = s[4], b = s[5], c = s[6], d = s[7];
		t[4] = a ^ mask, t[5] = b ^ mask, t[6] = c ^ mask, t[7] = d ^ mask;
		target += BYTES_RUN;
		source += BYTES_RUN;
		count -= BYTES_RUN;
	}
	while (count >= BYTES_WORD) {
		*(bytes_word *)(void *)target = *(const bytes_word *)(const void *)source ^ mask;
		target += BYTES_WORD;
		source += BYTES_WORD;
		count -= BYTES_WORD;
	}
	for (i = 0; i < count; i++)
		target[i] = source[i] ^ turned[i];
}

void bytes_mask(uint8_t *to, const uint8_t *of, xsUnsignedValue count)
{
	uint8_t key[BYTES_WORD];

	memcpy(key, to - sizeof(key), sizeof(key));
	/* In place everything is aligned alike. */
	if (!bytes_aligned_alike(to, of) || !bytes_upwards(to, of, count)) {
		bytes_move(to, of, count);
		of = to;
	}
	bytes_xor(to, of, count, key, 0);
}

void xs_bytes_block_mask_into(xsMachine *the)
{
	xsUnsignedValue at, from, count;
	bytes_buffer target, source;

	bytes_need(the, 5);
	at = bytes_whole(the, 1);
	from = bytes_whole(the, 3);
	count = bytes_whole(the, 4);
	bytes_both(the, 0, &target, 2, &source);
	bytes_span(the, &target, at, count);
	bytes_span(the, &source, from, count);
	if (at < BYTES_WORD)
		xsRangeError("bytes: there is no key before this place");
	bytes_mask(target.bytes + at, source.bytes + from, count);
}

void xs_bytes_block_unmask(xsMachine *the)
{
	xsUnsignedValue start, end, phase;
	bytes_buffer buffer, key_buffer;
	uint8_t key[4];

	bytes_need(the, 5);
	start = bytes_whole(the, 1);
	end = bytes_whole(the, 2);
	phase = bytes_whole(the, 4);
	bytes_both(the, 0, &buffer, 3, &key_buffer);
	if (end < start)
		xsRangeError("bytes: this part ends before it starts");
	bytes_span(the, &buffer, start, end - start);
	if (key_buffer.length < sizeof(key))
		xsRangeError("bytes: a key has four bytes");
	/* The key may lie in the part. */
	memcpy(key, key_buffer.bytes, sizeof(key));
	bytes_xor(buffer.bytes + start, buffer.bytes + start, end - start, key, phase & 3);
}

#define BYTES_NOT_ASCII 0x80808080u

static const uint8_t *bytes_skip_ascii(const uint8_t *at, const uint8_t *end)
{
	while (bytes_misaligned(at)) {
		if (at == end || *at & 0x80)
			return at;
		at++;
	}
	while ((xsUnsignedValue)(end - at) >= BYTES_RUN) {
		const bytes_word *s = (const bytes_word *)(const void *)at;
		if ((s[0] | s[1] | s[2] | s[3] | s[4] | s[5] | s[6] | s[7]) & BYTES_NOT_ASCII)
			break;
		at += BYTES_RUN;
	}
	while ((xsUnsignedValue)(end - at) >= BYTES_WORD && !(*(const bytes_word *)(const void *)at & BYTES_NOT_ASCII))
		at += BYTES_WORD;
	while (at < end && !(*at & 0x80))
		at++;
	return at;
}

/* The state after the first byte of a character that is not ASCII. */
static int bytes_utf8_lead(uint8_t byte)
{
	if (byte < 0xc2 || byte > 0xf4)
		return BYTES_REJECT;
	if (byte < 0xe0)
		return BYTES_TAIL_1;
	if (byte < 0xf0)
		return byte == 0xe0 ? BYTES_AFTER_E0 : byte == 0xed ? BYTES_AFTER_ED : BYTES_TAIL_2;
	return byte == 0xf0 ? BYTES_AFTER_F0 : byte == 0xf4 ? BYTES_AFTER_F4 : BYTES_TAIL_3;
}

/* The state after a later byte. */
static int bytes_utf8_tail(int state, uint8_t byte)
{
	if ((byte & 0xc0) != 0x80)
		return BYTES_REJECT;
	switch (state) {
	case BYTES_AFTER_E0:
		return byte < 0xa0 ? BYTES_REJECT : BYTES_TAIL_1;
	case BYTES_AFTER_ED:
		return byte > 0x9f ? BYTES_REJECT : BYTES_TAIL_1;
	case BYTES_AFTER_F0:
		return byte < 0x90 ? BYTES_REJECT : BYTES_TAIL_2;
	case BYTES_AFTER_F4:
		return byte > 0x8f ? BYTES_REJECT : BYTES_TAIL_2;
	default:
		return state - 1;
	}
}

/* How many bytes the character that begins at this byte has, which is not ASCII; 0 if it is not whole or not right. */
static xsUnsignedValue bytes_utf8_whole(const uint8_t *at, const uint8_t *end)
{
	xsUnsignedValue left = (xsUnsignedValue)(end - at);
	uint8_t first = at[0], second;

	if (left < 2)
		return 0;
	second = at[1];
	if ((second & 0xc0) != 0x80)
		return 0;
	if (first < 0xe0)
		return first < 0xc2 ? 0 : 2;
	if (left < 3 || (at[2] & 0xc0) != 0x80)
		return 0;
	if (first < 0xf0)
		return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
	if (left < 4 || (at[3] & 0xc0) != 0x80 || first > 0xf4)
		return 0;
	return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
}

/* The state after the bytes from `at` to `last`. */
int bytes_utf8(int state, const uint8_t *at, const uint8_t *last)
{
	while (at < last && state != BYTES_REJECT) {
		if (state != BYTES_ACCEPT)
			state = bytes_utf8_tail(state, *at++);
		else if (!(*at & 0x80))
			at = bytes_skip_ascii(at, last);
		else {
			xsUnsignedValue size = bytes_utf8_whole(at, last);
			/* What is not whole, or wrong, goes byte by byte. */
			if (size)
				at += size;
			else
				state = bytes_utf8_lead(*at++);
		}
	}
	return state;
}

void xs_bytes_block_utf8_check(xsMachine *the)
{
	xsUnsignedValue start, end;
	bytes_buffer buffer;
	int state;

	bytes_need(the, 4);
	start = bytes_whole(the, 2);
	end = bytes_whole(the, 3);
	if (xsmcTypeOf(xsArg(0)) == xsIntegerType && xsmcToInteger(xsArg(0)) == BYTES_REJECT)
		state = BYTES_REJECT;
	else {
		xsUnsignedValue number = bytes_whole(the, 0);
		if (number >= BYTES_STATES)
			xsRangeError("bytes: this is no state of utf8Check");
		state = (int)number;
	}
	bytes_readable(the, 1, &buffer);
	if (end < start)
		xsRangeError("bytes: this part ends before it starts");
	bytes_span(the, &buffer, start, end - start);
	xsmcSetInteger(xsResult, bytes_utf8(state, buffer.bytes + start, buffer.bytes + end));
}

/* A character above U+FFFF of a string may stand there as two surrogates, each in three bytes: where a script joined the halves, and
 * everywhere if the engine was built with mxCESU8. True where such a pair begins; reads up to the string's end at most. */
static int bytes_pair(const uint8_t *at)
{
	return at[0] == 0xed && (at[1] & 0xf0) == 0xa0 && (at[2] & 0xc0) == 0x80 && at[3] == 0xed && (at[4] & 0xf0) == 0xb0 &&
		   (at[5] & 0xc0) == 0x80;
}

#define BYTES_PAIR 6

/* How many bytes the UTF-8 of a string has, or -1 if it has none: half a pair, or U+0000, which is c0 80 in a string. Reads to the
 * string's end, a 0. */
static xsIntegerValue bytes_text_size(const uint8_t *string, xsUnsignedValue length)
{
	const uint8_t *at = string, *end = string + length;
	xsUnsignedValue size, pairs = 0;

	while ((at = bytes_skip_ascii(at, end)) < end) {
		size = bytes_utf8_whole(at, end);
		if (size)
			at += size;
		else if (bytes_pair(at)) {
			at += BYTES_PAIR;
			pairs++;
		}
		else
			return -1;
	}
	return (xsIntegerValue)(length - pairs * (BYTES_PAIR - 4));
}

/* Writes the UTF-8 of the next character of a string that has one, and returns how many bytes it has. */
static xsUnsignedValue bytes_text_next(const uint8_t **string, uint8_t *to)
{
	const uint8_t *at = *string;
	xsUnsignedValue size, i, code;

	if (bytes_pair(at)) {
		*string += BYTES_PAIR;
		code = 0x10000u + ((at[1] & 0xfu) << 16 | (at[2] & 0x3fu) << 10 | (at[4] & 0xfu) << 6 | (at[5] & 0x3fu));
		to[0] = (uint8_t)(0xf0 | code >> 18);
		to[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
		to[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		to[3] = (uint8_t)(0x80 | (code & 0x3f));
		return 4;
	}
	size = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	for (i = 0; i < size; i++)
		to[i] = at[i];
	*string += size;
	return size;
}

/* The bytes of a string, up to a 0; NULL for all that is no string. Any allocation may move them. */
static const uint8_t *bytes_string(xsMachine *the, int index)
{
	xsType type = xsmcTypeOf(xsArg(index));

	if (type != xsStringType && type != xsStringXType)
		return NULL;
	return (const uint8_t *)xsmcToString(xsArg(index));
}

static xsIntegerValue bytes_text(xsMachine *the)
{
	xsUnsignedValue at, length, limit = 0;
	xsIntegerValue size;
	const uint8_t *string, *end;
	bytes_buffer target;
	uint8_t *to;
	int limited;

	bytes_need(the, 3);
	at = bytes_whole(the, 1);
	limited = xsmcArgc > 3 && xsmcTypeOf(xsArg(3)) != xsUndefinedType;
	if (limited)
		limit = bytes_whole(the, 3);
	bytes_writable(the, 0, &target);
	if (limited) {
		if (limit > target.length)
			return -1;
		target.length = limit;
	}
	string = bytes_string(the, 2);
	if (!string)
		return -1;
	length = (xsUnsignedValue)strlen((const char *)string);
	size = bytes_text_size(string, length);
	if (size < 0 || !bytes_within(&target, at, (xsUnsignedValue)size))
		return -1;
	to = target.bytes + at;
	if ((xsUnsignedValue)size == length)
		bytes_move(to, string, length);
	else
		for (end = string + length; string < end;)
			to += bytes_text_next(&string, to);
	return (xsIntegerValue)(at + (xsUnsignedValue)size);
}

static int bytes_same(xsMachine *the)
{
	xsUnsignedValue start, end, length, size, i;
	const uint8_t *string, *at, *last;
	bytes_buffer buffer;
	uint8_t character[4];

	bytes_need(the, 4);
	start = bytes_whole(the, 1);
	end = bytes_whole(the, 2);
	bytes_readable(the, 0, &buffer);
	string = bytes_string(the, 3);
	if (!string || end < start || !bytes_within(&buffer, start, end - start))
		return 0;
	length = (xsUnsignedValue)strlen((const char *)string);
	if (end - start > length || bytes_text_size(string, length) != (xsIntegerValue)(end - start))
		return 0;
	at = buffer.bytes + start;
	if (end - start == length)
		return memcmp(at, string, length) == 0;
	for (last = string + length; string < last; at += size) {
		size = bytes_text_next(&string, character);
		for (i = 0; i < size; i++)
			if (at[i] != character[i])
				return 0;
	}
	return 1;
}

static int bytes_equal(xsMachine *the)
{
	xsUnsignedValue start, end, from;
	bytes_buffer buffer, other;

	bytes_need(the, 5);
	start = bytes_whole(the, 1);
	end = bytes_whole(the, 2);
	from = bytes_whole(the, 4);
	if (bytes_readable(the, 0, &buffer) == xsBufferRelocatable) {
		if (bytes_readable(the, 3, &other) != xsBufferRelocatable)
			bytes_readable(the, 0, &buffer);
	}
	else
		bytes_readable(the, 3, &other);
	if (end < start || !bytes_within(&buffer, start, end - start) || !bytes_within(&other, from, end - start))
		return 0;
	return memcmp(buffer.bytes + start, other.bytes + from, end - start) == 0;
}

void xs_bytes_block_find(xsMachine *the)
{
	xsUnsignedValue start, end, one, two, three;
	bytes_buffer buffer;
	const uint8_t *at, *last;

	bytes_need(the, 6);
	start = bytes_whole(the, 1);
	end = bytes_whole(the, 2);
	one = bytes_whole(the, 3);
	two = bytes_whole(the, 4);
	three = bytes_whole(the, 5);
	bytes_readable(the, 0, &buffer);
	if (end < start)
		xsRangeError("bytes: this part ends before it starts");
	bytes_span(the, &buffer, start, end - start);
	for (at = buffer.bytes + start, last = buffer.bytes + end; at < last; at++)
		if (*at == one || *at == two || *at == three)
			break;
	xsmcSetInteger(xsResult, at < last ? (xsIntegerValue)(at - buffer.bytes) : -1);
}

void xs_bytes_block_text(xsMachine *the)
{
	xsTry
	{
		xsmcSetInteger(xsResult, bytes_text(the));
	}
	xsCatch
	{
		xsmcSetInteger(xsResult, -1);
	}
}

void xs_bytes_block_same(xsMachine *the)
{
	xsTry
	{
		xsmcSetBoolean(xsResult, bytes_same(the));
	}
	xsCatch
	{
		xsmcSetBoolean(xsResult, 0);
	}
}

void xs_bytes_block_equal(xsMachine *the)
{
	xsTry
	{
		xsmcSetBoolean(xsResult, bytes_equal(the));
	}
	xsCatch
	{
		xsmcSetBoolean(xsResult, 0);
	}
}

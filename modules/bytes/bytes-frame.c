/*
 * Of the module `bytes/block`: a message of WebSocket (RFC 6455 §5.2) that goes or comes in one frame. What the functions do stands in
 * block.d.ts. Plain xsmc, for any board of the SDK; nothing here allocates, where nothing is wrong.
 */
#include "bytes-block.h"

#define FRAME_MASKED 0x80
#define FRAME_SHORT 125
#define FRAME_16 126
#define FRAME_FIN 0x80u
#define OPCODE_TEXT 1
#define OPCODE_BINARY 2

/* What a message is, as one number: where its payload begins, how long it is, whether something lies behind it, and Zephyr's flags. */
#define MESSAGE_FROM_SHIFT 17
#define MESSAGE_FROM_MAX 0x3fff
#define MESSAGE_LENGTH_SHIFT 4
#define MESSAGE_LENGTH_MAX 0x1fff
#define MESSAGE_MORE 8
#define MESSAGE_BINARY 5
#define MESSAGE_TEXT 3
/* One that is not whole: the size of its header, and how long it is, negative. */
#define MESSAGE_SIZE_BITS 4

/* As the API has it. */
#define MESSAGE_TIMEOUT_MAX 0x3fffffff

/* Makes a frame around `at`; -1 if it does not fit. */
static xsIntegerValue frame_make(
	const bytes_buffer *target, xsUnsignedValue at, xsUnsignedValue head, const bytes_buffer *payload, xsUnsignedValue length)
{
	xsUnsignedValue space = head & FRAME_MASKED ? BYTES_WORD : 0;
	xsUnsignedValue size = space + (length <= FRAME_SHORT ? 2 : 4);
	uint8_t *to;

	if (at < size || length > UINT16_MAX || !bytes_within(target, at, length) || !bytes_within(payload, 0, length))
		return -1;
	to = target->bytes + at;
	if (space)
		bytes_mask(to, payload->bytes, length);
	else
		bytes_move(to, payload->bytes, length);
	to -= size;
	to[0] = (uint8_t)(head >> 8);
	if (length <= FRAME_SHORT)
		to[1] = (uint8_t)((head & FRAME_MASKED) | length);
	else {
		to[1] = (uint8_t)((head & FRAME_MASKED) | FRAME_16);
		to[2] = (uint8_t)(length >> 8);
		to[3] = (uint8_t)length;
	}
	return (xsIntegerValue)(at - size);
}

static xsIntegerValue frame_any(xsMachine *the)
{
	xsUnsignedValue at, head, length;
	bytes_buffer target, payload;

	at = bytes_whole(the, 1);
	head = bytes_whole(the, 2);
	length = bytes_whole(the, 4);
	bytes_both(the, 0, &target, 3, &payload);
	return frame_make(&target, at, head, &payload, length);
}

/* An argument that is true or false, as that; -1 if it is neither. */
static int message_flag(xsMachine *the, int index)
{
	xsSlot *slot = &xsArg(index);

	return xsmcTypeOf(*slot) == xsBooleanType ? xsmcToBoolean(*slot) : -1;
}

/* Whether an argument is a wait that the short way knows: whole milliseconds, or -1, for ever. */
static int message_timeout(xsMachine *the, int index)
{
	xsSlot *slot = &xsArg(index);
	xsIntegerValue timeout;

	if (xsmcTypeOf(*slot) != xsIntegerType)
		return 0;
	timeout = xsmcToInteger(*slot);
	return timeout >= -1 && timeout <= MESSAGE_TIMEOUT_MAX;
}

static xsIntegerValue message_post(xsMachine *the)
{
	xsIntegerValue at, length, opcode;
	bytes_buffer target, payload;
	int masked;

	at = bytes_integer(the, 1);
	masked = message_flag(the, 2);
	length = bytes_integer(the, 4);
	opcode = bytes_integer(the, 5);
	if (at < 0 || length < 0 || (opcode != OPCODE_TEXT && opcode != OPCODE_BINARY))
		return -1;
	if (masked < 0 || message_flag(the, 6) != masked || message_flag(the, 7) != 1 || !message_timeout(the, 8))
		return -1;
	if (!xsmcIsInstanceOf(xsArg(3), xsArg(9)))
		return -1;
	bytes_both(the, 0, &target, 3, &payload);
	return frame_make(&target, (xsUnsignedValue)at, FRAME_FIN << 8 | (xsUnsignedValue)opcode << 8 | (masked ? FRAME_MASKED : 0),
		&payload, (xsUnsignedValue)length);
}

static xsIntegerValue message_find(xsMachine *the)
{
	xsIntegerValue start, end, from, length;
	bytes_buffer buffer;
	uint8_t *at;
	int masked, text;

	start = bytes_integer(the, 1);
	end = bytes_integer(the, 2);
	masked = message_flag(the, 3);
	if (start < 0 || end - start < 2 || masked < 0)
		return -1;
	if (masked)
		bytes_writable(the, 0, &buffer);
	else
		bytes_readable(the, 0, &buffer);
	if ((xsUnsignedValue)end > buffer.length)
		return -1;
	at = buffer.bytes + start;
	text = at[0] == (FRAME_FIN | OPCODE_TEXT);
	if (!text && at[0] != (FRAME_FIN | OPCODE_BINARY))
		return -1;
	/* Where masked is not what it has to be, this is too much. */
	length = masked ? at[1] ^ FRAME_MASKED : at[1];
	from = start + 2;
	if (length == FRAME_16) {
		if (end - from < 2)
			return -1;
		length = at[2] << 8 | at[3];
		if (length < FRAME_16)
			return -1;
		from += 2;
	}
	else if (length > FRAME_16)
		return -1;
	if (masked)
		from += (xsIntegerValue)BYTES_WORD;
	if (length > end - from || length > MESSAGE_LENGTH_MAX || from > MESSAGE_FROM_MAX)
		return text || masked ? -1 : -(length << MESSAGE_SIZE_BITS | (from - start));
	at = buffer.bytes + from;
	if (masked)
		bytes_xor(at, at, (xsUnsignedValue)length, at - BYTES_WORD, 0);
	if (text && bytes_utf8(BYTES_ACCEPT, at, at + length) != BYTES_ACCEPT) {
		/* As it came, for somebody else will look at it. */
		if (masked)
			bytes_xor(at, at, (xsUnsignedValue)length, at - BYTES_WORD, 0);
		return -1;
	}
	return from << MESSAGE_FROM_SHIFT | length << MESSAGE_LENGTH_SHIFT | (from + length < end ? MESSAGE_MORE : 0) |
		   (text ? MESSAGE_TEXT : MESSAGE_BINARY);
}

/* As `typeof`, but null is none. */
static int message_object(xsMachine *the, int index)
{
	xsSlot *slot = &xsArg(index);

	return xsmcTypeOf(*slot) == xsReferenceType && !xsmcIsCallable(*slot);
}

static xsIntegerValue message_give(xsMachine *the)
{
	xsIntegerValue room, message, from, length;
	bytes_buffer target, source;

	message = bytes_integer(the, 3);
	room = bytes_integer(the, 1);
	if (message < 0 || room < 1)
		return -1;
	length = message >> MESSAGE_LENGTH_SHIFT & MESSAGE_LENGTH_MAX;
	from = message >> MESSAGE_FROM_SHIFT;
	if (room < length || from == 0 || !message_object(the, 4) || !message_timeout(the, 5))
		return -1;
	if (!xsmcIsInstanceOf(xsArg(0), xsArg(6)))
		return -1;
	bytes_both(the, 0, &target, 2, &source);
	if (!bytes_within(&target, 0, (xsUnsignedValue)room) ||
		!bytes_within(&source, (xsUnsignedValue)from, (xsUnsignedValue)length))
		return -1;
	bytes_move(target.bytes, source.bytes + from, (xsUnsignedValue)length);
	return length;
}

/* Nothing of these is thrown: -1 instead. In C a try costs no memory, as it does in a script. */
void xs_bytes_block_frame(xsMachine *the)
{
	xsTry
	{
		xsmcSetInteger(xsResult, frame_any(the));
	}
	xsCatch
	{
		xsmcSetInteger(xsResult, -1);
	}
}

void xs_bytes_block_post(xsMachine *the)
{
	xsTry
	{
		xsmcSetInteger(xsResult, message_post(the));
	}
	xsCatch
	{
		xsmcSetInteger(xsResult, -1);
	}
}

void xs_bytes_block_message(xsMachine *the)
{
	xsTry
	{
		xsmcSetInteger(xsResult, message_find(the));
	}
	xsCatch
	{
		xsmcSetInteger(xsResult, -1);
	}
}

void xs_bytes_block_give(xsMachine *the)
{
	xsTry
	{
		xsmcSetInteger(xsResult, message_give(the));
	}
	xsCatch
	{
		xsmcSetInteger(xsResult, -1);
	}
}

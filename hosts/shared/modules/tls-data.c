/*
 * The app's bytes through a TLS session; see tls.h. Nothing here calls into XS while it holds a pointer into a buffer of the arena,
 * and reading into a buffer and writing one allocate nothing there.
 */
#include "tls.h"

#include <stdlib.h>
#include <string.h>

static uint32_t tls_readable(const tls_session *self)
{
	return self->started ? (uint32_t)tls_library_readable(self) : 0;
}

void xs_tls_session_get_readable(xsMachine *the)
{
	xsmcSetInteger(xsResult, (int)tls_readable(tls_self(the)));
}

static void tls_read(xsMachine *the, tls_session *self, void *bytes, uint32_t count)
{
	if (!tls_library_read(self, bytes, count))
		xsUnknownError("TLS: a record changed while it was read");
}

/* readByte(): undefined if there is none. */
void xs_tls_session_read_byte(xsMachine *the)
{
	tls_session *self = tls_self(the);
	uint8_t byte;
	if (!tls_readable(self))
		return;
	tls_read(the, self, &byte, 1);
	xsmcSetInteger(xsResult, byte);
}

/* readInto(bytes): how many there were, at most all of them. */
void xs_tls_session_read_into(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue size;
	xsmcGetBufferWritable(xsArg(0), &bytes, &size);
	tls_session *self = tls_self(the);
	if (size > tls_readable(self))
		size = tls_readable(self);
	if (size)
		tls_read(the, self, bytes, size);
	xsmcSetInteger(xsResult, (int)size);
}

/* read(count, as a string): a new ArrayBuffer, or string, of this length. */
void xs_tls_session_read(xsMachine *the)
{
	xsIntegerValue count = xsmcToInteger(xsArg(0));
	bool string = xsmcArgc > 1 && xsmcTest(xsArg(1));
	tls_session *self = tls_self(the);
	if (count <= 0 || (uint32_t)count > tls_readable(self))
		xsUnknownError("invalid size: %d bytes to read, %u available", (int)count, (unsigned)tls_readable(self));
	if (string)
		xsmcSetStringBuffer(xsResult, NULL, count);
	else
		xsmcSetArrayBuffer(xsResult, NULL, count);
	tls_read(the, self, string ? (void *)xsmcToString(xsResult) : xsmcToArrayBuffer(xsResult), (uint32_t)count);
}

/* find(character, count): how many of the first count bytes lead up to it, itself included; count if it is not among them. */
void xs_tls_session_find(xsMachine *the)
{
	uint8_t wanted = (uint8_t)*xsmcToString(xsArg(0));
	xsIntegerValue count = xsmcToInteger(xsArg(1));
	tls_session *self = tls_self_started(the);
	if (count > 0 && wanted)
		count = (xsIntegerValue)tls_library_find(self, wanted, (size_t)count);
	xsmcSetInteger(xsResult, count);
}

/* The bytes of one argument. Valid until the next use of the heap. */
static void *tls_argument(xsMachine *the, int index, uint8_t *byte, xsUnsignedValue *size)
{
	void *bytes = byte;
	switch (xsmcTypeOf(xsArg(index))) {
	case xsStringType:
		bytes = xsmcToString(xsArg(index));
		*size = (xsUnsignedValue)strlen(bytes);
		break;
	case xsIntegerType:
	case xsNumberType:
		*byte = (uint8_t)xsmcToInteger(xsArg(index));
		*size = 1;
		break;
	case xsReferenceType:
		xsmcGetBufferReadable(xsArg(index), &bytes, size);
		break;
	default:
		xsUnknownError("unsupported type for write");
	}
	return bytes;
}

static void tls_send(xsMachine *the, tls_session *self, const void *bytes, uint32_t size)
{
	if (size && !tls_library_write(self, bytes, size))
		xsUnknownError("not ready");
}

void tls_data_free(tls_session *self)
{
	if (self->held)
		explicit_bzero(self->held, self->held_size);
	free(self->held);
	self->held = NULL;
	self->held_size = 0;
}

static void tls_hold(xsMachine *the, tls_session *self, const void *bytes, uint32_t size)
{
	size_t before = self->held_size;
	uint8_t *longer = malloc(before + size);
	if (!longer)
		xsUnknownError("TLS: no memory to write");
	if (before)
		memcpy(longer, self->held, before);
	memcpy(longer + before, bytes, size);
	tls_data_free(self);
	self->held = longer;
	self->held_size = before + size;
}

/* The bytes of the arguments from the second up to `end`. The first says how many they may be: throws before it took any if they are
 * more. A single part is sent as it lies; several are sent, or held, together: a record for each would cost more than a number
 * that is in it. */
static void tls_write(xsMachine *the, int end, bool send)
{
	xsIntegerValue limit = xsmcToInteger(xsArg(0));
	uint64_t total = 0;
	xsUnsignedValue size = 0;
	void *bytes = NULL;
	uint8_t byte;

	for (int i = 1; i < end; i++) {
		bytes = tls_argument(the, i, &byte, &size);
		total += size;
	}
	tls_session *self = tls_self(the);
	if (!self->started || !tls_library_established(self) || self->fault.name)
		xsUnknownError("not ready");
	if (total > (limit > 0 ? (uint64_t)limit : 0))
		xsUnknownError("would block");
	xsmcSetInteger(xsResult, (int)total);
	if (send && end == 2 && !self->held) {
		tls_send(the, self, bytes, size);
		return;
	}
	for (int i = 1; i < end; i++) {
		bytes = tls_argument(the, i, &byte, &size);
		/* Code that a length runs may have closed the session, or made an argument longer. */
		self = tls_self(the);
		if (size > total)
			size = (xsUnsignedValue)total;
		total -= size;
		if (size)
			tls_hold(the, self, bytes, size);
	}
	if (send && self->held) {
		tls_send(the, self, self->held, (uint32_t)self->held_size);
		tls_data_free(self);
	}
}

/* write(limit, ...parts): how many bytes that was. Sends what is held, too. */
void xs_tls_session_write(xsMachine *the)
{
	tls_write(the, xsmcArgc, true);
}

/* hold(limit, part): the same for a part whose rest is still to come. */
void xs_tls_session_hold(xsMachine *the)
{
	tls_write(the, 2, false);
}

/*
 * ECMA-419 TCP as lwIP implements it. Reading into a buffer, writing and the callbacks allocate nothing in XS.
 *
 * The end of the connection, whether the peer's FIN or a failure, is onError, after the last byte is read; writing is
 * "not ready" from the moment the device knows of it.
 */
#include "tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "stream.h"

typedef enum { TCP_BUFFER, TCP_NUMBER } tcp_format;

typedef struct {
	xsSlot object;
	int uses; /* the object's, and one for an event being told */
	bool remembered;
	bool ended; /* onError was told */
	tcp_format format;
	stream *stream; /* NULL before the listener gives one, once another adopted it, and once closed */
	tcp_callback on_readable, on_writable, on_error;
} tcp_record;

static void tcp_mark(xsMachine *the, void *data, xsMarkRoot mark)
{
	tcp_record *self = data;
	if (self->on_readable.set)
		(*mark)(the, &self->on_readable.function);
	if (self->on_writable.set)
		(*mark)(the, &self->on_writable.function);
	if (self->on_error.set)
		(*mark)(the, &self->on_error.function);
}

void xs_tcp_destructor(void *data);

static const xsHostHooks tcp_hooks = { .destructor = xs_tcp_destructor, .marker = tcp_mark };

/* ---- events ---- */

static void tcp_release(tcp_record *self)
{
	if (--self->uses == 0)
		free(self);
}

static void tcp_call(tcp_record *self, const tcp_callback *callback, uint32_t value)
{
	xsBeginHost(device_machine);
	xsCallFunction1(callback->function, self->object, xsInteger((int)value));
	xsEndHost(device_machine);
}

static bool tcp_ready(const tcp_record *self)
{
	return self->stream && stream_get_state(self->stream) == STREAM_OPEN;
}

static void tcp_event(stream *it, uint32_t events)
{
	tcp_record *self = stream_owner(it);
	self->uses++;
	if ((events & STREAM_RECEIVED) && self->on_readable.set && stream_readable(it))
		tcp_call(self, &self->on_readable, stream_readable(it));
	/* A callback may have closed the socket or let another adopt the stream. */
	if ((events & (STREAM_CONNECTED | STREAM_SENT)) && self->on_writable.set && tcp_ready(self))
		tcp_call(self, &self->on_writable, stream_writable(it));
	if (self->stream && stream_over(it) && !stream_readable(it) && !self->ended) {
		self->ended = true;
		if (self->on_error.set) {
			xsBeginHost(device_machine);
			xsCallFunction0(self->on_error.function, self->object);
			xsEndHost(device_machine);
		}
	}
	tcp_release(self);
}

/* ---- construction ---- */

bool tcp_get_callback(xsMachine *the, xsSlot *slot, xsIdentifier id)
{
	xsmcGet(*slot, xsArg(0), id);
	xsType type = xsmcTypeOf(*slot);
	if (type == xsUndefinedType || type == xsNullType)
		return false;
	if (!xsmcIsCallable(*slot))
		xsTypeError("callback is not a function");
	return true;
}

void tcp_set_callback(tcp_callback *callback, bool set, const xsSlot *slot)
{
	if (set)
		callback->function = *slot;
	callback->set = set;
}

void tcp_set_target(xsMachine *the)
{
	if (xsmcHas(xsArg(0), xsID("target"))) {
		xsmcGet(xsVar(0), xsArg(0), xsID("target"));
		xsmcSet(xsThis, xsID("target"), xsVar(0));
	}
}

static tcp_format tcp_to_format(xsMachine *the, xsSlot *slot)
{
	const char *format = fxToString(the, slot);
	if (!strcmp(format, "buffer"))
		return TCP_BUFFER;
	if (!strcmp(format, "number"))
		return TCP_NUMBER;
	xsRangeError("the format of TCP is buffer or number");
}

/* With a connection it is a GC root until it is closed. */
static void tcp_remember(xsMachine *the, tcp_record *self, xsSlot *object)
{
	self->object = *object;
	self->remembered = true;
	xsRemember(self->object);
}

static void tcp_close(xsMachine *the, tcp_record *self, xsSlot *object)
{
	xsmcSetHostData(*object, NULL);
	if (self->remembered)
		xsForget(self->object);
	if (self->stream)
		stream_close(self->stream);
	self->stream = NULL;
	tcp_release(self);
}

/* A record that the object owns, so that an error later leaves it to the collector. */
static tcp_record *tcp_new(xsMachine *the)
{
	tcp_record *self = calloc(1, sizeof(*self));
	if (!self)
		xsRangeError("no memory for socket");
	self->uses = 1;
	xsmcSetHostData(xsThis, self);
	xsSetHostHooks(xsThis, &tcp_hooks);
	return self;
}

static void tcp_adopt(xsMachine *the, tcp_record *self, tcp_record *from, xsSlot *object)
{
	self->stream = from->stream;
	from->stream = NULL;
	stream_set_owner(self->stream, self, tcp_event);
	tcp_close(the, from, object);
	/* The new owner hears of what the old one may have left: bytes, room, the end. */
	if (stream_get_state(self->stream) != STREAM_CONNECTING)
		stream_notify(self->stream, STREAM_RECEIVED | STREAM_SENT);
}

static void tcp_connect(xsMachine *the, tcp_record *self, const network_address *address)
{
	self->stream = stream_new(self, tcp_event);
	if (!self->stream)
		xsRangeError("no memory for socket");
	int error = stream_connect(self->stream, address);
	if (error)
		xsUnknownError("connect: %s", strerror(error));
}

enum { TCP_OPTION, TCP_FROM, TCP_ON_READABLE, TCP_ON_WRITABLE, TCP_ON_ERROR, TCP_VARIABLES };

/* All of the options are read before there is anything that code they run (getters, a subclass's `target`) could close. */
static void tcp_construct(xsMachine *the)
{
	tcp_format format = TCP_BUFFER;
	network_address address = { 0 };
	uint16_t port = 0;
	int nodelay = -1;

	xsmcVars(TCP_VARIABLES);
	xsmcGet(xsVar(TCP_OPTION), xsArg(0), xsID("format"));
	if (xsmcTest(xsVar(TCP_OPTION)))
		format = tcp_to_format(the, &xsVar(TCP_OPTION));
	bool on_readable = tcp_get_callback(the, &xsVar(TCP_ON_READABLE), xsID("onReadable"));
	bool on_writable = tcp_get_callback(the, &xsVar(TCP_ON_WRITABLE), xsID("onWritable"));
	bool on_error = tcp_get_callback(the, &xsVar(TCP_ON_ERROR), xsID("onError"));
	if (xsmcHas(xsArg(0), xsID("nodelay"))) {
		xsmcGet(xsVar(TCP_OPTION), xsArg(0), xsID("nodelay"));
		nodelay = xsmcTest(xsVar(TCP_OPTION));
	}
	bool adopts = xsmcHas(xsArg(0), xsID("from"));
	if (adopts)
		xsmcGet(xsVar(TCP_FROM), xsArg(0), xsID("from"));
	else {
		xsmcGet(xsVar(TCP_OPTION), xsArg(0), xsID("address"));
		if (!address_parse(&address, xsmcToString(xsVar(TCP_OPTION))))
			xsUnknownError("invalid address");
		if (!options_get_port(the, &port))
			xsUnknownError("invalid port");
		address.port = port;
	}
	tcp_set_target(the);

	tcp_record *from = adopts ? xsmcGetHostDataValidate(xsVar(TCP_FROM), (void *)&tcp_hooks) : NULL;
	if (adopts && (!from || !from->stream))
		xsUnknownError("invalid from");
	tcp_record *self = tcp_new(the);
	self->format = format;
	tcp_set_callback(&self->on_readable, on_readable, &xsVar(TCP_ON_READABLE));
	tcp_set_callback(&self->on_writable, on_writable, &xsVar(TCP_ON_WRITABLE));
	tcp_set_callback(&self->on_error, on_error, &xsVar(TCP_ON_ERROR));
	if (from)
		tcp_adopt(the, self, from, &xsVar(TCP_FROM));
	else
		tcp_connect(the, self, &address);
	if (nodelay >= 0)
		stream_set_nodelay(self->stream, nodelay);
	tcp_remember(the, self, &xsThis);
}

void xs_tcp_constructor(xsMachine *the)
{
	if (xsmcArgc)
		tcp_construct(the);
	else
		tcp_new(the); /* for a listener to fill */
}

void xs_tcp_destructor(void *data)
{
	tcp_record *self = data;
	if (!self)
		return;
	if (self->stream)
		stream_destroy(self->stream);
	self->stream = NULL;
	tcp_release(self);
}

/* ---- the methods ---- */

static tcp_record *tcp_self(xsMachine *the)
{
	tcp_record *self = xsmcGetHostDataValidate(xsThis, (void *)&tcp_hooks);
	if (!self)
		xsUnknownError("socket is closed");
	return self;
}

void xs_tcp_close(xsMachine *the)
{
	tcp_record *self = xsmcGetHostDataValidate(xsThis, (void *)&tcp_hooks);
	if (self)
		tcp_close(the, self, &xsThis);
}

/* The end is told once the last byte is read, from the loop. */
static void tcp_consumed(tcp_record *self)
{
	if (stream_over(self->stream) && !stream_readable(self->stream))
		stream_notify(self->stream, STREAM_ENDED);
}

static uint32_t tcp_readable(const tcp_record *self)
{
	return self->stream ? stream_readable(self->stream) : 0;
}

void xs_tcp_read(xsMachine *the)
{
	tcp_record *self = tcp_self(the);
	uint32_t readable = tcp_readable(self);
	void *bytes;

	if (!readable)
		return;
	if (self->format == TCP_NUMBER) {
		uint8_t byte;
		stream_read(self->stream, &byte, 1);
		xsmcSetInteger(xsResult, byte);
	}
	else if (xsmcArgc && xsmcTypeOf(xsArg(0)) == xsReferenceType) {
		xsUnsignedValue size;
		xsmcGetBufferWritable(xsArg(0), &bytes, &size);
		/* A host object tells its length through a getter, which may have read, or closed. */
		self = tcp_self(the);
		readable = tcp_readable(self);
		if (size == 0 || size > readable)
			xsUnknownError("invalid size: %u bytes to read, %u available", (unsigned)size, (unsigned)readable);
		stream_read(self->stream, bytes, size);
		xsmcSetInteger(xsResult, (int)size);
	}
	else {
		xsIntegerValue size = xsmcArgc ? xsmcToInteger(xsArg(0)) : (xsIntegerValue)readable;
		if (size <= 0 || (uint32_t)size > readable)
			xsUnknownError("invalid size: %d bytes to read, %u available", (int)size, (unsigned)readable);
		xsmcSetArrayBuffer(xsResult, NULL, size);
		bytes = xsmcToArrayBuffer(xsResult);
		stream_read(self->stream, bytes, (uint32_t)size);
	}
	tcp_consumed(self);
}

void xs_tcp_write(xsMachine *the)
{
	uint8_t byte;
	void *bytes = &byte;
	xsUnsignedValue size = 1;

	if (tcp_self(the)->format == TCP_NUMBER)
		byte = (uint8_t)xsmcToInteger(xsArg(0));
	else
		xsmcGetBufferReadable(xsArg(0), &bytes, &size);
	/* Reading the argument may have run code that closed the socket. */
	tcp_record *self = tcp_self(the);
	if (!tcp_ready(self))
		xsUnknownError("not ready");
	if (size > stream_writable(self->stream))
		xsUnknownError("would block");
	stream_write(self->stream, bytes, size);
	xsmcSetInteger(xsResult, (int)stream_writable(self->stream));
}

void xs_tcp_get_remoteAddress(xsMachine *the)
{
	tcp_record *self = tcp_self(the);
	const network_address *remote = self->stream ? stream_remote(self->stream) : NULL;
	if (remote) {
		char text[ADDRESS_TEXT];
		address_format(remote, text);
		xsmcSetString(xsResult, text);
	}
}

void xs_tcp_get_remotePort(xsMachine *the)
{
	tcp_record *self = tcp_self(the);
	const network_address *remote = self->stream ? stream_remote(self->stream) : NULL;
	if (remote)
		xsmcSetInteger(xsResult, remote->port);
}

void xs_tcp_get_format(xsMachine *the)
{
	xsmcSetString(xsResult, tcp_self(the)->format == TCP_NUMBER ? "number" : "buffer");
}

void xs_tcp_set_format(xsMachine *the)
{
	tcp_format format = tcp_to_format(the, &xsArg(0));
	tcp_self(the)->format = format;
}

/* ---- the listener's side ---- */

void tcp_check_blank(xsMachine *the, xsSlot *slot)
{
	tcp_record *self = xsmcGetHostDataValidate(*slot, (void *)&tcp_hooks);
	if (!self || self->stream)
		xsUnknownError("not a new TCP");
}

void tcp_take(xsMachine *the, xsSlot *slot, acceptor *from)
{
	tcp_record *self = xsmcGetHostDataValidate(*slot, (void *)&tcp_hooks);
	self->stream = acceptor_take(from, self, tcp_event);
	if (!self->stream)
		xsRangeError("no memory for socket");
	tcp_remember(the, self, slot);
}

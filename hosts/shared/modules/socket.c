/*
 * The classic `socket` module. Where the SDK's platforms differ, this is the lwIP one: received data is offered a
 * fragment at a time, what is not read stays readable, and the next fragment is offered when the last is used up.
 *
 * A socket is a GC root from its construction until close(). Callbacks may do anything to it, close() included, so the
 * record is counted while they run.
 */
#include "socket.h"

#include "acceptor.h"
#include "options.h"
#include "resolver.h"
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

#define SOCKET_READABLE 2
#define SOCKET_WRITABLE 3
#define SOCKET_DISCONNECTED (-1)
#define SOCKET_ERROR (-2)

typedef struct {
	xsSlot object;
	int uses;
	stream *stream; /* NULL once closed */
	resolver_lookup *lookup;
	uint16_t port;
	bool suspended;
	bool ended;        /* -1 or -2 was told */
	uint32_t missed;   /* events that came while suspended */
	uint32_t fragment; /* bytes left of the fragment last offered */
} socket_record;

static void socket_release(socket_record *self)
{
	if (--self->uses == 0)
		free(self);
}

static void socket_drop(socket_record *self, void (*drop)(stream *))
{
	if (self->lookup)
		resolver_cancel(self->lookup);
	self->lookup = NULL;
	drop(self->stream);
	self->stream = NULL;
	socket_release(self);
}

void xs_socket_destructor(void *data)
{
	if (data)
		socket_drop(data, stream_destroy);
}

/* The record of an open socket, or an error that names what was tried. */
static socket_record *socket_self(xsMachine *the, const char *attempt)
{
	socket_record *self = xsmcGetHostDataValidate(xsThis, xs_socket_destructor);
	if (!self)
		xsUnknownError("%s on closed socket", attempt);
	return self;
}

/* ---- events ---- */

void socket_get_callback(xsMachine *the, xsSlot *object)
{
	xsmcVars(1);
	xsmcGet(xsVar(0), *object, xsID("callback"));
	if (!xsmcIsCallable(xsVar(0)))
		xsTypeError("socket without a callback");
}

static void socket_call(socket_record *self, int message)
{
	xsBeginHost(device_machine);
	socket_get_callback(the, &self->object);
	xsCallFunction1(xsVar(0), self->object, xsInteger(message));
	xsEndHost(device_machine);
}

static void socket_call_value(socket_record *self, int message, uint32_t value)
{
	xsBeginHost(device_machine);
	socket_get_callback(the, &self->object);
	xsCallFunction2(xsVar(0), self->object, xsInteger(message), xsInteger((int)value));
	xsEndHost(device_machine);
}

static void socket_event(stream *it, uint32_t events)
{
	socket_record *self = stream_owner(it);
	if (self->suspended) {
		self->missed |= events;
		return;
	}
	self->uses++;
	if (events & STREAM_CONNECTED)
		socket_call(self, SOCKET_CONNECTED);
	if (self->stream && !self->fragment && stream_readable(it)) {
		uint32_t waiting = stream_readable(it);
		self->fragment = waiting < STREAM_SEGMENT ? waiting : STREAM_SEGMENT;
		socket_call_value(self, SOCKET_READABLE, self->fragment);
	}
	/* As lwIP's tcp_sent does it: only when all that was written is gone, and not after the peer's end. */
	if (self->stream && (events & STREAM_SENT) && stream_drained(it) && !stream_over(it))
		socket_call_value(self, SOCKET_WRITABLE, stream_writable(it));
	if (self->stream && stream_over(it) && !stream_readable(it) && !self->ended) {
		self->ended = true;
		socket_call(self, stream_get_state(it) == STREAM_FAILED ? SOCKET_ERROR : SOCKET_DISCONNECTED);
	}
	socket_release(self);
}

static void socket_resolved(void *owner, const network_address *address)
{
	socket_record *self = owner;
	network_address remote;
	self->lookup = NULL;
	if (!address) {
		stream_fail(self->stream, EHOSTUNREACH);
		return;
	}
	remote = *address;
	remote.port = self->port;
	int error = stream_connect(self->stream, &remote);
	if (error)
		stream_fail(self->stream, error);
}

/* ---- construction ---- */

static void socket_check_kind(xsMachine *the)
{
	if (!xsmcHas(xsArg(0), xsID("kind")))
		return;
	xsmcGet(xsVar(0), xsArg(0), xsID("kind"));
	const char *kind = xsmcToString(xsVar(0));
	if (!strcmp(kind, "UDP") || !strcmp(kind, "RAW"))
		xsUnknownError("this device has no %s sockets", !strcmp(kind, "UDP") ? "UDP" : "RAW");
	if (strcmp(kind, "TCP"))
		xsUnknownError("invalid socket kind");
}

static uint32_t socket_get_count(xsMachine *the, xsSlot *options, xsIdentifier id)
{
	xsmcGet(xsVar(1), *options, id);
	xsNumberValue value = xsmcTest(xsVar(1)) ? xsmcToNumber(xsVar(1)) : 0;
	return value >= 1 && value < 2147483648.0 ? (uint32_t)value : 0;
}

typedef struct {
	bool nodelay, keepalive;
	uint32_t idle_ms, interval_ms, count;
} socket_options;

static socket_options socket_get_options(xsMachine *the)
{
	socket_options options = { 0 };
	xsmcGet(xsVar(0), xsArg(0), xsID("noDelay"));
	options.nodelay = xsmcTest(xsVar(0));
	xsmcGet(xsVar(0), xsArg(0), xsID("keepalive"));
	if (xsmcTest(xsVar(0))) {
		/* The SDK's code asks for `enable`, its documentation does not have it. */
		options.keepalive = true;
		if (xsmcHas(xsVar(0), xsID("enable"))) {
			xsmcGet(xsVar(1), xsVar(0), xsID("enable"));
			options.keepalive = xsmcTest(xsVar(1));
		}
		options.idle_ms = socket_get_count(the, &xsVar(0), xsID("idle"));
		options.interval_ms = socket_get_count(the, &xsVar(0), xsID("interval"));
		options.count = socket_get_count(the, &xsVar(0), xsID("count"));
	}
	return options;
}

/* A record around a new stream, or one that waits in a listener; not yet known to the object. */
static socket_record *socket_new(xsMachine *the, const socket_options *options, acceptor *from)
{
	socket_record *self = calloc(1, sizeof(*self));
	if (self)
		self->stream = from ? acceptor_take(from, self, socket_event) : stream_new(self, socket_event);
	if (!self || !self->stream) {
		free(self);
		xsUnknownError("no memory for socket");
	}
	self->uses = 1;
	if (options->nodelay)
		stream_set_nodelay(self->stream, true);
	if (options->keepalive)
		stream_set_keepalive(self->stream, options->idle_ms, options->interval_ms, options->count);
	return self;
}

static void socket_remember(xsMachine *the, socket_record *self)
{
	self->object = xsThis;
	xsmcSetHostData(xsThis, self);
	xsRemember(self->object);
}

static void socket_accept(xsMachine *the);

void xs_socket(xsMachine *the)
{
	socket_options options;
	socket_record *self;
	network_address address;
	uint16_t port = 0;

	xsmcVars(2);
	if (xsmcHas(xsArg(0), xsID("listener"))) {
		socket_accept(the);
		return;
	}
	socket_check_kind(the);
	options_get_port(the, &port);
	options = socket_get_options(the);

	if (xsmcHas(xsArg(0), xsID("host"))) {
		xsmcGet(xsVar(0), xsArg(0), xsID("host"));
		(void)xsmcToString(xsVar(0));
		self = socket_new(the, &options, NULL);
		self->port = port;
		if (!address_parse(&address, xsmcToString(xsVar(0)))) {
			self->lookup = resolver_start(xsmcToString(xsVar(0)), self, socket_resolved);
			if (!self->lookup) {
				int error = errno;
				xs_socket_destructor(self);
				xsUnknownError("cannot resolve: %s", strerror(error));
			}
			socket_remember(the, self);
			return;
		}
	}
	else if (xsmcHas(xsArg(0), xsID("address"))) {
		xsmcGet(xsVar(0), xsArg(0), xsID("address"));
		if (!address_parse(&address, xsmcToString(xsVar(0))))
			xsUnknownError("invalid IP address");
		self = socket_new(the, &options, NULL);
	}
	else
		xsUnknownError("no host or address");

	address.port = port;
	int error = stream_connect(self->stream, &address);
	if (error) {
		xs_socket_destructor(self);
		xsUnknownError("socket connect failed: %s", strerror(error));
	}
	socket_remember(the, self);
}

void xs_socket_close(xsMachine *the)
{
	socket_record *self = xsmcGetHostDataValidate(xsThis, xs_socket_destructor);
	if (!self)
		return;
	xsmcSetHostData(xsThis, NULL);
	xsForget(self->object);
	socket_drop(self, stream_close);
}

void xs_socket_get(xsMachine *the)
{
	/* The argument first: turning it into a string may run code that closes the socket. */
	bool known = !strcmp(xsmcToString(xsArg(0)), "REMOTE_IP");
	const network_address *remote = stream_remote(socket_self(the, "get")->stream);
	if (remote && known) {
		char text[ADDRESS_TEXT];
		address_format(remote, text);
		xsmcSetString(xsResult, text);
	}
}

void xs_socket_suspend(xsMachine *the)
{
	socket_record *self = socket_self(the, "suspend");
	if (xsmcArgc) {
		self->suspended = xsmcToBoolean(xsArg(0));
		if (!self->suspended && self->missed) {
			stream_notify(self->stream, self->missed);
			self->missed = 0;
		}
	}
	xsmcSetBoolean(xsResult, self->suspended);
}

/* ---- reading ---- */

typedef enum { SOCKET_AS_STRING, SOCKET_AS_NUMBER, SOCKET_AS_BUFFER, SOCKET_AS_NOTHING } socket_type;

/* Whether a slot is the constructor of a prototype: of the built-in, whatever the app calls by its name. */
static bool socket_is_constructor(xsMachine *the, xsSlot *slot, xsSlot *prototype)
{
	xsmcGet(xsVar(0), *prototype, xsID("constructor"));
	return fxToReference(the, slot) == fxToReference(the, &xsVar(0));
}

static socket_type socket_get_type(xsMachine *the)
{
	xsType type = xsmcTypeOf(xsArg(0));
	if (type == xsNullType)
		return SOCKET_AS_NOTHING;
	if (type == xsReferenceType) {
		if (socket_is_constructor(the, &xsArg(0), &xsStringPrototype))
			return SOCKET_AS_STRING;
		if (socket_is_constructor(the, &xsArg(0), &xsNumberPrototype))
			return SOCKET_AS_NUMBER;
		if (socket_is_constructor(the, &xsArg(0), &xsArrayBufferPrototype))
			return SOCKET_AS_BUFFER;
	}
	xsUnknownError("unsupported output type");
}

/* How much of the fragment the second argument lets through: a number of bytes, or up to and with a character. */
static uint32_t socket_limit(xsMachine *the, socket_record *self, uint32_t count)
{
	if (xsmcArgc < 2)
		return count;
	xsType type = xsmcTypeOf(xsArg(1));
	if (type == xsIntegerType || type == xsNumberType) {
		xsNumberValue limit = xsmcToNumber(xsArg(1));
		if (limit >= 0 && limit < count)
			count = (uint32_t)limit;
	}
	else if (type == xsStringType) {
		char terminator = *xsmcToString(xsArg(1));
		if (terminator) {
			uint32_t at = stream_find(self->stream, (uint8_t)terminator, count);
			if (at < count)
				count = at + 1;
		}
	}
	return count;
}

void xs_socket_read(xsMachine *the)
{
	socket_record *self = socket_self(the, "read");
	uint32_t count;
	char *bytes = NULL;

	xsmcVars(1);
	if (xsmcArgc == 0) {
		xsmcSetInteger(xsResult, (int)self->fragment);
		return;
	}
	if (!self->fragment)
		xsUnknownError("nothing to read");

	socket_type type = socket_get_type(the);
	count = socket_limit(the, self, self->fragment);
	switch (type) {
	case SOCKET_AS_NUMBER: {
		uint8_t byte;
		count = 1;
		stream_read(self->stream, &byte, 1);
		xsmcSetInteger(xsResult, byte);
		break;
	}
	case SOCKET_AS_NOTHING:
		stream_read(self->stream, NULL, count);
		xsmcSetInteger(xsResult, (int)count);
		break;
	case SOCKET_AS_STRING:
		xsmcSetStringBuffer(xsResult, NULL, (int)count);
		bytes = xsmcToString(xsResult);
		break;
	case SOCKET_AS_BUFFER:
		xsmcSetArrayBuffer(xsResult, NULL, (int)count);
		bytes = xsmcToArrayBuffer(xsResult);
		break;
	}
	if (bytes)
		stream_read(self->stream, bytes, count);

	self->fragment -= count;
	if (!self->fragment && (stream_readable(self->stream) || stream_over(self->stream)))
		stream_notify(self->stream, STREAM_RECEIVED);
}

/* ---- writing ---- */

/* The bytes of one argument. Valid until the next use of the heap. */
static const void *socket_argument(xsMachine *the, int index, uint8_t *byte, xsUnsignedValue *size)
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

void xs_socket_write(xsMachine *the)
{
	socket_record *self = socket_self(the, "write");
	int argc = xsmcArgc;
	uint64_t needed = 0;
	xsUnsignedValue size;
	uint8_t byte;

	if (self->suspended)
		xsUnknownError("suspended");
	if (argc == 0) {
		xsmcSetInteger(xsResult, (int)stream_writable(self->stream));
		return;
	}
	if (stream_get_state(self->stream) == STREAM_FAILED)
		return; /* lwIP drops it; the callback tells */

	for (int i = 0; i < argc; i++) {
		socket_argument(the, i, &byte, &size);
		needed += size;
	}
	/* Reading the arguments may have run code that closed the socket. */
	self = socket_self(the, "write");
	if (needed > stream_writable(self->stream))
		stream_flush(self->stream);
	if (needed > stream_writable(self->stream))
		xsUnknownError("can't write all data");
	if (stream_get_state(self->stream) == STREAM_IDLE) {
		/* lwIP has no connection to write to before the name is resolved, and gives up the socket. */
		if (self->lookup)
			resolver_cancel(self->lookup);
		self->lookup = NULL;
		stream_fail(self->stream, ENOTCONN);
		return;
	}
	for (int i = 0; i < argc; i++) {
		const void *bytes = socket_argument(the, i, &byte, &size);
		self = socket_self(the, "write");
		/* And changed a later argument. */
		if (size > stream_writable(self->stream))
			xsUnknownError("can't write all data");
		stream_write(self->stream, bytes, size);
	}
}

/* ---- accepting ---- */

/* new Socket({listener}): the connection that waited longest. It too is told 1, as on lwIP. */
static void socket_accept(xsMachine *the)
{
	socket_options options = socket_get_options(the);

	xsmcGet(xsVar(0), xsArg(0), xsID("listener"));
	acceptor *from = socket_listener_acceptor(the, &xsVar(0));
	if (!acceptor_count(from))
		xsUnknownError("no socket available from listener");
	socket_record *self = socket_new(the, &options, from);
	socket_remember(the, self);
	stream_notify(self->stream, STREAM_CONNECTED);
}

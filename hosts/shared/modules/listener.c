/*
 * The ECMA-419 listener: onReadable(count) tells that connections wait, read() gives one as a TCP without callbacks, for
 * another TCP to adopt through `from`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acceptor.h"
#include "options.h"
#include "tcp.h"

typedef struct {
	xsSlot object;
	int uses;
	acceptor *listener; /* NULL once closed */
	tcp_callback on_readable;
} listener_record;

static void listener_mark(xsMachine *the, void *data, xsMarkRoot mark)
{
	listener_record *self = data;
	if (self->on_readable.set)
		(*mark)(the, &self->on_readable.function);
}

void xs_listener_destructor(void *data);

static const xsHostHooks listener_hooks = { .destructor = xs_listener_destructor, .marker = listener_mark };

static void listener_release(listener_record *self)
{
	if (--self->uses == 0)
		free(self);
}

void xs_listener_destructor(void *data)
{
	listener_record *self = data;
	if (!self)
		return;
	if (self->listener)
		acceptor_close(self->listener);
	self->listener = NULL;
	listener_release(self);
}

static listener_record *listener_self(xsMachine *the, xsSlot *slot)
{
	listener_record *self = xsmcGetHostDataValidate(*slot, (void *)&listener_hooks);
	if (!self)
		xsUnknownError("listener is closed");
	return self;
}

static void listener_incoming(acceptor *it)
{
	listener_record *self = acceptor_owner(it);
	if (!self->on_readable.set)
		return;
	self->uses++;
	xsBeginHost(device_machine);
	xsCallFunction1(self->on_readable.function, self->object, xsInteger((int)acceptor_count(it)));
	xsEndHost(device_machine);
	listener_release(self);
}

/* As with TCP, the options are read before there is anything that the code they run could close. */
void xs_listener_constructor(xsMachine *the)
{
	network_address address;
	uint16_t port = 0;

	xsmcVars(2);
	options_get_port(the, &port);
	bool on_readable = tcp_get_callback(the, &xsVar(1), xsID("onReadable"));
	xsmcGet(xsVar(0), xsArg(0), xsID("format"));
	if (xsmcTest(xsVar(0)) && strcmp(xsmcToString(xsVar(0)), "socket/tcp"))
		xsRangeError("the format of a listener is socket/tcp");
	address_parse(&address, "0.0.0.0");
	xsmcGet(xsVar(0), xsArg(0), xsID("address"));
	if (xsmcTest(xsVar(0)) && !address_parse(&address, xsmcToString(xsVar(0))))
		xsUnknownError("invalid address");
	address.port = port;
	tcp_set_target(the);

	listener_record *self = calloc(1, sizeof(*self));
	int error = self ? acceptor_open(&self->listener, &address, self, listener_incoming) : ENOMEM;
	if (error) {
		free(self);
		xsUnknownError("socket bind: %s", strerror(error));
	}
	self->uses = 1;
	tcp_set_callback(&self->on_readable, on_readable, &xsVar(1));
	self->object = xsThis;
	xsmcSetHostData(xsThis, self);
	xsSetHostHooks(xsThis, &listener_hooks);
	xsRemember(self->object);
}

void xs_listener_close(xsMachine *the)
{
	listener_record *self = xsmcGetHostDataValidate(xsThis, (void *)&listener_hooks);
	if (!self)
		return;
	xsmcSetHostData(xsThis, NULL);
	xsForget(self->object);
	xs_listener_destructor(self);
}

/* waiting(listener): how many connections wait. */
void xs_listener_waiting(xsMachine *the)
{
	listener_record *self = listener_self(the, &xsArg(0));
	xsmcSetInteger(xsResult, self->listener ? (int)acceptor_count(self->listener) : 0);
}

/* take(listener, tcp): gives the connection that waited longest to a new TCP, and returns it. */
void xs_listener_take(xsMachine *the)
{
	listener_record *self = listener_self(the, &xsArg(0));
	tcp_check_blank(the, &xsArg(1));
	if (!self->listener || !acceptor_count(self->listener))
		return;
	tcp_take(the, &xsArg(1), self->listener);
	xsResult = xsArg(1);
}

void xs_listener_get_port(xsMachine *the)
{
	listener_record *self = listener_self(the, &xsThis);
	if (self->listener)
		xsmcSetInteger(xsResult, acceptor_port(self->listener));
}

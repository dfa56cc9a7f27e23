/*
 * The Listener of the classic `socket` module: its callback is told 1 for each connection that waits, and
 * new Socket({listener}) takes one.
 */
#include "socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

typedef struct {
	xsSlot object;
	int uses;
	acceptor *listener; /* NULL once closed */
} socket_listener_record;

static void socket_listener_release(socket_listener_record *self)
{
	if (--self->uses == 0)
		free(self);
}

void xs_socket_listener_destructor(void *data)
{
	socket_listener_record *self = data;
	if (!self)
		return;
	acceptor_close(self->listener);
	self->listener = NULL;
	socket_listener_release(self);
}

static void socket_listener_incoming(acceptor *it)
{
	socket_listener_record *self = acceptor_owner(it);
	/* Once for each connection that waits: new Socket({listener}) takes one. */
	uint32_t count = acceptor_count(it);
	self->uses++;
	while (self->listener && count--) {
		xsBeginHost(device_machine);
		socket_get_callback(the, &self->object);
		xsCallFunction1(xsVar(0), self->object, xsInteger(SOCKET_CONNECTED));
		xsEndHost(device_machine);
	}
	socket_listener_release(self);
}

void xs_socket_listener(xsMachine *the)
{
	network_address address;
	uint16_t port = 0;

	xsmcVars(1);
	options_get_port(the, &port);
	address_parse(&address, "0.0.0.0");
	if (xsmcHas(xsArg(0), xsID("address"))) {
		xsmcGet(xsVar(0), xsArg(0), xsID("address"));
		if (xsmcTest(xsVar(0)) && !address_parse(&address, xsmcToString(xsVar(0))))
			xsUnknownError("invalid IP address");
	}
	address.port = port;

	socket_listener_record *self = calloc(1, sizeof(*self));
	int error = self ? acceptor_open(&self->listener, &address, self, socket_listener_incoming) : ENOMEM;
	if (error) {
		free(self);
		xsUnknownError("socket bind: %s", strerror(error));
	}
	self->uses = 1;
	self->object = xsThis;
	xsmcSetHostData(xsThis, self);
	xsRemember(self->object);
}

void xs_socket_listener_close(xsMachine *the)
{
	socket_listener_record *self = xsmcGetHostDataValidate(xsThis, xs_socket_listener_destructor);
	if (!self)
		return;
	xsmcSetHostData(xsThis, NULL);
	xsForget(self->object);
	xs_socket_listener_destructor(self);
}

acceptor *socket_listener_acceptor(xsMachine *the, xsSlot *slot)
{
	socket_listener_record *self = xsmcGetHostDataValidate(*slot, xs_socket_listener_destructor);
	if (!self)
		xsUnknownError("listener is closed");
	return self->listener;
}

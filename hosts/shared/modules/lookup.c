/*
 * The native side of `net` and of the ECMA-419 resolver.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "resolver.h"

typedef struct {
	xsSlot object;
	resolver_lookup *lookup;
} resolver_request;

void xs_resolver_lookup_destructor(void *data)
{
	resolver_request *self = data;
	if (!self)
		return;
	if (self->lookup)
		resolver_cancel(self->lookup);
	free(self);
}

/* The object leaves the roots and loses its native half, so nothing is told after this. */
static void resolver_detach(xsMachine *the, resolver_request *self)
{
	xsmcSetHostData(self->object, NULL);
	xsForget(self->object);
}

static void resolver_answered(void *owner, const network_address *address)
{
	resolver_request *self = owner;
	self->lookup = NULL;
	xsBeginHost(device_machine);
	{
		xsmcVars(1);
		xsmcGet(xsVar(0), self->object, xsID("answered"));
		xsResult = self->object;
		resolver_detach(the, self);
		if (address) {
			char text[ADDRESS_TEXT];
			address_format(address, text);
			xsCallFunction1(xsVar(0), xsResult, xsString(text));
		}
		else
			xsCallFunction0(xsVar(0), xsResult);
	}
	xsEndHost(device_machine);
	free(self);
}

/* new Lookup(host, answered): calls answered(address) once, without an address if there is none. */
void xs_resolver_lookup(xsMachine *the)
{
	resolver_request *self;

	xsmcSet(xsThis, xsID("answered"), xsArg(1));
	self = calloc(1, sizeof(*self));
	if (self)
		self->lookup = resolver_start(xsmcToString(xsArg(0)), self, resolver_answered);
	if (!self || !self->lookup) {
		int error = errno;
		free(self);
		xsUnknownError("cannot resolve: %s", strerror(error));
	}
	self->object = xsThis;
	xsmcSetHostData(xsThis, self);
	xsRemember(self->object);
}

void xs_resolver_lookup_close(xsMachine *the)
{
	resolver_request *self = xsmcGetHostDataValidate(xsThis, xs_resolver_lookup_destructor);
	if (!self)
		return;
	resolver_detach(the, self);
	xs_resolver_lookup_destructor(self);
}

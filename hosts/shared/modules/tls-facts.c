/*
 * What can be asked of a TLS session, see tls.h; and the buffer that its records go through.
 */
#include "tls.h"

#include <stdlib.h>
#include <string.h>

/* The engine copies it: its pointers are to char for no reason. */
static void tls_set_string(xsMachine *the, xsSlot *slot, const char *text)
{
	fxString(the, slot, (char *)(uintptr_t)text);
}

/* {name, message} of what went wrong, or undefined. */
void xs_tls_session_get_fault(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (!self->fault.name)
		return;
	xsmcVars(1);
	xsmcSetNewObject(xsResult);
	tls_set_string(the, &xsVar(0), self->fault.name);
	xsmcSet(xsResult, xsID("name"), xsVar(0));
	xsmcSetString(xsVar(0), self->fault.words);
	xsmcSet(xsResult, xsID("message"), xsVar(0));
}

static bool tls_established(const tls_session *self)
{
	return self->started && tls_library_established(self);
}

/* The protocol that ALPN chose. */
void xs_tls_session_get_alpn(xsMachine *the)
{
	tls_session *self = tls_self(the);
	size_t size = 0;
	const char *name = tls_established(self) ? tls_library_alpn(self, &size) : NULL;
	if (name) {
		xsmcSetStringBuffer(xsResult, NULL, (xsIntegerValue)size);
		memcpy(xsmcToString(xsResult), name, size);
	}
}

/* "TLSv1.3" */
void xs_tls_session_get_protocol(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (tls_established(self))
		tls_set_string(the, &xsResult, tls_library_version(self));
}

void xs_tls_session_get_cipher(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (tls_established(self))
		tls_set_string(the, &xsResult, tls_library_cipher(self));
}

/* ---- the stage ---- */

/* A buffer outside of the arena through which records go to and from the socket below, which reads and writes whole buffers. It takes
 * on any length up to its size without allocating. */
void xs_tls_stage_destructor(void *data)
{
	free(data);
}

void xs_tls_stage(xsMachine *the)
{
	void *bytes = malloc(tls_library_stage);
	if (!bytes)
		xsUnknownError("TLS: no memory for a buffer");
	xsmcSetHostData(xsThis, bytes);
	xsmcSetHostBuffer(xsThis, bytes, (xsIntegerValue)tls_library_stage);
}

/* resize(count): the stage, with this length or the longest it has, whatever is less. */
void xs_tls_stage_resize(xsMachine *the)
{
	const xsIntegerValue most = (xsIntegerValue)tls_library_stage;
	xsIntegerValue count = xsmcToInteger(xsArg(0));
	void *bytes = xsmcGetHostDataValidate(xsThis, (void *)xs_tls_stage_destructor);
	xsmcSetHostBuffer(xsThis, bytes, count < 0 ? 0 : count < most ? count : most);
	xsResult = xsThis;
}

void xs_tls_stage_get_byteLength(xsMachine *the)
{
	xsmcSetInteger(xsResult, xsmcGetHostBufferLength(xsThis));
}

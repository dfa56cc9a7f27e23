/*
 * The life of a TLS session and the bytes through it; see tls.h. Nothing here calls into XS while it holds a pointer into a
 * buffer of the arena, and moving bytes allocates nothing there.
 */
#include "tls.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

/* Content types that a peer may begin with: an alert, or its part of the handshake; then the major version. */
#define TLS_ALERT 21
#define TLS_HANDSHAKE_RECORD 22
#define TLS_MAJOR 3

void xs_tls_session_destructor(void *data);

static const xsHostHooks tls_hooks = { .destructor = xs_tls_session_destructor };

tls_session *tls_self(xsMachine *the)
{
	tls_session *self = xsmcGetHostDataValidate(xsThis, (void *)&tls_hooks);
	if (!self)
		xsUnknownError("TLS session is closed");
	return self;
}

tls_session *tls_self_started(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (!self->started)
		xsUnknownError("TLS session is not started");
	return self;
}

/* ---- life ---- */

void xs_tls_session_destructor(void *data)
{
	tls_session *self = data;
	if (!self)
		return;
	if (self->task.queued)
		loop_task_cancel(&self->task);
	tls_library_close(self);
	tls_data_free(self);
	free(self->protocols);
	free(self->host);
	free(self);
}

/* The host without what URLs and DNS put around it: "[::1]" is ::1, "example.com." is example.com. */
static char *tls_copy_host(const char *text)
{
	size_t size = strlen(text);
	if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
		text++;
		size -= 2;
	}
	else if (size && text[size - 1] == '.')
		size--;
	return size ? strndup(text, size) : NULL;
}

/* new Session(host | undefined, verify, minimum version) */
void xs_tls_session(xsMachine *the)
{
	network_address address;
	bool verify = xsmcTest(xsArg(1));
	int minimum = xsmcToInteger(xsArg(2));
	bool named = xsmcTest(xsArg(0));
	const char *host = named ? xsmcToString(xsArg(0)) : "";

	if (minimum > tls_library_newest)
		xsRangeError("secure.protocolVersion: this device has no newer TLS than 1.2 (0x303)");
	tls_session *self = calloc(1, sizeof(*self));
	if (self) {
		self->host = tls_copy_host(host);
		self->address = self->host && address_parse(&address, self->host);
		self->verify = verify;
	}
	if (!self || !tls_library_open(self, minimum)) {
		xs_tls_session_destructor(self);
		xsUnknownError("TLS: no memory for a session");
	}
	self->object = xsThis;
	xsmcSetHostData(xsThis, self);
	xsSetHostHooks(xsThis, &tls_hooks);
}

void xs_tls_session_free(xsMachine *the)
{
	tls_session *self = xsmcGetHostDataValidate(xsThis, (void *)&tls_hooks);
	xsmcSetHostData(xsThis, NULL);
	xs_tls_session_destructor(self);
}

/* Everything is said: from here on there is a handshake. */
void xs_tls_session_start(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (self->started)
		xsUnknownError("TLS session is started");
	tls_options_apply(the, self);
	self->started = true;
}

/* ---- the records ---- */

/* feed(bytes): what came from the peer. */
void xs_tls_session_feed(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue size;
	xsmcGetBufferReadable(xsArg(0), &bytes, &size);
	tls_session *self = tls_self_started(the);
	if (!size || self->fault.name)
		return;
	if (!self->answered) {
		const uint8_t *first = bytes;
		self->answered = true;
		if ((first[0] != TLS_HANDSHAKE_RECORD && first[0] != TLS_ALERT) || (size > 1 && first[1] != TLS_MAJOR)) {
			tls_fault_set(self, "NOT_TLS", "the peer's answer is not TLS");
			return;
		}
	}
	tls_library_feed(self, bytes, size);
}

/* Bytes that wait to go to the peer. */
void xs_tls_session_get_pending(xsMachine *the)
{
	tls_session *self = tls_self(the);
	xsmcSetInteger(xsResult, self->started ? (int)tls_library_pending(self) : 0);
}

/* take(bytes): fills all of them with what waits, at most `pending`. */
void xs_tls_session_take(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue size;
	xsmcGetBufferWritable(xsArg(0), &bytes, &size);
	tls_session *self = tls_self_started(the);
	if (size > tls_library_pending(self))
		xsRangeError("TLS: take wants more than is pending");
	tls_library_take(self, bytes, size);
}

/* ---- the state ---- */

/* One step with what was fed. Sees the peer's end and faults only once what came before them is read. */
void xs_tls_session_advance(xsMachine *the)
{
	tls_session *self = tls_self(the);
	tls_state state = TLS_FAULT;
	if (self->started && tls_library_readable(self))
		state = TLS_OPEN;
	else if (self->started && !self->fault.name)
		state = tls_library_advance(self);
	xsmcSetInteger(xsResult, state);
}

/* The connection below ended before the peer's close_notify. */
void xs_tls_session_truncate(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (self->started && tls_library_established(self))
		tls_fault_set(self, "TRUNCATED", "the connection ended without TLS's goodbye");
	else
		tls_fault_set(self, "TRUNCATED", "the connection ended during the handshake");
}

/* Says goodbye; take() has it. */
void xs_tls_session_shutdown(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (self->started && !self->fault.name && tls_library_established(self))
		tls_library_shutdown(self);
}

static void tls_run(loop_task *task)
{
	tls_session *self = (tls_session *)(void *)((char *)task - offsetof(tls_session, task));
	xsBeginHost(device_machine);
	xsResult = self->object;
	xsCall0(xsResult, xsID("run"));
	xsEndHost(device_machine);
}

/* Has the loop call run(). */
void xs_tls_session_defer(xsMachine *the)
{
	loop_defer(&tls_self(the)->task, tls_run);
}

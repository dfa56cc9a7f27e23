/*
 * The life of a TLS session and the bytes through it; see tls.h. Nothing here calls into XS while it holds a pointer into a
 * buffer of the arena, and moving bytes allocates nothing there.
 */
#include "tls.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

/* What advance() returns. */
enum { TLS_FAULT = -2, TLS_CLOSED = -1, TLS_HANDSHAKE = 0, TLS_OPEN = 1 };

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
	if (!self->ssl)
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
	SSL_free(self->ssl); /* and both BIOs */
	SSL_CTX_free(self->context);
	tls_options_free(self);
	tls_data_free(self);
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

/* A message when the peer's own handshake messages come: the first is its ServerHello. */
static void tls_saw(int sent, int version, int type, const void *bytes, size_t size, SSL *ssl, void *data)
{
	tls_session *self = data;
	if (!sent && type == TLS_HANDSHAKE_RECORD && size && *(const uint8_t *)bytes == SSL3_MT_SERVER_HELLO)
		self->hello = true;
	if (!sent && type == TLS_HANDSHAKE_RECORD && size && *(const uint8_t *)bytes == SSL3_MT_CERTIFICATE_REQUEST)
		self->asked = true;
}

static bool tls_create_context(tls_session *self, int minimum)
{
	self->context = SSL_CTX_new(TLS_client_method());
	if (!self->context)
		return false;
	SSL_CTX_set_options(self->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(self->context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(self->context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(self->context, self->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, self->verify ? tls_fault_verify : NULL);
	return SSL_CTX_set_min_proto_version(self->context, minimum) == 1;
}

/* new Session(host | undefined, verify, minimum version) */
void xs_tls_session(xsMachine *the)
{
	struct in6_addr address;
	bool verify = xsmcTest(xsArg(1));
	int minimum = xsmcToInteger(xsArg(2));
	bool named = xsmcTest(xsArg(0));
	const char *host = named ? xsmcToString(xsArg(0)) : "";
	tls_session *self = calloc(1, sizeof(*self));

	if (self) {
		self->host = tls_copy_host(host);
		self->address =
			self->host && (inet_pton(AF_INET, self->host, &address) == 1 || inet_pton(AF_INET6, self->host, &address) == 1);
		self->verify = verify;
	}
	if (!self || !tls_create_context(self, minimum)) {
		xs_tls_session_destructor(self);
		xsUnknownError("TLS: OpenSSL gives no session");
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

/* Everything is said: from here on there is an SSL, and its first advance() makes the ClientHello. */
void xs_tls_session_start(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (self->ssl)
		xsUnknownError("TLS session is started");
	self->ssl = SSL_new(self->context);
	self->in = BIO_new(BIO_s_mem());
	self->out = BIO_new(BIO_s_mem());
	if (!self->ssl || !self->in || !self->out) {
		BIO_free(self->in);
		BIO_free(self->out);
		SSL_free(self->ssl);
		self->ssl = NULL;
		xsUnknownError("TLS: no memory for a session");
	}
	BIO_set_mem_eof_return(self->in, -1); /* empty is not the end */
	SSL_set_bio(self->ssl, self->in, self->out);
	SSL_set_app_data(self->ssl, self);
	SSL_set_msg_callback(self->ssl, tls_saw);
	SSL_set_msg_callback_arg(self->ssl, self);
	SSL_set_connect_state(self->ssl);
	tls_options_apply(the, self);
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
	if (BIO_write(self->in, bytes, (int)size) != (int)size)
		tls_fault_set(self, "BAD_RECORD", "no memory for what the peer sent");
}

/* Bytes that wait to go to the peer. */
void xs_tls_session_get_pending(xsMachine *the)
{
	tls_session *self = tls_self(the);
	xsmcSetInteger(xsResult, self->ssl ? (int)BIO_ctrl_pending(self->out) : 0);
}

/* take(bytes): fills all of them with what waits, at most `pending`. */
void xs_tls_session_take(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue size;
	xsmcGetBufferWritable(xsArg(0), &bytes, &size);
	tls_session *self = tls_self_started(the);
	if (size > BIO_ctrl_pending(self->out) || BIO_read(self->out, bytes, (int)size) != (int)size)
		xsRangeError("TLS: take wants more than is pending");
}

/* ---- the state ---- */

/* What the result of an SSL function means: nothing yet, the peer's end, a fault. */
static int tls_judge(tls_session *self, int result)
{
	switch (SSL_get_error(self->ssl, result)) {
	case SSL_ERROR_NONE:
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return SSL_is_init_finished(self->ssl) ? TLS_OPEN : TLS_HANDSHAKE;
	case SSL_ERROR_ZERO_RETURN:
		if (SSL_is_init_finished(self->ssl))
			return TLS_CLOSED;
		tls_fault_set(self, "TRUNCATED", "the peer ended the handshake");
		return TLS_FAULT;
	default:
		tls_fault_from_openssl(self);
		return TLS_FAULT;
	}
}

/* One step with what was fed: the handshake, or the next record. Sees the peer's end and faults only once what came before them is
 * read. */
void xs_tls_session_advance(xsMachine *the)
{
	tls_session *self = tls_self(the);
	int state = TLS_FAULT;
	uint8_t byte;

	if (self->ssl && SSL_pending(self->ssl))
		state = TLS_OPEN;
	else if (self->ssl && !self->fault.name) {
		ERR_clear_error();
		state = SSL_is_init_finished(self->ssl) ? TLS_OPEN : tls_judge(self, SSL_do_handshake(self->ssl));
		if (state == TLS_OPEN) {
			ERR_clear_error();
			state = tls_judge(self, SSL_peek(self->ssl, &byte, 1));
		}
	}
	xsmcSetInteger(xsResult, state);
}

/* The connection below ended before the peer's close_notify. */
void xs_tls_session_truncate(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (self->ssl && SSL_is_init_finished(self->ssl))
		tls_fault_set(self, "TRUNCATED", "the connection ended without TLS's goodbye");
	else
		tls_fault_set(self, "TRUNCATED", "the connection ended during the handshake");
}

/* Says goodbye; take() has it. */
void xs_tls_session_shutdown(xsMachine *the)
{
	tls_session *self = tls_self(the);
	if (self->ssl && !self->fault.name && SSL_is_init_finished(self->ssl)) {
		ERR_clear_error();
		SSL_shutdown(self->ssl);
		ERR_clear_error();
	}
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

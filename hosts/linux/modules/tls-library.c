/*
 * TLS sessions on OpenSSL.
 */
#include "tls-openssl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

const int tls_library_newest = TLS_1_3;
const size_t tls_library_stage = 2048;

/* ---- life ---- */

/* A message when the peer's own handshake messages come: the first is its ServerHello. */
static void tls_library_saw(int sent, int version, int type, const void *bytes, size_t size, SSL *ssl, void *data)
{
	tls_session *self = data;
	if (sent || type != SSL3_RT_HANDSHAKE || !size)
		return;
	if (*(const uint8_t *)bytes == SSL3_MT_SERVER_HELLO)
		self->hello = true;
	if (*(const uint8_t *)bytes == SSL3_MT_CERTIFICATE_REQUEST)
		self->asked = true;
}

bool tls_library_open(tls_session *self, int minimum)
{
	tls_library *it = self->library = calloc(1, sizeof(*it));
	if (!it || !(it->context = SSL_CTX_new(TLS_client_method())))
		return false;
	SSL_CTX_set_options(it->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(it->context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(it->context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(it->context, self->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, self->verify ? tls_verdict_verify : NULL);
	return SSL_CTX_set_min_proto_version(it->context, minimum) == 1;
}

void tls_library_close(tls_session *self)
{
	tls_library *it = self->library;
	if (!it)
		return;
	SSL_free(it->ssl); /* and both BIOs */
	SSL_CTX_free(it->context);
	tls_certificates_free(it);
	free(it);
	self->library = NULL;
}

bool tls_library_exhausted(void)
{
	return false;
}

static bool tls_library_make(tls_session *self, tls_library *it)
{
	it->ssl = SSL_new(it->context);
	it->in = BIO_new(BIO_s_mem());
	it->out = BIO_new(BIO_s_mem());
	if (!it->ssl || !it->in || !it->out) {
		BIO_free(it->in);
		BIO_free(it->out);
		return false;
	}
	BIO_set_mem_eof_return(it->in, -1); /* empty is not the end */
	SSL_set_bio(it->ssl, it->in, it->out);
	SSL_set_app_data(it->ssl, self);
	SSL_set_msg_callback(it->ssl, tls_library_saw);
	SSL_set_msg_callback_arg(it->ssl, self);
	SSL_set_connect_state(it->ssl);
	return true;
}

static bool tls_library_expect(tls_session *self, SSL *ssl)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	if (!self->host)
		return true;
	if (!self->address && SSL_set_tlsext_host_name(ssl, self->host) != 1)
		return false;
	if (!self->verify)
		return true;
	/* RFC 9525: names are in the extension, not in the subject, and a wildcard is a whole label. */
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (self->address)
		return X509_VERIFY_PARAM_set1_ip_asc(param, self->host) == 1;
	return X509_VERIFY_PARAM_set1_host(param, self->host, 0) == 1;
}

tls_start tls_library_start(tls_session *self)
{
	tls_library *it = self->library;
	ERR_clear_error();
	tls_start result = tls_library_make(self, it) ? tls_certificates_apply(it) : TLS_NO_MEMORY;
	if (result == TLS_STARTED && !tls_library_expect(self, it->ssl))
		result = TLS_NO_HOST;
	if (result == TLS_STARTED && self->protocols &&
		SSL_set_alpn_protos(it->ssl, (const unsigned char *)self->protocols, self->protocols_size))
		result = TLS_NO_MEMORY;
	ERR_clear_error();
	return result;
}

/* ---- records ---- */

void tls_library_feed(tls_session *self, const uint8_t *bytes, size_t size)
{
	if (BIO_write(self->library->in, bytes, (int)size) != (int)size)
		tls_fault_set(self, "BAD_RECORD", "no memory for what the peer sent");
}

size_t tls_library_pending(const tls_session *self)
{
	return BIO_ctrl_pending(self->library->out);
}

void tls_library_take(tls_session *self, uint8_t *bytes, size_t size)
{
	BIO_read(self->library->out, bytes, (int)size);
}

bool tls_library_established(const tls_session *self)
{
	return SSL_is_init_finished(self->library->ssl);
}

/* What the result of an SSL function means: nothing yet, the peer's end, a fault. */
static tls_state tls_library_judge(tls_session *self, int result)
{
	switch (SSL_get_error(self->library->ssl, result)) {
	case SSL_ERROR_NONE:
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return tls_library_established(self) ? TLS_OPEN : TLS_HANDSHAKE;
	case SSL_ERROR_ZERO_RETURN:
		if (tls_library_established(self))
			return TLS_CLOSED;
		tls_fault_set(self, "TRUNCATED", "the peer ended the handshake");
		return TLS_FAULT;
	default:
		tls_verdict_from_errors(self);
		return TLS_FAULT;
	}
}

tls_state tls_library_advance(tls_session *self)
{
	SSL *ssl = self->library->ssl;
	uint8_t byte;
	ERR_clear_error();
	tls_state state = tls_library_established(self) ? TLS_OPEN : tls_library_judge(self, SSL_do_handshake(ssl));
	if (state == TLS_OPEN) {
		ERR_clear_error();
		state = tls_library_judge(self, SSL_peek(ssl, &byte, 1));
	}
	return state;
}

void tls_library_shutdown(tls_session *self)
{
	ERR_clear_error();
	SSL_shutdown(self->library->ssl);
	ERR_clear_error();
}

/* ---- the app's bytes ---- */

size_t tls_library_readable(const tls_session *self)
{
	return (size_t)SSL_pending(self->library->ssl);
}

bool tls_library_read(tls_session *self, uint8_t *bytes, size_t size)
{
	ERR_clear_error();
	return SSL_read(self->library->ssl, bytes, (int)size) == (int)size;
}

size_t tls_library_find(tls_session *self, uint8_t byte, size_t size)
{
	uint8_t *bytes = malloc(size);
	if (!bytes)
		return size;
	ERR_clear_error();
	int seen = SSL_peek(self->library->ssl, bytes, (int)size);
	const uint8_t *found = seen > 0 ? memchr(bytes, byte, (size_t)seen) : NULL;
	if (found)
		size = (size_t)(found - bytes) + 1;
	OPENSSL_clear_free(bytes, (size_t)(seen > 0 ? seen : 0));
	return size;
}

bool tls_library_write(tls_session *self, const uint8_t *bytes, size_t size)
{
	ERR_clear_error();
	if (SSL_write(self->library->ssl, bytes, (int)size) == (int)size)
		return true;
	tls_verdict_from_errors(self);
	return false;
}

/* ---- what was agreed on ---- */

const char *tls_library_alpn(const tls_session *self, size_t *size)
{
	const unsigned char *name = NULL;
	unsigned length = 0;
	SSL_get0_alpn_selected(self->library->ssl, &name, &length);
	*size = length;
	return length ? (const char *)name : NULL;
}

const char *tls_library_version(const tls_session *self)
{
	return SSL_get_version(self->library->ssl);
}

const char *tls_library_cipher(const tls_session *self)
{
	return SSL_get_cipher_name(self->library->ssl);
}

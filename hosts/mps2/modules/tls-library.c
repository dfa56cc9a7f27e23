/*
 * TLS sessions on mbedTLS 2.28: TLS 1.2.
 */
#include "tls-mbedtls.h"

#include <stdlib.h>
#include <string.h>

#include "entropy.h"
#include "mbedtls/entropy.h"

const int tls_library_newest = TLS_1_2;
const size_t tls_library_stage = 1024;

/* ---- life ---- */

bool tls_library_open(tls_session *self, int minimum)
{
	tls_library *it = self->library = calloc(1, sizeof(*it));
	if (!it)
		return false;
	mbedtls_ssl_config_init(&it->config);
	mbedtls_ssl_init(&it->ssl);
	mbedtls_pk_init(&it->key);
	it->minimum = minimum;
	return true;
}

void tls_library_close(tls_session *self)
{
	tls_library *it = self->library;
	if (!it)
		return;
	mbedtls_ssl_free(&it->ssl);
	mbedtls_ssl_config_free(&it->config);
	tls_certificates_free(it);
	tls_queue_free(&it->in);
	tls_queue_free(&it->out);
	free(it->protocols);
	free(it);
	self->library = NULL;
}

static int tls_library_random(void *data, unsigned char *bytes, size_t size)
{
	return entropy_fill(bytes, size) ? 0 : MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
}

bool tls_library_exhausted(void)
{
	return tls_buffers_exhausted();
}

/* The session has each name behind a byte with its length; what mbedTLS wants ends with a NUL, which takes the place of the next one's. */
static bool tls_library_offer(tls_session *self, tls_library *it)
{
	size_t count = 0;
	for (unsigned at = 0; at < self->protocols_size; at += 1 + (uint8_t)self->protocols[at])
		count++;
	if (!count)
		return true;
	it->protocols = calloc(count + 1, sizeof(*it->protocols));
	if (!it->protocols)
		return false;
	count = 0;
	for (unsigned at = 0; at < self->protocols_size;) {
		unsigned size = (uint8_t)self->protocols[at];
		self->protocols[at] = 0;
		it->protocols[count++] = self->protocols + at + 1;
		at += 1 + size;
	}
	self->protocols[self->protocols_size] = 0;
	return !mbedtls_ssl_conf_alpn_protocols(&it->config, it->protocols);
}

/* How long the content of a record may be, by agreement with a server that knows of such agreements (RFC 6066, 4). */
typedef struct {
	size_t length;
	uint8_t code;
} tls_content;

/* The least that has room for our longest message of the handshake, for mbedTLS puts each into one record: that is a ClientHello, which
 * without its names has less than 256 bytes, or certificates. */
static const tls_content *tls_library_content(const tls_session *self)
{
	static const tls_content contents[] = {
		{ TLS_CONTENT_LEAST, MBEDTLS_SSL_MAX_FRAG_LEN_1024 },
		{ 2048, MBEDTLS_SSL_MAX_FRAG_LEN_2048 },
		{ 4096, MBEDTLS_SSL_MAX_FRAG_LEN_4096 },
		{ MBEDTLS_SSL_OUT_CONTENT_LEN, MBEDTLS_SSL_MAX_FRAG_LEN_NONE },
	};
	size_t hello = 256 + (self->host ? strlen(self->host) : 0) + self->protocols_size;
	size_t certificates = tls_certificates_size(self->library);
	const tls_content *content = contents;
	while (content->code != MBEDTLS_SSL_MAX_FRAG_LEN_NONE && (content->length < hello || content->length < certificates))
		content++;
	return content;
}

/* The order is the preference; one of the key exchange and those of certificates. */
static const mbedtls_ecp_group_id tls_library_curves[] = { MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_CURVE25519,
	MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_NONE };

tls_start tls_library_start(tls_session *self)
{
	tls_library *it = self->library;
	mbedtls_ssl_config *config = &it->config;
	if (mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT))
		return TLS_NO_MEMORY;
	mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, it->minimum & 0xFF);
	mbedtls_ssl_conf_rng(config, tls_library_random, NULL);
	mbedtls_ssl_conf_curves(config, tls_library_curves);
	mbedtls_ssl_conf_authmode(config, self->verify ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
	mbedtls_ssl_conf_verify(config, tls_verdict_verify, self);
	tls_start certificates = tls_certificates_apply(it);
	if (certificates != TLS_STARTED)
		return certificates;
	const tls_content *content = tls_library_content(self);
	mbedtls_ssl_conf_max_frag_len(config, content->code);
	if (!tls_library_offer(self, it) || !tls_buffers_setup(it, content->length))
		return TLS_NO_MEMORY;
	mbedtls_ssl_set_bio(&it->ssl, self, tls_records_send, tls_records_receive, NULL);
	if (!self->host || self->address)
		return TLS_STARTED;
	int named = mbedtls_ssl_set_hostname(&it->ssl, self->host);
	return named == MBEDTLS_ERR_SSL_ALLOC_FAILED ? TLS_NO_MEMORY : named ? TLS_NO_HOST : TLS_STARTED;
}

/* ---- records ---- */

void tls_library_feed(tls_session *self, const uint8_t *bytes, size_t size)
{
	tls_records_came(self, bytes, size);
}

size_t tls_library_pending(const tls_session *self)
{
	return tls_queue_size(&self->library->out);
}

void tls_library_take(tls_session *self, uint8_t *bytes, size_t size)
{
	if (size)
		tls_queue_take(&self->library->out, bytes, size);
}

bool tls_library_established(const tls_session *self)
{
	return self->library->ssl.state == MBEDTLS_SSL_HANDSHAKE_OVER;
}

/* Until something can be read, or more has to come: 0 or MBEDTLS_ERR_SSL_WANT_READ; another error is the end. */
static int tls_library_run(tls_session *self)
{
	mbedtls_ssl_context *ssl = &self->library->ssl;
	for (;;) {
		if (!tls_library_established(self)) {
			int result = mbedtls_ssl_handshake(ssl);
			if (!result)
				continue;
			if (result != MBEDTLS_ERR_SSL_WANT_READ || !tls_records_admit(self))
				return result;
		}
		else {
			int result = mbedtls_ssl_read(ssl, NULL, 0);
			if (result && result != MBEDTLS_ERR_SSL_WANT_READ)
				return result;
			/* A record may be empty. */
			if (tls_library_readable(self) || !tls_records_admit(self))
				return result;
		}
	}
}

tls_state tls_library_advance(tls_session *self)
{
	tls_buffers_forget();
	int result = tls_library_run(self);
	if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
		if (tls_library_established(self))
			return TLS_CLOSED;
		tls_fault_set(self, "TRUNCATED", "the peer ended the handshake");
	}
	else if (result && result != MBEDTLS_ERR_SSL_WANT_READ)
		tls_verdict_from_error(self, result);
	return self->fault.name ? TLS_FAULT : tls_library_established(self) ? TLS_OPEN : TLS_HANDSHAKE;
}

void tls_library_shutdown(tls_session *self)
{
	mbedtls_ssl_close_notify(&self->library->ssl);
}

/* ---- the app's bytes ---- */

size_t tls_library_readable(const tls_session *self)
{
	return mbedtls_ssl_get_bytes_avail(&self->library->ssl);
}

bool tls_library_read(tls_session *self, uint8_t *bytes, size_t size)
{
	if (mbedtls_ssl_read(&self->library->ssl, bytes, size) != (int)size)
		return false;
	if (!tls_library_readable(self) && !tls_buffers_release(self->library))
		tls_fault_set(self, "BAD_RECORD", "no memory for the next record: give the board more RAM");
	return true;
}

size_t tls_library_find(tls_session *self, uint8_t byte, size_t size)
{
	const uint8_t *bytes = self->library->ssl.in_offt;
	size_t readable = tls_library_readable(self);
	const uint8_t *found = readable ? memchr(bytes, byte, size < readable ? size : readable) : NULL;
	return found ? (size_t)(found - bytes) + 1 : size;
}

bool tls_library_write(tls_session *self, const uint8_t *bytes, size_t size)
{
	tls_buffers_forget();
	while (size) {
		int written = mbedtls_ssl_write(&self->library->ssl, bytes, size);
		if (written < 0) {
			tls_verdict_from_error(self, written);
			return false;
		}
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

/* ---- what was agreed on ---- */

const char *tls_library_alpn(const tls_session *self, size_t *size)
{
	const char *name = mbedtls_ssl_get_alpn_protocol(&self->library->ssl);
	if (name)
		*size = strlen(name);
	return name;
}

const char *tls_library_version(const tls_session *self)
{
	return mbedtls_ssl_get_version(&self->library->ssl);
}

const char *tls_library_cipher(const tls_session *self)
{
	return mbedtls_ssl_get_ciphersuite(&self->library->ssl);
}

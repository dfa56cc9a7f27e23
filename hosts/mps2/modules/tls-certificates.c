/*
 * Certificates, revocation lists and keys, in PEM and DER. What is DER in flash is used where it lies; all else is copied.
 */
#include <stdlib.h>
#include <string.h>

#include "flash.h"
#include "mbedtls/platform_util.h"
#include "tls-mbedtls.h"

/* Of a certificate in a handshake message, and of their list: RFC 5246, 7.4.2. */
#define TLS_CERTIFICATE_HEADER 3

#define TLS_BEGIN_REVOCATIONS "-----BEGIN X509 CRL-----"

void tls_certificates_free(tls_library *it)
{
	if (it->trusted)
		mbedtls_x509_crt_free(it->trusted);
	if (it->chain)
		mbedtls_x509_crt_free(it->chain);
	if (it->revoked)
		mbedtls_x509_crl_free(it->revoked);
	free(it->trusted);
	free(it->chain);
	free(it->revoked);
	mbedtls_pk_free(&it->key);
}

/* ---- PEM and DER ---- */

static bool tls_has(const char *bytes, size_t size, const char *text)
{
	return memmem(bytes, size, text, strlen(text)) != NULL;
}

static bool tls_is_pem(const char *bytes, size_t size)
{
	return tls_has(bytes, size, "-----BEGIN ");
}

/* PEM as mbedTLS wants it, with a NUL at its end, which counts; tls_pem_free wipes and frees it. NULL if there is no memory. */
static uint8_t *tls_pem_copy(const char *bytes, size_t size)
{
	uint8_t *copy = tls_buffers_calloc(1, size + 1);
	if (!copy)
		return NULL;
	memcpy(copy, bytes, size);
	copy[size] = 0;
	return copy;
}

static void tls_pem_free(uint8_t *copy, size_t size)
{
	mbedtls_platform_zeroize(copy, size);
	free(copy);
}

/* ---- certificates ---- */

static mbedtls_x509_crt *tls_certificates_last(mbedtls_x509_crt *list)
{
	while (list->next)
		list = list->next;
	return list;
}

/* One after the other. */
static bool tls_certificates_load_der(mbedtls_x509_crt *list, const uint8_t *bytes, size_t size)
{
	int (*parse)(mbedtls_x509_crt *, const unsigned char *, size_t) =
		flash_contains(bytes) ? mbedtls_x509_crt_parse_der_nocopy : mbedtls_x509_crt_parse_der;
	if (!size)
		return false;
	while (size) {
		if (parse(list, bytes, size))
			return false;
		size_t length = tls_certificates_last(list)->raw.len;
		bytes += length;
		size -= length;
	}
	return true;
}

static bool tls_certificates_load_pem(mbedtls_x509_crt *list, const char *bytes, size_t size)
{
	uint8_t *copy = tls_pem_copy(bytes, size);
	if (!copy)
		return false;
	/* More than 0 are so many that are damaged. */
	bool fine = !mbedtls_x509_crt_parse(list, copy, size + 1);
	tls_pem_free(copy, size);
	return fine;
}

/* Appends to the list. False if something in there is none. */
static bool tls_certificates_load(mbedtls_x509_crt **list, const char *bytes, size_t size)
{
	tls_buffers_forget();
	if (!*list) {
		*list = tls_buffers_calloc(1, sizeof(**list));
		if (!*list)
			return false;
		mbedtls_x509_crt_init(*list);
	}
	return tls_is_pem(bytes, size) ? tls_certificates_load_pem(*list, bytes, size)
								   : tls_certificates_load_der(*list, (const uint8_t *)bytes, size);
}

/* List by list, for mbedTLS reads nothing behind one that is no list, such as a certificate. */
static bool tls_certificates_parse_revocations(mbedtls_x509_crl *revoked, char *pem)
{
	static const char end[] = "-----END X509 CRL-----";
	for (char *at = pem, *behind; (at = strstr(at, TLS_BEGIN_REVOCATIONS)) != NULL; at = behind) {
		behind = strstr(at, end);
		if (!behind)
			return false;
		behind += sizeof(end) - 1;
		char next = *behind;
		*behind = 0;
		if (mbedtls_x509_crl_parse(revoked, (uint8_t *)at, (size_t)(behind - at) + 1))
			return false;
		*behind = next;
	}
	return true;
}

/* What the CAs revoked, which PEM may have beside them. */
static bool tls_certificates_load_revocations(tls_library *it, const char *bytes, size_t size)
{
	uint8_t *copy = tls_pem_copy(bytes, size);
	if (!it->revoked) {
		it->revoked = tls_buffers_calloc(1, sizeof(*it->revoked));
		if (it->revoked)
			mbedtls_x509_crl_init(it->revoked);
	}
	bool fine = copy && it->revoked && tls_certificates_parse_revocations(it->revoked, (char *)copy);
	if (copy)
		tls_pem_free(copy, size);
	return fine;
}

bool tls_library_trust(tls_session *self, const char *bytes, size_t size)
{
	tls_library *it = self->library;
	return tls_certificates_load(&it->trusted, bytes, size) &&
		   (!tls_has(bytes, size, TLS_BEGIN_REVOCATIONS) || tls_certificates_load_revocations(it, bytes, size));
}

/* Boards trust whom their firmware names. */
bool tls_library_trust_system(tls_session *self)
{
	return true;
}

bool tls_library_present(tls_session *self, const char *bytes, size_t size)
{
	return tls_certificates_load(&self->library->chain, bytes, size);
}

/* ---- our key ---- */

bool tls_library_key(tls_session *self, const char *bytes, size_t size)
{
	mbedtls_pk_context *key = &self->library->key;
	tls_buffers_forget();
	mbedtls_pk_free(key);
	mbedtls_pk_init(key);
	if (!tls_is_pem(bytes, size))
		return !mbedtls_pk_parse_key(key, (const uint8_t *)bytes, size, NULL, 0);
	uint8_t *copy = tls_pem_copy(bytes, size);
	if (!copy)
		return false;
	bool fine = !mbedtls_pk_parse_key(key, copy, size + 1, NULL, 0);
	tls_pem_free(copy, size);
	return fine;
}

size_t tls_certificates_size(const tls_library *it)
{
	size_t size = TLS_MESSAGE_HEADER + TLS_CERTIFICATE_HEADER;
	for (const mbedtls_x509_crt *one = it->chain; one; one = one->next)
		size += TLS_CERTIFICATE_HEADER + one->raw.len;
	return size;
}

tls_start tls_certificates_apply(tls_library *it)
{
	mbedtls_ssl_conf_ca_chain(&it->config, it->trusted, it->revoked);
	if (!it->chain)
		return TLS_STARTED;
	tls_buffers_forget();
	if (mbedtls_pk_check_pair(&it->chain->pk, &it->key))
		return tls_buffers_exhausted() ? TLS_NO_MEMORY : TLS_NOT_ITS_KEY;
	if (tls_certificates_size(it) > MBEDTLS_SSL_OUT_CONTENT_LEN)
		return TLS_UNFIT_CERTIFICATE;
	return mbedtls_ssl_conf_own_cert(&it->config, it->chain, &it->key) ? TLS_NO_MEMORY : TLS_STARTED;
}

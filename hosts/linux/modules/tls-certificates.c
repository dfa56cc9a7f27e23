/*
 * Certificates, revocation lists and keys, in PEM and DER.
 *
 * Nothing of a key or certificate is copied here: OpenSSL reads from where it lies, and wipes what it made of a key when it frees it.
 */
#include "tls-openssl.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

void tls_certificates_free(tls_library *it)
{
	sk_X509_pop_free(it->chain, X509_free);
	EVP_PKEY_free(it->key);
}

/* ---- certificates ---- */

static bool tls_is_pem(const char *bytes, size_t size)
{
	return memmem(bytes, size, "-----BEGIN ", 11) != NULL;
}

/* Takes a certificate, owned by the callee from then on if it returns true. */
typedef bool (*tls_taker)(tls_library *it, X509 *certificate);

/* How many certificates the bytes hold; -1 if something in them is none. */
static int tls_load_certificates(tls_library *it, const char *bytes, size_t size, tls_taker take)
{
	bool pem = tls_is_pem(bytes, size);
	const unsigned char *der = (const unsigned char *)bytes;
	const unsigned char *end = der + size;
	BIO *bio = pem ? BIO_new_mem_buf(bytes, (int)size) : NULL;
	int count = 0;

	while (count >= 0) {
		X509 *certificate = pem ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : der < end ? d2i_X509(NULL, &der, end - der) : NULL;
		if (certificate && take(it, certificate))
			count++;
		else {
			X509_free(certificate);
			bool over = pem ? ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE : der == end;
			if (certificate || !over)
				count = -1;
			break;
		}
	}
	BIO_free(bio);
	ERR_clear_error();
	return count;
}

static bool tls_trust(tls_library *it, X509 *certificate)
{
	bool added = X509_STORE_add_cert(SSL_CTX_get_cert_store(it->context), certificate) == 1;
	if (added)
		X509_free(certificate); /* the store has a reference of its own */
	return added;
}

static bool tls_present(tls_library *it, X509 *certificate)
{
	if (!it->chain)
		it->chain = sk_X509_new_null();
	return it->chain && sk_X509_push(it->chain, certificate) > 0;
}

/* Lists of what the CAs revoked, which PEM may have beside them. From the first one on, the leaf has to be looked up in its CA's. */
static bool tls_load_revocations(tls_library *it, const char *bytes, size_t size)
{
	BIO *bio = BIO_new_mem_buf(bytes, (int)size);
	X509_CRL *list;
	bool fine = true;

	while (fine && (list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL))) {
		fine = X509_STORE_add_crl(SSL_CTX_get_cert_store(it->context), list) == 1;
		X509_CRL_free(list); /* the store has a reference of its own */
		X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(it->context), X509_V_FLAG_CRL_CHECK);
	}
	fine = fine && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	BIO_free(bio);
	ERR_clear_error();
	return fine;
}

bool tls_library_trust(tls_session *self, const char *bytes, size_t size)
{
	tls_library *it = self->library;
	if (size > INT_MAX || tls_load_certificates(it, bytes, size, tls_trust) <= 0 ||
		(tls_is_pem(bytes, size) && !tls_load_revocations(it, bytes, size)))
		return false;
	/* One that is listed is trusted, whoever signed it. */
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(it->context), X509_V_FLAG_PARTIAL_CHAIN);
	return true;
}

/* SSL_CERT_FILE and SSL_CERT_DIR, or the distribution's. Reading these takes longer than a handshake, so all sessions share what was
 * read. */
bool tls_library_trust_system(tls_session *self)
{
	static X509_STORE *store;
	if (!store) {
		store = X509_STORE_new();
		if (!store)
			return false;
		X509_STORE_set_default_paths(store);
		ERR_clear_error();
	}
	SSL_CTX_set1_cert_store(self->library->context, store);
	return true;
}

bool tls_library_present(tls_session *self, const char *bytes, size_t size)
{
	return size <= INT_MAX && tls_load_certificates(self->library, bytes, size, tls_present) > 0;
}

/* ---- our key ---- */

/* There is nobody to ask for a passphrase. */
static int tls_no_passphrase(char *buffer, int size, int writing, void *data)
{
	return -1;
}

bool tls_library_key(tls_session *self, const char *bytes, size_t size)
{
	EVP_PKEY *key = NULL;

	ERR_clear_error();
	if (size <= INT_MAX && tls_is_pem(bytes, size)) {
		BIO *bio = BIO_new_mem_buf(bytes, (int)size);
		key = PEM_read_bio_PrivateKey(bio, NULL, tls_no_passphrase, NULL);
		BIO_free(bio);
	}
	else if (size <= INT_MAX) {
		const unsigned char *der = (const unsigned char *)bytes;
		key = d2i_AutoPrivateKey(NULL, &der, (long)size);
	}
	ERR_clear_error();
	if (!key)
		return false;
	EVP_PKEY_free(self->library->key);
	self->library->key = key;
	return true;
}

tls_start tls_certificates_apply(tls_library *it)
{
	if (!it->chain)
		return TLS_STARTED;
	if (X509_check_private_key(sk_X509_value(it->chain, 0), it->key) != 1)
		return TLS_NOT_ITS_KEY;
	X509 *leaf = sk_X509_shift(it->chain);
	bool used = SSL_use_cert_and_key(it->ssl, leaf, it->key, it->chain, 1) == 1;
	X509_free(leaf);
	return used ? TLS_STARTED : TLS_UNFIT_CERTIFICATE;
}

/*
 * What the `secure` options say: whom to trust, who we are, which protocols to offer. Each is a buffer, a Resource or a string, in
 * PEM or DER; what is in none of these forms throws, with the option's name and what would help.
 *
 * Nothing of a key or certificate is copied here: OpenSSL reads from where it lies, and wipes what it made of a key when it frees it.
 */
#include "tls.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

void tls_options_free(tls_session *self)
{
	sk_X509_pop_free(self->chain, X509_free);
	EVP_PKEY_free(self->key);
	free(self->protocols);
}

/* ---- PEM and DER ---- */

/* The bytes of the first argument, the option of this name, valid until the next use of the heap. */
static const char *tls_option_bytes(xsMachine *the, const char *name, xsUnsignedValue *size)
{
	void *bytes;
	xsType type = xsmcTypeOf(xsArg(0));
	if (type == xsStringType) {
		bytes = xsmcToString(xsArg(0));
		*size = (xsUnsignedValue)strlen(bytes);
	}
	else if (type != xsReferenceType)
		xsTypeError("%s: a buffer, a Resource, or a string of PEM", name);
	else
		xsmcGetBufferReadable(xsArg(0), &bytes, size);
	return bytes;
}

static bool tls_is_pem(const char *bytes, size_t size)
{
	return memmem(bytes, size, "-----BEGIN ", 11) != NULL;
}

/* Takes a certificate, owned by the callee from then on if it returns true. */
typedef bool (*tls_taker)(tls_session *self, X509 *certificate);

/* How many certificates the bytes hold; -1 if something in them is none. */
static int tls_load_certificates(tls_session *self, const char *bytes, size_t size, tls_taker take)
{
	bool pem = tls_is_pem(bytes, size);
	const unsigned char *der = (const unsigned char *)bytes;
	const unsigned char *end = der + size;
	BIO *bio = pem ? BIO_new_mem_buf(bytes, (int)size) : NULL;
	int count = 0;

	while (count >= 0) {
		X509 *certificate = pem ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : der < end ? d2i_X509(NULL, &der, end - der) : NULL;
		if (certificate && take(self, certificate))
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

static bool tls_trust(tls_session *self, X509 *certificate)
{
	bool added = X509_STORE_add_cert(SSL_CTX_get_cert_store(self->context), certificate) == 1;
	if (added)
		X509_free(certificate); /* the store has a reference of its own */
	return added;
}

static bool tls_present(tls_session *self, X509 *certificate)
{
	if (!self->chain)
		self->chain = sk_X509_new_null();
	return self->chain && sk_X509_push(self->chain, certificate) > 0;
}

/* Lists of what the CAs revoked, which PEM may have beside them. From the first one on, the leaf has to be looked up in its CA's. */
static bool tls_load_revocations(tls_session *self, const char *bytes, size_t size)
{
	BIO *bio = BIO_new_mem_buf(bytes, (int)size);
	X509_CRL *list;
	bool fine = true;

	while (fine && (list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL))) {
		fine = X509_STORE_add_crl(SSL_CTX_get_cert_store(self->context), list) == 1;
		X509_CRL_free(list); /* the store has a reference of its own */
		X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(self->context), X509_V_FLAG_CRL_CHECK);
	}
	fine = fine && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	BIO_free(bio);
	ERR_clear_error();
	return fine;
}

/* trust(certificates): only who is signed by one of these is believed, or is one of these. */
void xs_tls_session_trust(xsMachine *the)
{
	xsUnsignedValue size;
	const char *bytes = tls_option_bytes(the, "secure.certificate", &size);
	tls_session *self = tls_self(the);
	if (size > INT_MAX || tls_load_certificates(self, bytes, size, tls_trust) <= 0 ||
		(tls_is_pem(bytes, size) && !tls_load_revocations(self, bytes, size)))
		xsTypeError("secure.certificate: not a certificate in DER or PEM: give the bytes of a .der, .crt or .pem file");
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(self->context), X509_V_FLAG_PARTIAL_CHAIN);
}

/* trustSystem(): whom OpenSSL on this machine believes: SSL_CERT_FILE and SSL_CERT_DIR, or the distribution's. Reading these takes longer
 * than a handshake, so all sessions share what was read. */
void xs_tls_session_trust_system(xsMachine *the)
{
	static X509_STORE *store;
	tls_session *self = tls_self(the);
	if (!store) {
		store = X509_STORE_new();
		if (!store)
			xsUnknownError("TLS: no memory for certificates");
		X509_STORE_set_default_paths(store);
		ERR_clear_error();
	}
	SSL_CTX_set1_cert_store(self->context, store);
}

/* present(certificates): ours, the leaf first; and those between it and the CA, in further calls or the same PEM. */
void xs_tls_session_present(xsMachine *the)
{
	xsUnsignedValue size;
	const char *bytes = tls_option_bytes(the, "secure.clientCertificates", &size);
	tls_session *self = tls_self(the);
	if (size > INT_MAX || tls_load_certificates(self, bytes, size, tls_present) <= 0)
		xsTypeError("secure.clientCertificates: not a certificate in DER or PEM: give the bytes of a .der, .crt or .pem file");
}

/* There is nobody to ask for a passphrase. */
static int tls_no_passphrase(char *buffer, int size, int writing, void *data)
{
	return -1;
}

/* key(bytes): of the first certificate: PKCS #8, PKCS #1 or SEC 1. */
void xs_tls_session_key(xsMachine *the)
{
	xsUnsignedValue size;
	const char *bytes = tls_option_bytes(the, "secure.clientKey", &size);
	tls_session *self = tls_self(the);
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
		xsTypeError("secure.clientKey: not an unencrypted private key in DER or PEM (PKCS #8, PKCS #1 or SEC 1): "
					"openssl pkey -in key.pem -out key.der -outform DER makes one");
	EVP_PKEY_free(self->key);
	self->key = key;
}

/* ---- ALPN ---- */

/* offer(protocol): one more for ALPN, the most wanted first. */
void xs_tls_session_offer(xsMachine *the)
{
	const char *name = xsmcToString(xsArg(0));
	size_t size = strlen(name);
	tls_session *self = tls_self(the);
	if (!size || size > 255)
		xsRangeError("secure.applicationLayerProtocolNegotiation: a protocol has 1 to 255 bytes");
	uint8_t *longer = realloc(self->protocols, self->protocols_size + 1 + size);
	if (!longer)
		xsUnknownError("TLS: no memory for a protocol");
	longer[self->protocols_size] = (uint8_t)size;
	memcpy(longer + self->protocols_size + 1, name, size);
	self->protocols = longer;
	self->protocols_size += 1 + (unsigned)size;
}

/* ---- all together ---- */

static bool tls_apply_identity(xsMachine *the, tls_session *self)
{
	if (!self->chain != !self->key)
		xsTypeError("secure: clientCertificates and clientKey belong together");
	if (!self->chain)
		return true;
	if (X509_check_private_key(sk_X509_value(self->chain, 0), self->key) != 1) {
		ERR_clear_error();
		xsTypeError("secure.clientKey: not the key of the first of clientCertificates");
	}
	X509 *leaf = sk_X509_shift(self->chain);
	bool used = SSL_use_cert_and_key(self->ssl, leaf, self->key, self->chain, 1) == 1;
	X509_free(leaf);
	return used;
}

static bool tls_apply_host(tls_session *self)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(self->ssl);
	if (!self->host)
		return true;
	/* OpenSSL would take any host below it. */
	if (self->host[0] == '.')
		return false;
	if (!self->address && SSL_set_tlsext_host_name(self->ssl, self->host) != 1)
		return false;
	if (!self->verify)
		return true;
	/* RFC 9525: names are in the extension, not in the subject, and a wildcard is a whole label. */
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (self->address)
		return X509_VERIFY_PARAM_set1_ip_asc(param, self->host) == 1;
	return X509_VERIFY_PARAM_set1_host(param, self->host, 0) == 1;
}

void tls_options_apply(xsMachine *the, tls_session *self)
{
	ERR_clear_error();
	if (self->verify && !self->host)
		xsTypeError("secure.serverName: whom shall the certificate be for? Give a host, or verify: false");
	if (!tls_apply_identity(the, self)) {
		ERR_clear_error();
		xsTypeError("secure.clientCertificates: OpenSSL does not take this certificate: is its key too short?");
	}
	if (!tls_apply_host(self)) {
		ERR_clear_error();
		xsTypeError("secure.serverName: \"%s\" is not the name of a host", self->host);
	}
	if (self->protocols && SSL_set_alpn_protos(self->ssl, self->protocols, self->protocols_size))
		xsUnknownError("TLS: no memory for a protocol");
}

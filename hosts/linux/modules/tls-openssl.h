/*
 * What OpenSSL has of a session: tls-library.c lives and moves bytes, tls-certificates.c reads what is in DER and PEM,
 * tls-verdict.c says what went wrong.
 */
#ifndef TLS_OPENSSL_H
#define TLS_OPENSSL_H

#include <openssl/ssl.h>

#include "tls.h"

struct tls_library {
	SSL_CTX *context;
	SSL *ssl;               /* NULL until it is started */
	BIO *in, *out;          /* records that came, and that are to go */
	STACK_OF(X509) * chain; /* ours, the leaf first; NULL without one */
	EVP_PKEY *key;
};

/* ---- tls-certificates.c ---- */

/* Gives the SSL our certificate and its key. */
tls_start tls_certificates_apply(tls_library *it);
void tls_certificates_free(tls_library *it);

/* ---- tls-verdict.c ---- */

/* A fault from OpenSSL's error queue, which is empty afterwards. */
void tls_verdict_from_errors(tls_session *self);
/* SSL_CTX_set_verify's: keeps what is wrong with the certificate while it is at hand. */
int tls_verdict_verify(int fine, X509_STORE_CTX *store);

#endif

/*
 * What mbedTLS has of a session: tls-library.c lives and moves the app's bytes, tls-records.c the peer's, tls-certificates.c reads
 * what is in DER and PEM, tls-verdict.c says what went wrong.
 */
#ifndef TLS_MBEDTLS_H
#define TLS_MBEDTLS_H

#include "mbedtls/ssl.h"

#include "tls-queue.h"
#include "tls.h"

/* Of a record, at most, if that does for our messages: short records take little memory. */
#define TLS_CONTENT_LEAST 1024
/* Of a record: its type, a version, two bytes of length. */
#define TLS_RECORD_HEADER 5
/* Of a message's header, RFC 5246, 7.4: its type and three bytes of length. */
#define TLS_MESSAGE_HEADER 4

struct tls_library {
	mbedtls_ssl_config config;
	mbedtls_ssl_context ssl;
	int minimum;
	mbedtls_x509_crt *trusted; /* NULL: nobody */
	mbedtls_x509_crl *revoked;
	mbedtls_x509_crt *chain; /* ours, the leaf first; NULL without one */
	mbedtls_pk_context key;
	const char **protocols;   /* ALPN's, for mbedTLS; they lie in the session's */
	uint32_t authority_flags; /* what is wrong with the certificates above the leaf */
	tls_queue in, out;
	/* tls-records.c */
	bool ciphered;                       /* the peer's records are encrypted */
	uint8_t record[TLS_RECORD_HEADER];   /* the header of the record that comes */
	uint8_t message[TLS_MESSAGE_HEADER]; /* of the message in it */
	size_t record_seen, record_left, message_seen, message_left;
	size_t admitted; /* of the record that mbedTLS may read now */
};

/* ---- tls-records.c ---- */

/* Puts the bytes where mbedTLS will read them. */
void tls_records_came(tls_session *self, const uint8_t *bytes, size_t size);
/* Lets mbedTLS read the next record, if it has read the one before, and makes room for it. */
bool tls_records_admit(tls_session *self);
/* mbedTLS's callbacks; `data` is the session. */
int tls_records_receive(void *data, unsigned char *bytes, size_t size);
int tls_records_send(void *data, const unsigned char *bytes, size_t size);

/* ---- tls-buffers.c ---- */

/* mbedtls_ssl_setup(), with short buffers; no record of ours has more than `content` bytes of it. False if there is no memory. */
bool tls_buffers_setup(tls_library *it, size_t content);
/* Makes room for a record of so many bytes, its header included, between two records. False if there is no memory: that is the end. */
bool tls_buffers_fit(mbedtls_ssl_context *ssl, size_t size);
/* The memory of a long record is not kept once it is read. */
bool tls_buffers_release(tls_library *it);

/* Whether mbedTLS was refused memory since tls_buffers_forget(). Of its errors not all tell: a signature that cannot be checked
 * is a wrong one for it. */
void tls_buffers_forget(void);
bool tls_buffers_exhausted(void);

/* ---- tls-certificates.c ---- */

/* Tells mbedTLS of all of them. */
tls_start tls_certificates_apply(tls_library *it);
/* How long the message is that has ours. */
size_t tls_certificates_size(const tls_library *it);
void tls_certificates_free(tls_library *it);

/* ---- tls-verdict.c ---- */

/* What mbedTLS's error means. */
void tls_verdict_from_error(tls_session *self, int error);
/* mbedTLS's callback for each certificate of the peer's chain, the leaf last. */
int tls_verdict_verify(void *data, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

/* ---- tls-host.c ---- */

/* Whether the certificate is for the host that is expected, as RFC 9525 has it. */
bool tls_host_matches(const tls_session *self, const mbedtls_x509_crt *certificate);
void tls_host_names(const mbedtls_x509_crt *certificate, tls_names *names);

#endif

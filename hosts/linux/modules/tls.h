/*
 * A client's TLS session on OpenSSL, and what its parts share: tls-session.c lives and moves bytes, tls-options.c is told whom
 * to trust and who we are, tls-fault.c says what went wrong.
 *
 * The session knows no socket. Records that came go into the BIO `in`, records that are to go come from the BIO `out`; both are
 * OpenSSL's memory, outside of the arena, as lwIP's buffers are.
 */
#ifndef TLS_H
#define TLS_H

#include <openssl/ssl.h>

#include "device.h"

/* The longest text of a fault, its end included. */
#define TLS_WORDS 256

typedef struct {
	const char *name; /* a row of the fault table; NULL: nothing is wrong */
	char words[TLS_WORDS];
} tls_fault;

typedef struct {
	xsSlot object; /* not held: the object owns this record */
	SSL_CTX *context;
	SSL *ssl; /* NULL until start() */
	BIO *in, *out;
	char *host;         /* who the certificate has to be for: a name, or an address; NULL without a name */
	bool address;       /* host is an IP address */
	bool verify;        /* the chain and the host */
	bool asked;         /* the peer asked for our certificate */
	bool answered;      /* the peer's first bytes were looked at */
	bool hello;         /* the peer's ServerHello came: it does speak TLS */
	uint8_t *protocols; /* ALPN's list, as on the wire */
	unsigned protocols_size;
	STACK_OF(X509) * chain; /* ours, the leaf first; NULL without one */
	EVP_PKEY *key;
	uint8_t *held; /* parts of a record whose rest is still to be written; NULL: none */
	size_t held_size;
	tls_fault fault;
	loop_task task;
} tls_session;

/* The record of an open session; throws for one that is closed. */
tls_session *tls_self(xsMachine *the);
/* The same; throws also for one that was not started. */
tls_session *tls_self_started(xsMachine *the);

/* ---- tls-options.c ---- */

/* What start() still has to give the SSL: our certificate, protocols, name. Throws, naming the option, if it does not fit. */
void tls_options_apply(xsMachine *the, tls_session *self);
void tls_options_free(tls_session *self);

/* ---- tls-data.c ---- */

/* Wipes and frees what is held. */
void tls_data_free(tls_session *self);

/* ---- tls-fault.c ---- */

/* Of the first fault only: what follows from it is no news. */
void tls_fault_set(tls_session *self, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* From OpenSSL's error queue, which is empty afterwards. */
void tls_fault_from_openssl(tls_session *self);
/* SSL_CTX_set_verify's: keeps what is wrong with the certificate while it is at hand. */
int tls_fault_verify(int fine, X509_STORE_CTX *store);

#endif

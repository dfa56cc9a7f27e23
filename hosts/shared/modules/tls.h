/*
 * A client's TLS session: tls-session.c is its life and moves records, tls-data.c the app's bytes, tls-options.c is told whom to trust
 * and who we are, tls-facts.c what can be asked, tls-fault.c what went wrong. The TLS itself is the library's that the host
 * has: tls-library.h.
 *
 * The session knows no socket. Records go in, and come out, as they come; they are the library's memory, outside of the arena, as lwIP's
 * buffers are.
 */
#ifndef TLS_H
#define TLS_H

#include "device.h"
#include "tls-library.h"

struct tls_session {
	xsSlot object; /* not held: the object owns this record */
	loop_task task;
	tls_library *library;
	bool started;
	char *host;      /* who the certificate has to be for: a name, or an address; NULL without a name */
	bool address;    /* host is an IP address */
	bool verify;     /* the chain and the host */
	bool present;    /* we have a certificate */
	bool key;        /* and its key */
	bool asked;      /* the peer asked for our certificate */
	bool answered;   /* the peer's first bytes were looked at */
	bool hello;      /* the peer's ServerHello came: it does speak TLS */
	char *protocols; /* ALPN's list, as on the wire, and room for a NUL */
	unsigned protocols_size;
	uint8_t *held; /* parts of a record whose rest is still to be written; NULL: none */
	size_t held_size;
	tls_fault fault;
};

/* The record of an open session; throws for one that is closed. */
tls_session *tls_self(xsMachine *the);
/* The same; throws also for one that was not started. */
tls_session *tls_self_started(xsMachine *the);

/* ---- tls-options.c ---- */

/* Gives the library what the options say as a whole, and starts it. Throws, naming the option, if it does not fit. */
void tls_options_apply(xsMachine *the, tls_session *self);

/* ---- tls-data.c ---- */

/* Wipes and frees what is held. */
void tls_data_free(tls_session *self);

#endif

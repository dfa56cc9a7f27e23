/*
 * What the host's TLS library does for a session. Nothing here calls XS; whatever is wrong is a fault of the session (tls-fault.h).
 */
#ifndef TLS_LIBRARY_H
#define TLS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls-fault.h"

typedef struct tls_session tls_session;
/* What the library has of a session. */
typedef struct tls_library tls_library;

#define TLS_1_2 0x303
#define TLS_1_3 0x304

/* The newest version of TLS that it has. */
extern const int tls_library_newest;
/* How many bytes are moved to and from a socket at a time. */
extern const size_t tls_library_stage;

/* Makes self->library, with `minimum` as the least version; false if there is no memory for it. */
bool tls_library_open(tls_session *self, int minimum);
/* Also for a session that has none. */
void tls_library_close(tls_session *self);

/* ---- before it is started: certificates and keys, in DER or PEM, valid during the call ---- */

/* Certificates that are trusted, and revocation lists beside them. False if something in there is neither. */
bool tls_library_trust(tls_session *self, const char *bytes, size_t size);
/* Those that the machine trusts. False if there is no memory for them. */
bool tls_library_trust_system(tls_session *self);
/* More of our own certificates, the leaf first. */
bool tls_library_present(tls_session *self, const char *bytes, size_t size);
/* The first one's key. */
bool tls_library_key(tls_session *self, const char *bytes, size_t size);

/* Whether one of these was false for want of memory, as far as the library tells. */
bool tls_library_exhausted(void);

typedef enum {
	TLS_STARTED,
	TLS_NO_MEMORY,
	TLS_NOT_ITS_KEY,       /* the key is not that of our first certificate */
	TLS_UNFIT_CERTIFICATE, /* ours is of a kind, or a size, that the library does not take */
	TLS_NO_HOST            /* what is expected is not the name of a host */
} tls_start;

/* From here on there is a handshake: the first advance() makes the ClientHello. */
tls_start tls_library_start(tls_session *self);

/* ---- afterwards: records ---- */

/* What came from the peer. */
void tls_library_feed(tls_session *self, const uint8_t *bytes, size_t size);
/* Bytes that wait to go to the peer. */
size_t tls_library_pending(const tls_session *self);
/* Fills bytes with what waits; size is at most tls_library_pending(). */
void tls_library_take(tls_session *self, uint8_t *bytes, size_t size);

typedef enum { TLS_FAULT = -2, TLS_CLOSED = -1, TLS_HANDSHAKE = 0, TLS_OPEN = 1 } tls_state;

/* One step with what was fed: the handshake, or the next record. Not while something can be read. */
tls_state tls_library_advance(tls_session *self);
bool tls_library_established(const tls_session *self);
/* Says goodbye. */
void tls_library_shutdown(tls_session *self);

/* ---- the app's bytes ---- */

/* Bytes of the record at hand. */
size_t tls_library_readable(const tls_session *self);
/* Moves `size` of these; false if they are not to be had. */
bool tls_library_read(tls_session *self, uint8_t *bytes, size_t size);
/* How many of the first `size` of these lead up to one, itself included; `size` if it is not among them. */
size_t tls_library_find(tls_session *self, uint8_t byte, size_t size);
/* Makes records of all of them, and true; or a fault. */
bool tls_library_write(tls_session *self, const uint8_t *bytes, size_t size);

/* ---- what was agreed on, once it is established ---- */

/* ALPN's choice, of *size bytes; NULL without one. */
const char *tls_library_alpn(const tls_session *self, size_t *size);
/* "TLSv1.3" */
const char *tls_library_version(const tls_session *self);
const char *tls_library_cipher(const tls_session *self);

#endif

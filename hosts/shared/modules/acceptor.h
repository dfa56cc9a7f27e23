/*
 * A listening TCP socket: what is behind the classic Listener and the ECMA-419 one. Connections wait here, a few at most,
 * until somebody takes them.
 */
#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "stream.h"

/* lwIP's classic Listener keeps this many connections nobody has taken yet; the others wait in the network. */
#define ACCEPTOR_BACKLOG 4

typedef struct acceptor acceptor;

/* Told from the loop when connections wait in the listener. */
typedef void (*acceptor_incoming)(acceptor *it);

/* 0 or an errno. The address may be port 0: any free port. */
int acceptor_open(acceptor **result, const network_address *address, void *owner, acceptor_incoming incoming);
void *acceptor_owner(const acceptor *it);
uint16_t acceptor_port(const acceptor *it);
uint32_t acceptor_count(const acceptor *it);
/* The connection that waited longest, told to its new owner from now on. NULL if none waits, or if there is no memory for it: then
 * it is lost. */
stream *acceptor_take(acceptor *it, void *owner, stream_event event);
void acceptor_close(acceptor *it);

#endif

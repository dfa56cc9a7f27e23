/*
 * Streams of connections that are made already, and of a device that ends.
 */
#ifndef STREAM_CONNECTION_H
#define STREAM_CONNECTION_H

#include <stdbool.h>

#include "lwip/tcp.h"

#include "stream.h"

/* A stream for a connection of a listener's, which keeps what comes until somebody takes it. NULL if all are in use. */
stream *stream_accept(struct tcp_pcb *connection);

/* The owner of such a stream is told from the loop what came until now. */
void stream_take(stream *it, void *owner, stream_event event);

/* Nobody takes it: the peer is told. */
void stream_drop(stream *it);

/* Whether what was written to a stream that is closed is still to be sent. */
bool stream_lingers(void);

#endif

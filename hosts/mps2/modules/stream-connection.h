/*
 * Streams of connections that are made already.
 */
#ifndef STREAM_CONNECTION_H
#define STREAM_CONNECTION_H

#include "lwip/tcp.h"

#include "stream.h"

/* Takes over an open connection, what was received of it, and whether its peer has finished. */
void stream_adopt(stream *it, struct tcp_pcb *connection, struct pbuf *received, bool finished);

/* Adds what came to what waits, using up the room that is left at its end, so that many small segments take few buffers. */
struct pbuf *stream_join(struct pbuf *waiting, struct pbuf *more);

#endif

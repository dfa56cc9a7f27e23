/*
 * A TCP connection as lwIP gives it to a device: fixed receive and send buffers, everything non-blocking, events told
 * from the loop. The classic socket and the ECMA-419 TCP class are two faces over this; nothing here knows XS.
 *
 * Back-pressure: what is not read fills the receive buffer, and then the peer's window closes. The
 * end (FIN or reset) is known here at once but the faces tell it after the last byte is read.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"

/* The sizes of the Pico W's lwIP: TCP_MSS, and TCP_WND and TCP_SND_BUF of eight segments. */
#define STREAM_SEGMENT 1460
#define STREAM_BUFFER (8 * STREAM_SEGMENT)

#define STREAM_CONNECTED 1u
#define STREAM_RECEIVED 2u /* bytes came, or the owner asked for another look at those that wait */
#define STREAM_SENT 4u     /* bytes left the send buffer */
#define STREAM_ENDED 8u    /* the peer finished, or the connection failed: see stream_over */

typedef struct stream stream;

/* Told from the loop, never from inside a call of the owner. The stream may be closed in there. */
typedef void (*stream_event)(stream *it, uint32_t events);

typedef enum {
	STREAM_IDLE, /* no connection asked for yet */
	STREAM_CONNECTING,
	STREAM_OPEN,
	STREAM_FINISHED, /* the peer sent its end; sending still works */
	STREAM_FAILED    /* refused, reset, timed out, unreachable */
} stream_state;

/* NULL if there is no memory. */
stream *stream_new(void *owner, stream_event event);
void stream_set_owner(stream *it, void *owner, stream_event event);
void *stream_owner(const stream *it);

/* Options may be set at any time; they are kept until there is a connection. Times are in milliseconds, 0 = default. */
void stream_set_nodelay(stream *it, bool nodelay);
void stream_set_keepalive(stream *it, uint32_t idle_ms, uint32_t interval_ms, uint32_t count);

/* 0, or the errno of what this machine lacks (memory, ports). What the network refuses is an event. */
int stream_connect(stream *it, const network_address *address);

stream_state stream_get_state(const stream *it);
/* True when no byte will come any more, except those that wait to be read. */
bool stream_over(const stream *it);
/* NULL while not connected. */
const network_address *stream_remote(const stream *it);

/* Bytes that wait to be read. */
uint32_t stream_readable(const stream *it);
/* Moves count bytes, at most stream_readable(), to bytes; NULL drops them. */
void stream_read(stream *it, void *bytes, uint32_t count);
/* Where byte first occurs in the first count readable bytes, or count. */
uint32_t stream_find(const stream *it, uint8_t byte, uint32_t count);

/* Free bytes of the send buffer. */
uint32_t stream_writable(const stream *it);
/* True when all that was written has left the send buffer. */
bool stream_drained(const stream *it);
/* Copies count bytes, at most stream_writable(); they leave when the current callback is over, several writes together. */
void stream_write(stream *it, const void *bytes, uint32_t count);
/* Hands the network what it takes now. */
void stream_flush(stream *it);

/* Ends a connection for a reason of our own: what waits to be sent is lost. Told as any other failure. */
void stream_fail(stream *it, int error);

/* Tells the owner these events from the loop. */
void stream_notify(stream *it, uint32_t events);

/*
 * Closes and frees. As with lwIP, what was written is still sent (for at most 20 s, in the background), unless received
 * bytes were left unread: then the connection is reset.
 */
void stream_close(stream *it);
/* The same for a device that ends: what was written leaves without the loop, whatever was left unread. */
void stream_destroy(stream *it);

#endif

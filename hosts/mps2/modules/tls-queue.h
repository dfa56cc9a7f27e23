/*
 * Bytes that wait, of malloc's memory: what is taken is given back.
 */
#ifndef TLS_QUEUE_H
#define TLS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint8_t *bytes;
	size_t start, end, room;
} tls_queue;

size_t tls_queue_size(const tls_queue *it);
/* Where the first of them lies. Valid until bytes are appended or taken. */
const uint8_t *tls_queue_first(const tls_queue *it);
/* False if there is no memory. */
bool tls_queue_append(tls_queue *it, const void *bytes, size_t size);
/* At most tls_queue_size(). */
void tls_queue_take(tls_queue *it, void *bytes, size_t size);
void tls_queue_free(tls_queue *it);

#endif

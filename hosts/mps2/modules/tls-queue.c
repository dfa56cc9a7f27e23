#include "tls-queue.h"

#include <stdlib.h>
#include <string.h>

size_t tls_queue_size(const tls_queue *it)
{
	return it->end - it->start;
}

const uint8_t *tls_queue_first(const tls_queue *it)
{
	return it->bytes + it->start;
}

bool tls_queue_append(tls_queue *it, const void *bytes, size_t size)
{
	if (!size)
		return true;
	if (it->start && it->room - it->end < size) {
		memmove(it->bytes, tls_queue_first(it), tls_queue_size(it));
		it->end -= it->start;
		it->start = 0;
	}
	if (it->room - it->end < size) {
		uint8_t *longer = realloc(it->bytes, it->end + size);
		if (!longer)
			return false;
		it->bytes = longer;
		it->room = it->end + size;
	}
	memcpy(it->bytes + it->end, bytes, size);
	it->end += size;
	return true;
}

void tls_queue_take(tls_queue *it, void *bytes, size_t size)
{
	memcpy(bytes, tls_queue_first(it), size);
	it->start += size;
	if (it->start == it->end)
		tls_queue_free(it);
}

void tls_queue_free(tls_queue *it)
{
	free(it->bytes);
	*it = (tls_queue){ .bytes = NULL };
}

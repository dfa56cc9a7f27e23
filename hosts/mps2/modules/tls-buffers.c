/*
 * mbedTLS's two buffers. It has them for the longest record that there may be, 16 KB. Here that for what comes is as long as the record, and
 * it is only between two records that its length changes: nothing of it is in use then but the counter of records at its start. That for
 * what goes is as long as our longest message.
 */
#include <string.h>

#include "mbedtls/platform_util.h"
#include "mbedtls/ssl_internal.h"
#include "tls-mbedtls.h"

/* Before a record's header, mbedTLS keeps the counter. */
#define TLS_BUFFERS_COUNTER 8
/* A buffer of this length is not worth being given back: a record of as many bytes as the peer is asked for. */
#define TLS_BUFFERS_SMALL (MBEDTLS_SSL_HEADER_LEN + TLS_CONTENT_LEAST + MBEDTLS_SSL_PAYLOAD_OVERHEAD)

/* While mbedTLS makes its buffers: how long that for what goes has to be. */
static size_t tls_buffers_out;

static bool tls_buffers_failed;

void tls_buffers_forget(void)
{
	tls_buffers_failed = false;
}

bool tls_buffers_exhausted(void)
{
	return tls_buffers_failed;
}

/* All of mbedTLS's memory. */
void *tls_buffers_calloc(size_t count, size_t size)
{
	if (tls_buffers_out && size == MBEDTLS_SSL_IN_BUFFER_LEN)
		size = TLS_BUFFERS_SMALL;
	else if (tls_buffers_out && size == MBEDTLS_SSL_OUT_BUFFER_LEN)
		size = tls_buffers_out;
	void *bytes = calloc(count, size);
	if (!bytes)
		tls_buffers_failed = true;
	return bytes;
}

bool tls_buffers_setup(tls_library *it, size_t content)
{
	tls_buffers_out = MBEDTLS_SSL_HEADER_LEN + content + MBEDTLS_SSL_PAYLOAD_OVERHEAD;
	bool fine = !mbedtls_ssl_setup(&it->ssl, &it->config);
	if (fine) {
		it->ssl.in_buf_len = TLS_BUFFERS_SMALL;
		it->ssl.out_buf_len = tls_buffers_out;
	}
	tls_buffers_out = 0;
	return fine;
}

static bool tls_buffers_resize(mbedtls_ssl_context *ssl, size_t size)
{
	uint8_t counter[TLS_BUFFERS_COUNTER];
	memcpy(counter, ssl->in_buf, sizeof(counter));
	mbedtls_platform_zeroize(ssl->in_buf, ssl->in_buf_len);
	/* First, for both together may be more than there is. */
	free(ssl->in_buf);
	ssl->in_buf = calloc(1, size);
	ssl->in_buf_len = ssl->in_buf ? size : 0;
	if (!ssl->in_buf)
		return false;
	memcpy(ssl->in_buf, counter, sizeof(counter));
	ssl->in_hdr = ssl->in_buf + TLS_BUFFERS_COUNTER;
	mbedtls_ssl_update_in_pointers(ssl);
	return true;
}

bool tls_buffers_fit(mbedtls_ssl_context *ssl, size_t size)
{
	size += TLS_BUFFERS_COUNTER;
	return size <= ssl->in_buf_len ||
		   (ssl->in_buf && tls_buffers_resize(ssl, size < TLS_BUFFERS_SMALL ? TLS_BUFFERS_SMALL : size));
}

bool tls_buffers_release(tls_library *it)
{
	return it->ssl.in_buf_len <= TLS_BUFFERS_SMALL || it->admitted || tls_buffers_resize(&it->ssl, TLS_BUFFERS_SMALL);
}

/*
 * The peer's records on their way to mbedTLS, which takes no message that is spread over several records. Servers send such, all the
 * more so when they are asked for short records. So until the peer encrypts, each message of the handshake gets a record of its own here,
 * whatever the records were that it came in. (What the handshake proves depends on messages alone.)
 */
#include "tls-mbedtls.h"

#include <string.h>

/* RFC 5246, 6.2: the types of records, and how long they may be, encrypted and not. */
enum { TLS_RECORD_CIPHER_SPEC = 20, TLS_RECORD_HANDSHAKE = 22 };
#define TLS_RECORD_MOST (16384 + 2048)
#define TLS_MESSAGE_MOST 16384
/* RFC 5246, 7.4 */
enum { TLS_MESSAGE_SERVER_HELLO = 2, TLS_MESSAGE_CERTIFICATE_REQUEST = 13 };

static void tls_records_append(tls_session *self, const uint8_t *bytes, size_t size)
{
	if (!tls_queue_append(&self->library->in, bytes, size))
		tls_fault_set(self, "BAD_RECORD", "no memory for what the peer sent: give the board more RAM");
}

static size_t tls_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Collects the bytes of a header; how many of `bytes` that took. */
static size_t tls_records_collect(uint8_t *header, size_t length, size_t *seen, const uint8_t *bytes, size_t size)
{
	size_t count = tls_least(length - *seen, size);
	memcpy(header + *seen, bytes, count);
	*seen += count;
	return count;
}

/* A record's header is there. */
static void tls_records_begin(tls_session *self)
{
	tls_library *it = self->library;
	it->record_left = (size_t)it->record[3] << 8 | it->record[4];
	bool message = it->record[0] == TLS_RECORD_HANDSHAKE && !it->ciphered;
	if (it->record_left > TLS_RECORD_MOST)
		tls_fault_set(
			self, "BAD_RECORD", "the peer sent a record of %u bytes, which are more than TLS has", (unsigned)it->record_left);
	else if (message ? !it->record_left : it->message_seen != 0)
		tls_fault_set(self, "BAD_RECORD", "the handshake is damaged or forged (a message has gaps)");
	else if (!message)
		tls_records_append(self, it->record, TLS_RECORD_HEADER);
	if (it->record[0] == TLS_RECORD_CIPHER_SPEC)
		it->ciphered = true;
	if (!it->record_left)
		it->record_seen = 0;
}

/* A message's header is there: it gets a record. */
static void tls_records_begin_message(tls_session *self)
{
	tls_library *it = self->library;
	const uint8_t *header = it->message;
	it->message_left = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
	if (header[0] == TLS_MESSAGE_SERVER_HELLO)
		self->hello = true;
	if (header[0] == TLS_MESSAGE_CERTIFICATE_REQUEST)
		self->asked = true;
	size_t length = TLS_MESSAGE_HEADER + it->message_left;
	if (length > TLS_MESSAGE_MOST) {
		tls_fault_set(self, "BAD_RECORD", "the peer sent a message of %u bytes in the handshake; there may be %u",
			(unsigned)length, TLS_MESSAGE_MOST);
		return;
	}
	const uint8_t record[TLS_RECORD_HEADER] = { TLS_RECORD_HANDSHAKE, it->record[1], it->record[2], (uint8_t)(length >> 8),
		(uint8_t)length };
	tls_records_append(self, record, sizeof(record));
	tls_records_append(self, header, TLS_MESSAGE_HEADER);
	if (!it->message_left)
		it->message_seen = 0;
}

/* Bytes of a record of the handshake that is not encrypted; how many of them were used. */
static size_t tls_records_message(tls_session *self, const uint8_t *bytes, size_t size)
{
	tls_library *it = self->library;
	if (it->message_seen < TLS_MESSAGE_HEADER) {
		size = tls_records_collect(it->message, TLS_MESSAGE_HEADER, &it->message_seen, bytes, size);
		if (it->message_seen == TLS_MESSAGE_HEADER)
			tls_records_begin_message(self);
		return size;
	}
	size = tls_least(size, it->message_left);
	tls_records_append(self, bytes, size);
	it->message_left -= size;
	if (!it->message_left)
		it->message_seen = 0;
	return size;
}

static size_t tls_records_content(tls_session *self, const uint8_t *bytes, size_t size)
{
	tls_library *it = self->library;
	size = tls_least(size, it->record_left);
	/* The record of the change itself is none of these. */
	if (it->record[0] == TLS_RECORD_HANDSHAKE && !it->ciphered)
		size = tls_records_message(self, bytes, size);
	else
		tls_records_append(self, bytes, size);
	it->record_left -= size;
	if (!it->record_left)
		it->record_seen = 0;
	return size;
}

void tls_records_came(tls_session *self, const uint8_t *bytes, size_t size)
{
	tls_library *it = self->library;
	while (size && !self->fault.name) {
		size_t count;
		if (it->record_seen < TLS_RECORD_HEADER) {
			count = tls_records_collect(it->record, TLS_RECORD_HEADER, &it->record_seen, bytes, size);
			if (it->record_seen == TLS_RECORD_HEADER)
				tls_records_begin(self);
		}
		else
			count = tls_records_content(self, bytes, size);
		bytes += count;
		size -= count;
	}
}

/* ---- what mbedTLS reads ---- */

bool tls_records_admit(tls_session *self)
{
	tls_library *it = self->library;
	if (self->fault.name || it->admitted || tls_queue_size(&it->in) < TLS_RECORD_HEADER)
		return false;
	const uint8_t *header = tls_queue_first(&it->in);
	size_t size = TLS_RECORD_HEADER + ((size_t)header[3] << 8 | header[4]);
	if (!tls_buffers_fit(&it->ssl, size)) {
		tls_fault_set(self, "BAD_RECORD",
			"no memory for a record of %u bytes: give the board more RAM, or have the server send shorter ones "
			"(max_fragment_length)",
			(unsigned)size);
		return false;
	}
	it->admitted = size;
	return true;
}

int tls_records_receive(void *data, unsigned char *bytes, size_t size)
{
	tls_library *it = ((tls_session *)data)->library;
	size = tls_least(size, tls_least(it->admitted, tls_queue_size(&it->in)));
	if (!size)
		return MBEDTLS_ERR_SSL_WANT_READ;
	tls_queue_take(&it->in, bytes, size);
	it->admitted -= size;
	return (int)size;
}

int tls_records_send(void *data, const unsigned char *bytes, size_t size)
{
	tls_session *self = data;
	if (tls_queue_append(&self->library->out, bytes, size))
		return (int)size;
	tls_fault_set(
		self, "BAD_RECORD", "no memory for a record of %u bytes that is to be sent: give the board more RAM", (unsigned)size);
	return MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

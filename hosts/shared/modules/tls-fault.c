#include "tls.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"

void tls_fault_set(tls_session *self, const char *name, const char *format, ...)
{
	if (self->fault.name)
		return;
	va_list arguments;
	va_start(arguments, format);
	self->fault.name = name;
	vsnprintf(self->fault.words, sizeof(self->fault.words), format, arguments);
	va_end(arguments);
}

/* ---- whom a certificate is for ---- */

/* The first names tell what went wrong; a list of all would drown it. */
#define TLS_NAMES 3

static void tls_names_add(tls_names *names, const char *text, size_t length)
{
	if (names->count < TLS_NAMES)
		tls_fault_append(names->words, sizeof(names->words), names->count++ ? ", " : "", text, length);
}

void tls_fault_append(char *words, size_t size, const char *separator, const char *text, size_t length)
{
	size_t at = strlen(words);
	at += (size_t)snprintf(words + at, size - at, "%s", separator);
	for (size_t i = 0; i < length && at + 1 < size; i++)
		words[at++] = text[i] > ' ' && text[i] < 127 ? text[i] : '?';
	words[at < size ? at : size - 1] = 0;
}

void tls_names_add_host(tls_names *names, const char *text, size_t length)
{
	tls_names_add(names, text, length);
}

void tls_names_add_address(tls_names *names, const uint8_t *bytes, size_t length)
{
	network_address address = { .family = length == 4 ? ADDRESS_IPV4 : ADDRESS_IPV6 };
	char text[ADDRESS_TEXT];
	if (length != 4 && length != sizeof(address.bytes))
		return;
	memcpy(address.bytes, bytes, length);
	address_format(&address, text);
	tls_names_add(names, text, strlen(text));
}

void tls_fault_wrong_host(tls_session *self, const tls_names *names)
{
	tls_fault_set(
		self, "WRONG_HOST", "the certificate is for %s, not for %.80s", names->count ? names->words : "no host", self->host);
}

/* ---- alerts of the peer: RFC 5246 and 8446, 6.2; RFC 6066, 9; RFC 7301, 3.2 ---- */

typedef struct {
	uint8_t number;
	/* OWN: about our certificate, if the peer asked for one. */
	enum { TLS_ALERT_OTHER, TLS_ALERT_OWN, TLS_ALERT_VERSION, TLS_ALERT_CIPHER, TLS_ALERT_ALPN, TLS_ALERT_FAILURE } kind;
	const char *words;
} tls_alert;

static const tls_alert tls_alerts[] = {
	{ 10, TLS_ALERT_OTHER, "unexpected message" },
	{ 20, TLS_ALERT_OTHER, "bad record mac" },
	{ 21, TLS_ALERT_OTHER, "decryption failed" },
	{ 22, TLS_ALERT_OTHER, "record overflow" },
	{ 40, TLS_ALERT_FAILURE, "handshake failure" },
	{ 42, TLS_ALERT_OWN, "bad certificate" },
	{ 43, TLS_ALERT_OWN, "unsupported certificate" },
	{ 44, TLS_ALERT_OWN, "certificate revoked" },
	{ 45, TLS_ALERT_OWN, "certificate expired" },
	{ 46, TLS_ALERT_OWN, "certificate unknown" },
	{ 47, TLS_ALERT_OTHER, "illegal parameter" },
	{ 48, TLS_ALERT_OWN, "unknown CA" },
	{ 49, TLS_ALERT_OWN, "access denied" },
	{ 50, TLS_ALERT_OTHER, "decode error" },
	{ 51, TLS_ALERT_OTHER, "decrypt error" },
	{ 70, TLS_ALERT_VERSION, "protocol version" },
	{ 71, TLS_ALERT_CIPHER, "insufficient security" },
	{ 80, TLS_ALERT_OTHER, "internal error" },
	{ 86, TLS_ALERT_VERSION, "inappropriate fallback" },
	{ 90, TLS_ALERT_OTHER, "user canceled" },
	{ 109, TLS_ALERT_OTHER, "missing extension" },
	{ 110, TLS_ALERT_OTHER, "unsupported extension" },
	{ 112, TLS_ALERT_OTHER, "unrecognized name" },
	{ 113, TLS_ALERT_OTHER, "bad certificate status response" },
	{ 115, TLS_ALERT_OTHER, "unknown PSK identity" },
	{ 116, TLS_ALERT_OWN, "certificate required" },
	{ 120, TLS_ALERT_ALPN, "no application protocol" },
};

static const tls_alert *tls_alert_find(int number)
{
	static const tls_alert unknown = { 0, TLS_ALERT_OTHER, "unknown" };
	for (size_t i = 0; i < sizeof(tls_alerts) / sizeof(tls_alerts[0]); i++) {
		if (tls_alerts[i].number == number)
			return &tls_alerts[i];
	}
	return &unknown;
}

void tls_fault_from_alert(tls_session *self, int number)
{
	const tls_alert *alert = tls_alert_find(number);
	bool own = alert->kind == TLS_ALERT_OWN || alert->kind == TLS_ALERT_FAILURE;

	if (alert->kind == TLS_ALERT_VERSION)
		tls_fault_set(self, "PROTOCOL_VERSION", "the peer has no version of TLS that is wanted here (alert: %s)", alert->words);
	else if (alert->kind == TLS_ALERT_CIPHER)
		tls_fault_set(self, "NO_CIPHER", "the peer wants ciphers that are not to be had here (alert: %s)", alert->words);
	else if (alert->kind == TLS_ALERT_ALPN)
		tls_fault_set(self, "NO_ALPN", "the peer has none of the protocols that were offered (alert: %s)", alert->words);
	/* TLS 1.2 has no other word than "handshake failure" for a certificate that is missing. */
	else if (own && self->asked && self->key)
		tls_fault_set(self, "CLIENT_CERTIFICATE", "the peer refuses our certificate (alert: %s)", alert->words);
	else if (own && self->asked)
		tls_fault_set(self, "CLIENT_CERTIFICATE", "the peer wants a certificate of ours (alert: %s)", alert->words);
	else if (alert->kind == TLS_ALERT_FAILURE && !self->hello)
		tls_fault_set(self, "NO_CIPHER", "the peer has no cipher in common (alert: %s)", alert->words);
	else
		tls_fault_set(self, "PEER_ALERT", "the peer gave up (alert: %s)", alert->words);
}

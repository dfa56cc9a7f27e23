/*
 * Whom a certificate is for, RFC 9525: the names of its extension, never its subject's common name; a star is a whole first label
 * and has two labels behind it; an address is one of its addresses. (mbedTLS 2.28 takes the common name, and knows no addresses.)
 */
#include <string.h>
#include <strings.h>

#include "address.h"
#include "tls-mbedtls.h"

/* RFC 5280, 4.2.1.6: the kinds of a name that are a host. */
enum { TLS_HOST_NAME = 2, TLS_HOST_ADDRESS = 7 };

static unsigned tls_host_kind(const mbedtls_x509_sequence *name)
{
	return (unsigned)name->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
}

static bool tls_host_equal(const char *host, const uint8_t *name, size_t length)
{
	return strlen(host) == length && !strncasecmp(host, (const char *)name, length);
}

static bool tls_host_matches_name(const char *host, const uint8_t *name, size_t length)
{
	if (length < 2 || name[0] != '*' || name[1] != '.')
		return tls_host_equal(host, name, length);
	const char *rest = strchr(host, '.');
	return rest && rest != host && memchr(name + 2, '.', length - 2) && tls_host_equal(rest, name + 1, length - 1);
}

bool tls_host_matches(const tls_session *self, const mbedtls_x509_crt *certificate)
{
	network_address address;
	if (self->address)
		address_parse(&address, self->host);
	const mbedtls_x509_sequence *name = &certificate->subject_alt_names;
	for (; name && name->buf.p; name = name->next) {
		const uint8_t *bytes = name->buf.p;
		size_t length = name->buf.len;
		if (self->address) {
			if (tls_host_kind(name) == TLS_HOST_ADDRESS && length == 4 && !memcmp(address.bytes, bytes, length))
				return true;
		}
		else if (tls_host_kind(name) == TLS_HOST_NAME && tls_host_matches_name(self->host, bytes, length))
			return true;
	}
	return false;
}

void tls_host_names(const mbedtls_x509_crt *certificate, tls_names *names)
{
	const mbedtls_x509_sequence *name = &certificate->subject_alt_names;
	for (; name && name->buf.p; name = name->next) {
		if (tls_host_kind(name) == TLS_HOST_NAME)
			tls_names_add_host(names, (const char *)name->buf.p, name->buf.len);
		else if (tls_host_kind(name) == TLS_HOST_ADDRESS && name->buf.len == 4)
			tls_names_add_address(names, name->buf.p, name->buf.len);
	}
}

/*
 * What the `secure` options say: whom to trust, who we are, which protocols to offer. Each is a buffer, a Resource or a string, in
 * PEM or DER; what is in none of these forms throws, with the option's name and what would help.
 */
#include "tls.h"

#include <stdlib.h>
#include <string.h>

/* The bytes of the first argument, the option of this name, valid until the next use of the heap. */
static const char *tls_option_bytes(xsMachine *the, const char *name, xsUnsignedValue *size)
{
	void *bytes;
	xsType type = xsmcTypeOf(xsArg(0));
	if (type == xsStringType) {
		bytes = xsmcToString(xsArg(0));
		*size = (xsUnsignedValue)strlen(bytes);
	}
	else if (type != xsReferenceType)
		xsTypeError("%s: a buffer, a Resource, or a string of PEM", name);
	else
		xsmcGetBufferReadable(xsArg(0), &bytes, size);
	return bytes;
}

/* What is told of an option is of no use if there was no memory to read it. */
static void tls_option_check(xsMachine *the)
{
	if (tls_library_exhausted())
		xsUnknownError("TLS: no memory for certificates");
}

/* trust(certificates): only who is signed by one of these is believed, or is one of these. */
void xs_tls_session_trust(xsMachine *the)
{
	xsUnsignedValue size;
	const char *bytes = tls_option_bytes(the, "secure.certificate", &size);
	if (!tls_library_trust(tls_self(the), bytes, size)) {
		tls_option_check(the);
		xsTypeError("secure.certificate: not a certificate in DER or PEM: give the bytes of a .der, .crt or .pem file");
	}
}

/* trustSystem(): whom this machine believes. */
void xs_tls_session_trust_system(xsMachine *the)
{
	if (!tls_library_trust_system(tls_self(the)))
		xsUnknownError("TLS: no memory for certificates");
}

/* present(certificates): ours, the leaf first; and those between it and the CA, in further calls or the same PEM. */
void xs_tls_session_present(xsMachine *the)
{
	xsUnsignedValue size;
	const char *bytes = tls_option_bytes(the, "secure.clientCertificates", &size);
	tls_session *self = tls_self(the);
	if (!tls_library_present(self, bytes, size)) {
		tls_option_check(the);
		xsTypeError("secure.clientCertificates: not a certificate in DER or PEM: give the bytes of a .der, .crt or .pem file");
	}
	self->present = true;
}

/* key(bytes): of the first certificate: PKCS #8, PKCS #1 or SEC 1. */
void xs_tls_session_key(xsMachine *the)
{
	xsUnsignedValue size;
	const char *bytes = tls_option_bytes(the, "secure.clientKey", &size);
	tls_session *self = tls_self(the);
	if (!tls_library_key(self, bytes, size)) {
		tls_option_check(the);
		xsTypeError("secure.clientKey: not an unencrypted private key in DER or PEM (PKCS #8, PKCS #1 or SEC 1): "
					"openssl pkey -in key.pem -out key.der -outform DER makes one");
	}
	self->key = true;
}

/* offer(protocol): one more for ALPN, the most wanted first. */
void xs_tls_session_offer(xsMachine *the)
{
	const char *name = xsmcToString(xsArg(0));
	size_t size = strlen(name);
	tls_session *self = tls_self(the);
	if (!size || size > 255)
		xsRangeError("secure.applicationLayerProtocolNegotiation: a protocol has 1 to 255 bytes");
	char *longer = realloc(self->protocols, self->protocols_size + 1 + size + 1);
	if (!longer)
		xsUnknownError("TLS: no memory for a protocol");
	longer[self->protocols_size] = (char)size;
	memcpy(longer + self->protocols_size + 1, name, size);
	self->protocols = longer;
	self->protocols_size += 1 + (unsigned)size;
}

void tls_options_apply(xsMachine *the, tls_session *self)
{
	if (self->verify && !self->host)
		xsTypeError("secure.serverName: whom shall the certificate be for? Give a host, or verify: false");
	if (self->present != self->key)
		xsTypeError("secure: clientCertificates and clientKey belong together");
	/* Some libraries would take any host below it. */
	switch (self->host && self->host[0] == '.' ? TLS_NO_HOST : tls_library_start(self)) {
	case TLS_STARTED:
		break;
	case TLS_NOT_ITS_KEY:
		xsTypeError("secure.clientKey: not the key of the first of clientCertificates");
	case TLS_UNFIT_CERTIFICATE:
		xsTypeError("secure.clientCertificates: the library does not take this certificate: is its key too short, or the chain "
					"too long?");
	case TLS_NO_HOST:
		xsTypeError("secure.serverName: \"%s\" is not the name of a host", self->host);
	default:
		xsUnknownError("TLS: no memory for a session");
	}
}

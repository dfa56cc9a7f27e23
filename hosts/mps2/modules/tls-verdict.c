/*
 * What went wrong, as a row of the fault table (hosts/linux/README.md) and in words. mbedTLS tells it in three ways: flags of each
 * certificate of the chain, the alert that the peer sent, its own error.
 */
#include <stdio.h>
#include <string.h>

#include "mbedtls/ecp.h"
#include "tls-mbedtls.h"

/* ---- the certificate ---- */

static bool tls_verdict_same(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
	return a->len == b->len && !memcmp(a->p, b->p, a->len);
}

/* Whether it is among those that are trusted. */
static bool tls_verdict_listed(const tls_library *it, const mbedtls_x509_crt *certificate)
{
	for (const mbedtls_x509_crt *one = it->trusted; one; one = one->next) {
		if (tls_verdict_same(&one->raw, &certificate->raw))
			return true;
	}
	return false;
}

/* Where there are revocation lists, one has to be its CA's. */
static bool tls_verdict_can_be_revoked(const tls_library *it, const mbedtls_x509_crt *certificate)
{
	for (const mbedtls_x509_crl *list = it->revoked; list; list = list->next) {
		if (tls_verdict_same(&list->issuer_raw, &certificate->issuer_raw))
			return true;
	}
	return !it->revoked;
}

static void tls_verdict_untrusted(tls_session *self, const mbedtls_x509_crt *certificate, int depth)
{
	if (!self->library->trusted)
		tls_fault_set(self, "UNKNOWN_CA", "nobody is trusted: a board has no authorities but those of secure.certificate");
	else if (!depth && tls_verdict_same(&certificate->issuer_raw, &certificate->subject_raw))
		tls_fault_set(self, "UNKNOWN_CA", "the certificate is signed by itself, and not among those to be trusted");
	else
		tls_fault_set(self, "UNKNOWN_CA", "the certificate is signed by a CA that is not among those to be trusted");
}

static const char *tls_verdict_date(const mbedtls_x509_time *time, char words[32])
{
	snprintf(words, 32, "%04d-%02d-%02d %02d:%02d:%02d UTC", time->year, time->mon, time->day, time->hour, time->min, time->sec);
	return words;
}

static bool tls_verdict_lacks_memory(tls_session *self)
{
	if (tls_buffers_exhausted())
		tls_fault_set(
			self, "BAD_RECORD", "no memory for TLS: give the board more RAM (--ram), or the app less (creation.static)");
	return tls_buffers_exhausted();
}

/* In the order in which OpenSSL looks at these. */
static void tls_verdict_from_flags(tls_session *self, const mbedtls_x509_crt *certificate, int depth, uint32_t flags)
{
	const char *whose = depth > 0 ? "a CA's certificate" : "the certificate";
	char date[32];
	if (flags && tls_verdict_lacks_memory(self))
		return;
	if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
		tls_verdict_untrusted(self, certificate, depth);
	else if (flags & (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY))
		tls_fault_set(self, "BAD_CERTIFICATE", "%s: its key is too short, or its signature too weak", whose);
	else if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) {
		tls_names names = { .count = 0 };
		tls_host_names(certificate, &names);
		tls_fault_wrong_host(self, &names);
	}
	else if (flags & MBEDTLS_X509_BADCERT_REVOKED)
		tls_fault_set(self, "REVOKED", "%s is revoked", whose);
	else if (flags & MBEDTLS_X509_BADCERT_EXPIRED)
		tls_fault_set(self, "EXPIRED", "%s ended at %s", whose, tls_verdict_date(&certificate->valid_to, date));
	else if (flags & MBEDTLS_X509_BADCERT_FUTURE)
		tls_fault_set(self, "NOT_YET_VALID", "%s begins at %s: is the clock right?", whose,
			tls_verdict_date(&certificate->valid_from, date));
	else if (flags & MBEDTLS_X509_BADCERT_OTHER)
		tls_fault_set(self, "BAD_CERTIFICATE", "%s: its CA has no revocation list among those of secure.certificate", whose);
	else if (flags)
		tls_fault_set(self, "BAD_CERTIFICATE", "%s: a revocation list of its CA is out of date, or forged", whose);
}

int tls_verdict_verify(void *data, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
	tls_session *self = data;
	tls_library *it = self->library;
	if (depth > 0) {
		/* Of no matter if the leaf turns out to be trusted itself. */
		tls_verdict_from_flags(self, certificate, depth, *flags);
		it->authority_flags |= *flags;
		*flags = 0;
		return 0;
	}
	if (tls_verdict_listed(it, certificate)) {
		/* Its CA is not known here: whether it revoked this one, nobody could check. */
		if (it->revoked && *flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
			*flags |= MBEDTLS_X509_BADCERT_OTHER;
		self->fault.name = NULL;
		*flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_NOT_TRUSTED;
	}
	else
		*flags |= it->authority_flags;
	*flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
	if (!tls_host_matches(self, certificate))
		*flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
	if (!tls_verdict_can_be_revoked(it, certificate))
		*flags |= MBEDTLS_X509_BADCERT_OTHER;
	tls_verdict_from_flags(self, certificate, depth, *flags);
	return 0;
}

/* What mbedTLS finds after that: the certificate's purpose, and its curve. */
static void tls_verdict_from_certificate(tls_session *self)
{
	uint32_t flags = mbedtls_ssl_get_verify_result(&self->library->ssl);
	if (flags == UINT32_MAX || !flags)
		tls_fault_set(self, "BAD_CERTIFICATE", "the certificate: it is damaged, or missing");
	else if (flags & (MBEDTLS_X509_BADCERT_EXT_KEY_USAGE | MBEDTLS_X509_BADCERT_KEY_USAGE))
		tls_fault_set(self, "BAD_CERTIFICATE", "the certificate: it is not for servers");
	else
		tls_fault_set(self, "BAD_CERTIFICATE", "the certificate: it has a key of a kind that is not wanted here");
}

/* ---- mbedTLS's errors ---- */

/* Those of reading a certificate, and of reading its key; not of a signature that does not fit the key (0x3900). */
static bool tls_verdict_is_certificate(int error)
{
	int high = -error & 0xFF80;
	return (high >= 0x2080 && high <= 0x3000) || (high >= 0x3980 && high <= 0x3C80);
}

void tls_verdict_from_error(tls_session *self, int error)
{
	if (tls_verdict_lacks_memory(self))
		return;
	switch (error) {
	case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
		tls_fault_from_alert(self, self->library->ssl.in_msg[1]);
		break;
	case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
	case MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE:
	case MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED:
		tls_verdict_from_certificate(self);
		break;
	case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION:
		tls_fault_set(self, "PROTOCOL_VERSION", "the peer answers with a version of TLS that is not wanted here");
		break;
	case MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN:
	case MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE:
	case MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE:
		tls_fault_set(self, "NO_CIPHER", "nothing in common with the peer (mbedTLS -0x%04x)", (unsigned)-error);
		break;
	default:
		if (tls_verdict_is_certificate(error))
			tls_fault_set(self, "BAD_CERTIFICATE", "the certificate: it cannot be read (mbedTLS -0x%04x)", (unsigned)-error);
		else
			tls_fault_set(self, "BAD_RECORD", "%s is damaged or forged (mbedTLS -0x%04x)",
				tls_library_established(self) ? "a record" : "the handshake", (unsigned)-error);
	}
}

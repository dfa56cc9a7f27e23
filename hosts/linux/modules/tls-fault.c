/*
 * What went wrong in a TLS session, as a row of the fault table (hosts/linux/README.md) and in words. OpenSSL tells it in three
 * ways: what the check of the certificate found, the alert that the peer sent, its own reason.
 */
#include "tls.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

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

/* ---- the certificate ---- */

/* Appends a text of the peer's: what does not print on a terminal becomes a question mark. */
static void tls_append(char *words, size_t size, const char *separator, const char *text, size_t length)
{
	size_t at = strlen(words);
	at += (size_t)snprintf(words + at, size - at, "%s", separator);
	for (size_t i = 0; i < length && at + 1 < size; i++)
		words[at++] = text[i] > ' ' && text[i] < 127 ? text[i] : '?';
	words[at < size ? at : size - 1] = 0;
}

/* The first names that a certificate is for. */
static void tls_names(X509 *certificate, char *words, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int count = 0;
	words[0] = 0;
	for (int i = 0; names && i < sk_GENERAL_NAME_num(names) && count < 3; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DNS) {
			const ASN1_STRING *text = name->d.dNSName;
			tls_append(
				words, size, count++ ? ", " : "", (const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
		}
		else if (name->type == GEN_IPADD) {
			char text[INET6_ADDRSTRLEN];
			int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
			if (ASN1_STRING_length(name->d.iPAddress) != (family == AF_INET ? 4 : 16))
				continue;
			inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof(text));
			tls_append(words, size, count++ ? ", " : "", text, strlen(text));
		}
	}
	if (!count)
		snprintf(words, size, "no host");
	GENERAL_NAMES_free(names);
}

static void tls_date(const ASN1_TIME *time, char *words, size_t size)
{
	struct tm parts;
	if (!ASN1_TIME_to_tm(time, &parts) || !strftime(words, size, "%Y-%m-%d %H:%M:%S UTC", &parts))
		snprintf(words, size, "an unknown time");
}

static void tls_fault_from_certificate(tls_session *self, int code, int depth, X509 *certificate)
{
	const char *whose = depth > 0 ? "a CA's certificate" : "the certificate";
	char detail[128] = "";

	switch (code) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		if (certificate)
			tls_names(certificate, detail, sizeof(detail));
		tls_fault_set(self, "WRONG_HOST", "the certificate is for %s, not for %.80s", detail, self->host);
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		tls_fault_set(self, "UNKNOWN_CA", "the certificate is signed by itself, and not among those to be trusted");
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
		tls_fault_set(self, "UNKNOWN_CA", "the certificate is signed by a CA that is not among those to be trusted");
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		if (certificate)
			tls_date(X509_get0_notAfter(certificate), detail, sizeof(detail));
		tls_fault_set(self, "EXPIRED", "%s ended at %s", whose, detail);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		if (certificate)
			tls_date(X509_get0_notBefore(certificate), detail, sizeof(detail));
		tls_fault_set(self, "NOT_YET_VALID", "%s begins at %s: is the clock right?", whose, detail);
		break;
	case X509_V_ERR_CERT_REVOKED:
		tls_fault_set(self, "REVOKED", "%s is revoked", whose);
		break;
	default:
		tls_fault_set(self, "BAD_CERTIFICATE", "%s: %s", whose, X509_verify_cert_error_string(code));
	}
}

int tls_fault_verify(int fine, X509_STORE_CTX *store)
{
	if (!fine) {
		SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
		tls_fault_from_certificate(SSL_get_app_data(ssl), X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_error_depth(store),
			X509_STORE_CTX_get_current_cert(store));
	}
	return fine;
}

/* ---- alerts of the peer ---- */

static void tls_fault_from_alert(tls_session *self, int alert)
{
	const char *words = SSL_alert_desc_string_long(alert);
	bool secured = SSL_is_init_finished(self->ssl);

	switch (alert) {
	case SSL_AD_PROTOCOL_VERSION:
	case SSL_AD_INAPPROPRIATE_FALLBACK:
		tls_fault_set(self, "PROTOCOL_VERSION", "the peer has no version of TLS that is wanted here (alert: %s)", words);
		return;
	case SSL_AD_INSUFFICIENT_SECURITY:
		tls_fault_set(self, "NO_CIPHER", "the peer wants ciphers that are not to be had here (alert: %s)", words);
		return;
	case SSL_AD_NO_APPLICATION_PROTOCOL:
		tls_fault_set(self, "NO_ALPN", "the peer has none of the protocols that were offered (alert: %s)", words);
		return;
	case SSL_AD_HANDSHAKE_FAILURE:
		/* TLS 1.2 has no other word for a certificate that is missing. */
		if (self->asked)
			break;
		if (!secured && !self->hello) {
			tls_fault_set(self, "NO_CIPHER", "the peer has no cipher in common (alert: %s)", words);
			return;
		}
		tls_fault_set(self, "PEER_ALERT", "the peer gave up (alert: %s)", words);
		return;
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_ACCESS_DENIED:
	case TLS13_AD_CERTIFICATE_REQUIRED:
		break;
	default:
		tls_fault_set(self, "PEER_ALERT", "the peer gave up (alert: %s)", words);
		return;
	}
	if (!self->asked)
		tls_fault_set(self, "PEER_ALERT", "the peer gave up (alert: %s)", words);
	else if (self->key)
		tls_fault_set(self, "CLIENT_CERTIFICATE", "the peer refuses our certificate (alert: %s)", words);
	else
		tls_fault_set(self, "CLIENT_CERTIFICATE", "the peer wants a certificate of ours (alert: %s)", words);
}

/* ---- OpenSSL's reasons ---- */

static void tls_fault_from_reason(tls_session *self, int reason, const char *words)
{
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_UNSUPPORTED_SSL_VERSION:
	case SSL_R_WRONG_SSL_VERSION:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_VERSION_TOO_HIGH:
	case SSL_R_BAD_PROTOCOL_VERSION_NUMBER:
	case SSL_R_INAPPROPRIATE_FALLBACK:
		tls_fault_set(self, "PROTOCOL_VERSION", "the peer answers with a version of TLS that is not wanted here (%s)", words);
		break;
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_NO_CIPHERS_AVAILABLE:
	case SSL_R_UNKNOWN_CIPHER_RETURNED:
	case SSL_R_WRONG_CIPHER_RETURNED:
	case SSL_R_DH_KEY_TOO_SMALL:
	case SSL_R_BAD_KEY_SHARE:
	case SSL_R_NO_SUITABLE_KEY_SHARE:
	case SSL_R_NO_SUITABLE_GROUPS:
	case SSL_R_WRONG_CURVE:
	case SSL_R_WRONG_SIGNATURE_TYPE:
		tls_fault_set(self, "NO_CIPHER", "nothing in common with the peer (%s)", words);
		break;
	case SSL_R_WRONG_VERSION_NUMBER:
		if (!self->hello) {
			tls_fault_set(self, "NOT_TLS", "the peer's answer is not TLS");
			break;
		}
		/* fall through */
	default:
		if (SSL_is_init_finished(self->ssl))
			tls_fault_set(self, "BAD_RECORD", "a record is damaged or forged (%s)", words);
		else
			tls_fault_set(self, "BAD_RECORD", "the handshake is damaged or forged (%s)", words);
	}
}

void tls_fault_from_openssl(tls_session *self)
{
	unsigned long error;
	/* The first is the cause; what the check of the certificate said before is more exact, and stays. */
	while ((error = ERR_get_error())) {
		int reason = ERR_GET_REASON(error);
		const char *words = ERR_reason_error_string(error);
		if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET)
			tls_fault_from_alert(self, reason - SSL_AD_REASON_OFFSET);
		else if (ERR_GET_LIB(error) == ERR_LIB_SSL)
			tls_fault_from_reason(self, reason, words ? words : "no reason");
		else
			tls_fault_set(self, "BAD_RECORD", "OpenSSL: %s", words ? words : "no reason");
	}
	tls_fault_set(self, "BAD_RECORD", "OpenSSL gives no reason");
}

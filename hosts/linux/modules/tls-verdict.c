/*
 * What went wrong, as a row of the fault table (hosts/linux/README.md) and in words. OpenSSL tells it in three ways: what the check of
 * the certificate found, the alert that the peer sent, its own reason.
 */
#include "tls-openssl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* ---- the certificate ---- */

static void tls_verdict_wrong_host(tls_session *self, X509 *certificate)
{
	tls_names seen = { .count = 0 };
	GENERAL_NAMES *names = certificate ? X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL) : NULL;
	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DNS)
			tls_names_add_host(
				&seen, (const char *)ASN1_STRING_get0_data(name->d.dNSName), (size_t)ASN1_STRING_length(name->d.dNSName));
		else if (name->type == GEN_IPADD)
			tls_names_add_address(&seen, ASN1_STRING_get0_data(name->d.iPAddress), (size_t)ASN1_STRING_length(name->d.iPAddress));
	}
	GENERAL_NAMES_free(names);
	tls_fault_wrong_host(self, &seen);
}

static void tls_verdict_date(const ASN1_TIME *time, char *words, size_t size)
{
	struct tm parts;
	if (!ASN1_TIME_to_tm(time, &parts) || !strftime(words, size, "%Y-%m-%d %H:%M:%S UTC", &parts))
		snprintf(words, size, "an unknown time");
}

static void tls_verdict_from_certificate(tls_session *self, int code, int depth, X509 *certificate)
{
	const char *whose = depth > 0 ? "a CA's certificate" : "the certificate";
	char detail[32] = "";

	switch (code) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		tls_verdict_wrong_host(self, certificate);
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
			tls_verdict_date(X509_get0_notAfter(certificate), detail, sizeof(detail));
		tls_fault_set(self, "EXPIRED", "%s ended at %s", whose, detail);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		if (certificate)
			tls_verdict_date(X509_get0_notBefore(certificate), detail, sizeof(detail));
		tls_fault_set(self, "NOT_YET_VALID", "%s begins at %s: is the clock right?", whose, detail);
		break;
	case X509_V_ERR_CERT_REVOKED:
		tls_fault_set(self, "REVOKED", "%s is revoked", whose);
		break;
	default:
		tls_fault_set(self, "BAD_CERTIFICATE", "%s: %s", whose, X509_verify_cert_error_string(code));
	}
}

int tls_verdict_verify(int fine, X509_STORE_CTX *store)
{
	if (!fine) {
		SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
		tls_verdict_from_certificate(SSL_get_app_data(ssl), X509_STORE_CTX_get_error(store),
			X509_STORE_CTX_get_error_depth(store), X509_STORE_CTX_get_current_cert(store));
	}
	return fine;
}

/* ---- OpenSSL's reasons ---- */

static void tls_verdict_from_reason(tls_session *self, int reason, const char *words)
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
		if (tls_library_established(self))
			tls_fault_set(self, "BAD_RECORD", "a record is damaged or forged (%s)", words);
		else
			tls_fault_set(self, "BAD_RECORD", "the handshake is damaged or forged (%s)", words);
	}
}

void tls_verdict_from_errors(tls_session *self)
{
	unsigned long error;
	/* The first is the cause; what the check of the certificate said before is more exact, and stays. */
	while ((error = ERR_get_error())) {
		int reason = ERR_GET_REASON(error);
		const char *words = ERR_reason_error_string(error);
		if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET)
			tls_fault_from_alert(self, reason - SSL_AD_REASON_OFFSET);
		else if (ERR_GET_LIB(error) == ERR_LIB_SSL)
			tls_verdict_from_reason(self, reason, words ? words : "no reason");
		else
			tls_fault_set(self, "BAD_RECORD", "OpenSSL: %s", words ? words : "no reason");
	}
	tls_fault_set(self, "BAD_RECORD", "OpenSSL gives no reason");
}

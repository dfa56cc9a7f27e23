/*
 * What watches the SDK's TLS, for boards: each certificate of a server has to be signed by the next one, that of a CA, and be valid now.
 * Whether it is for the host, and the last one's CA is trusted, the SDK looks at. Over modules of the SDK that have no typings.
 */
import CertificateManager from "ssl/cert";
import { ServerHandshake } from "transport/tls-handshake";
import X509 from "x509";

const BASIC_CONSTRAINTS = Object.freeze([2, 5, 29, 19]);

const refusal = (name, message = "") => ({ name, message });

/** Uses nothing of a manager. */
const isSigned = (key, certificate) => CertificateManager.prototype._verify(key, certificate);

export function guarded(verify) {
	return new ServerHandshake(verify ? chainFault : undefined);
}

/** Throws for what is no certificate. */
function chainFault(chain) {
	const now = Date.now();
	for (let i = 0; i < chain.length; i++) {
		const certificate = X509.decode(chain[i]);
		const { from, to } = X509.decodeTBS(certificate.tbs).validity;
		if (!(from < now)) return refusal("NOT_YET_VALID");
		if (!(now < to)) return refusal("EXPIRED");
		if (i > 0 && !isAuthority(chain[i])) return refusal("BAD_CERTIFICATE", "a certificate is signed by one that is no CA's");
		if (i + 1 < chain.length && !isSigned(X509.decodeSPKI(chain[i + 1]), certificate))
			return refusal("BAD_CERTIFICATE", "a certificate is not signed by the next one");
	}
}

/** RFC 5280 §4.2.1.9: SEQUENCE { BOOLEAN true … }. */
function isAuthority(certificate) {
	const extension = X509.decodeExtension(certificate, BASIC_CONSTRAINTS);
	if (!extension) return false;
	const bytes = new Uint8Array(extension);
	return bytes[0] === 0x30 && bytes[2] === 1 && bytes[3] === 1 && bytes[4] !== 0;
}

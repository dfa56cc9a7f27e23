/* Certificates made on the spot by the openssl program: an authority, and whom it vouches for. Keys are of the curve P-256, for speed, or RSA. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../conformance/servers/child.peer.ts";

/** A certificate and its key, in PEM; and the certificate in DER. */
export interface Identity {
	cert: string;
	key: string;
	der: Buffer;
}

export interface Wishes {
	/** As in subjectAltName: "DNS:localhost,IP:127.0.0.1". */
	names?: string;
	/** The subject's common name, which is no host's. */
	common?: string;
	/** YYYYMMDDHHMMSSZ. */
	from?: string;
	to?: string;
	/** May sign others. */
	authority?: boolean;
	/** As in extendedKeyUsage. */
	usage?: string;
}

const LONG_AGO = "20200101000000Z";
const LONG_AFTER = "20991231235959Z";

/** One that signs. Its files are gone when the process exits, or at close(). */
export class Authority {
	readonly #folder = temporaryFolder("authority");
	readonly #kind: string[];
	#count = 0;
	/** Signed by itself. */
	readonly own: Identity;

	constructor(common = "Test Authority", rsa = false) {
		this.#kind = rsa ? ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] : ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
		writeFileSync(join(this.#folder, "index.txt"), "");
		writeFileSync(join(this.#folder, "serial"), "1000\n");
		writeFileSync(
			join(this.#folder, "ca.cnf"),
			`[ca]\ndefault_ca=own\n[own]\ndatabase=${this.#folder}/index.txt\nserial=${this.#folder}/serial\nnew_certs_dir=${this.#folder}\n` +
				"default_md=sha256\ndefault_crl_days=30\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n[req]\ndistinguished_name=dn\n[dn]\n",
		);
		this.own = this.#make({ common, authority: true });
	}

	/** A certificate that this authority signs. */
	issue(wishes: Wishes): Identity {
		return this.#make(wishes, this.own);
	}

	/** The list of what was revoked, with this one in it, in PEM. */
	revoke({ cert }: Identity): string {
		this.#write("revoked.crt", cert);
		this.#openssl("ca", "-config", "ca.cnf", ...this.#signer(), "-revoke", "revoked.crt");
		this.#openssl("ca", "-config", "ca.cnf", ...this.#signer(), "-gencrl", "-out", "list.crl");
		return this.#read("list.crl").toString();
	}

	/** A key in another form: the arguments of `openssl pkey` or `openssl ec`. */
	convert(key: string, ...command: string[]): Buffer {
		this.#write("in.key", key);
		this.#openssl(...command, "-in", "in.key", "-out", "out.key");
		return this.#read("out.key");
	}

	/** Puts files where they are gone with the authority; their paths by name. */
	write(files: Record<string, string>): (name: string) => string {
		for (const [name, text] of Object.entries(files)) this.#write(name, text);
		return (name) => join(this.#folder, name);
	}

	#make(wishes: Wishes, signer?: Identity): Identity {
		const name = `n${this.#count++}`;
		const { names, common = "nobody", from = LONG_AGO, to = LONG_AFTER, authority = false, usage } = wishes;
		const extensions = [
			`basicConstraints=critical,CA:${authority ? "TRUE" : "FALSE"}`,
			"subjectKeyIdentifier=hash",
			// The SDK's TLS, which wants RSA, wants that, too.
			...(this.#kind[0] === "RSA" ? ["authorityKeyIdentifier=keyid:always"] : []),
			...(names ? [`subjectAltName=${names}`] : []),
			...(usage ? [`extendedKeyUsage=${usage}`] : []),
		];
		this.#write(`${name}.ext`, `${extensions.join("\n")}\n`);
		this.#openssl("genpkey", "-algorithm", ...this.#kind, "-out", `${name}.key`);
		this.#openssl("req", "-new", "-config", "ca.cnf", "-subj", `/CN=${common}`, "-key", `${name}.key`, "-out", `${name}.csr`);
		const by = signer ? this.#signer() : ["-selfsign", "-keyfile", `${name}.key`];
		const when = ["-startdate", from, "-enddate", to];
		this.#openssl(
			...["ca", "-batch", "-notext", "-config", "ca.cnf", ...by, ...when],
			...["-extfile", `${name}.ext`, "-in", `${name}.csr`, "-out", `${name}.crt`],
		);
		if (!signer && name === "n0") this.#write("own.crt", this.#read(`${name}.crt`));
		if (!signer && name === "n0") this.#write("own.key", this.#read(`${name}.key`));
		this.#openssl("x509", "-in", `${name}.crt`, "-outform", "DER", "-out", `${name}.der`);
		return { cert: this.#read(`${name}.crt`).toString(), key: this.#read(`${name}.key`).toString(), der: this.#read(`${name}.der`) };
	}

	/** For a peer that has all it wants. */
	close(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}

	/** Signed by nobody but itself, and no authority. */
	selfSigned(wishes: Wishes): Identity {
		return this.#make(wishes);
	}

	#signer(): string[] {
		return ["-cert", "own.crt", "-keyfile", "own.key"];
	}

	#openssl(...parameters: string[]): void {
		execFileSync("openssl", parameters, { cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] });
	}

	#read = (name: string) => readFileSync(join(this.#folder, name));
	#write = (name: string, text: string | Buffer) => writeFileSync(join(this.#folder, name), text);
}

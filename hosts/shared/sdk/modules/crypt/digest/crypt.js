/** `Digest` of the SDK's `crypt`; the ciphers of that module are not here. Natives in hosts/shared/modules/digest.c. */
export class Digest @ "xs_digest_destructor" {
	constructor(type) @ "xs_digest";
	write(data) @ "xs_digest_write";
	close(more) @ "xs_digest_close";
	reset() @ "xs_digest_reset";
	get blockSize() @ "xs_digest_get_block_size";
	get outputSize() @ "xs_digest_get_output_size";

	/** The digest of all arguments, one after the other. */
	process(...parts) {
		this.reset();
		for (const part of parts)
			this.write(part);
		return this.close();
	}

	update(data) {
		this.write(data);
	}
}

export default Object.freeze({ Digest });

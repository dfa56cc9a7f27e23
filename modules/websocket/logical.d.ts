/* The SDK has no types for its module `logical`, which mcconfig would miss. */
declare module "logical" {
	/** XORs the mask, over and over, onto the first `count` bytes of the target. */
	const Logical: {
		xor(target: Uint8Array, mask: Uint8Array, count?: number): void;
	};
	export default Logical;
}

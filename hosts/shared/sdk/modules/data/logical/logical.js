/** The SDK's `logical`: bitwise operations on buffers, in place. Natives in hosts/shared/modules/logical.c. */
export default class Logical {
	static not(target, count = target.byteLength) {
		if (count)
			Logical.xor(target, 0xff, count);
	}
	static xor(target, mask, count) @ "xs_logical_xor_count";
	static and(target, mask, count) @ "xs_logical_and_count";
	static or(target, mask, count) @ "xs_logical_or_count";
}

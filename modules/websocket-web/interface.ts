/* What an interface of Web IDL has (§3.7), and a class of JavaScript has not. */

/**
 * Makes the members of a class be seen by `for … in`, as programs that copy events expect; and defines constants on the class and on its
 * prototype, so that instances have them, too: to be read, and no more.
 */
export function asInterface(holder: { readonly prototype: object }, constants: Readonly<Record<string, number>> = {}): void {
	const { prototype } = holder;
	for (const name of Object.getOwnPropertyNames(prototype))
		if (name !== "constructor") Object.defineProperty(prototype, name, { enumerable: true });
	for (const [name, value] of Object.entries(constants))
		for (const object of [holder, prototype]) Object.defineProperty(object, name, { value, enumerable: true });
}

/* What callbacks told, for tests that wait for it. */
export class Queue<T> {
	#items: T[] = [];
	#waiting: ((item: T) => void) | undefined;

	push(item: T): void {
		const waiting = this.#waiting;
		this.#waiting = undefined;
		if (waiting) waiting(item);
		else this.#items.push(item);
	}

	/** The oldest item not yet taken. */
	next(): Promise<T> {
		const item = this.#items.shift();
		if (item !== undefined) return Promise.resolve(item);
		return new Promise((resolve) => {
			this.#waiting = resolve;
		});
	}

	/** The oldest item that is wanted; those before it stay. */
	async find(wanted: (item: T) => boolean): Promise<T> {
		const others: T[] = [];
		for (;;) {
			const item = await this.next();
			if (wanted(item)) {
				this.#items.unshift(...others);
				return item;
			}
			others.push(item);
		}
	}

	/** How many items wait. */
	get length(): number {
		return this.#items.length;
	}
}

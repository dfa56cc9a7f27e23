/* How a tool fails: one line that says what is wrong and, where there is one, the cure. */

export class Failure extends Error {
	readonly status: number;
	constructor(message: string, status = 1) {
		super(message);
		this.status = status;
	}
}

/** A mistake on the command line: status 2, and where to read on. */
export class UsageFailure extends Failure {
	constructor(message: string, tool: string) {
		super(`${message} (npm ${/^(start|test|run .*)$/.test(tool) ? tool : `run ${tool}`} -- --help explains)`, 2);
	}
}

/** Notes go to stderr: stdout belongs to the device. */
export function note(message: string): void {
	process.stderr.write(`note: ${message}\n`);
}

/** Runs a tool to its exit status. Anything but a Failure is a bug of the tool and keeps its stack. */
export async function main(tool: () => Promise<number>): Promise<void> {
	try {
		process.exitCode = await tool();
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		process.stderr.write(`error: ${error.message}\n`);
		process.exitCode = error.status;
	}
}

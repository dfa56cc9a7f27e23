/* What the device can be told to do, as text: `interval 200`. */
import { type MqttClient, type MqttPublishEvent, mqttReadallPublishPayload, mqttReadPublishPayload } from "mqtt";
import { parseInterval } from "./settings";

/** Who does it. */
export interface Actor {
	setInterval(ms: number): void;
	setLed(state: string): void;
	stop(): void;
}

/** What came of a command: one of the two. */
export interface Reply {
	/** Missing if it is not to be read. */
	command?: string;
	done?: string;
	error?: string;
}

const COMMANDS = "interval <ms>, led on, led off, stop, help";

export class Commands {
	readonly #actor: Actor;
	readonly #bytes = new Uint8Array(128);
	#length = 0;
	/** The broker had kept it. */
	#kept = false;

	constructor(actor: Actor) {
		this.#actor = actor;
	}

	/** A message on the command topic. */
	begin({ message, retainFlag }: MqttPublishEvent): void {
		this.#length = message.payload.len;
		this.#kept = retainFlag === 1;
	}

	/** Reads what is there of it, to its end, for else nothing follows. Once that is all, it is obeyed, and this is what came of it. */
	read(client: MqttClient): Reply | undefined {
		const bytes = this.#bytes;
		let result: number;
		if (this.#length <= bytes.length) result = mqttReadallPublishPayload(client, bytes, this.#length);
		else
			do result = mqttReadPublishPayload(client, bytes, bytes.length);
			while (result > 0);
		if (result < 0) return undefined;
		const reply: Reply = {};
		try {
			if (this.#length > bytes.length) throw new Error(`${this.#length} bytes are too long for a command`);
			reply.command = String.fromArrayBuffer(bytes.slice(0, this.#length).buffer);
			if (this.#kept) throw new Error("ignored, for the broker kept it from another time");
			reply.done = this.obey(reply.command);
		} catch (error) {
			reply.error = (error as Error).message;
		}
		return reply;
	}

	private obey(command: string): string {
		switch (command) {
			case "led on":
			case "led off":
				this.#actor.setLed(command.slice("led ".length));
				return `${command} (simulated)`;
			case "stop":
				this.#actor.stop();
				return "stopping";
			case "help":
				return COMMANDS;
		}
		const interval = /^interval (.*)$/.exec(command)?.[1];
		if (interval === undefined) throw new Error(`no such command, there are: ${COMMANDS}`);
		const ms = parseInterval(interval);
		this.#actor.setInterval(ms);
		return ms ? `a measurement every ${ms} ms` : "the next measurement when the broker has the last";
	}
}

/* The classic socket as boards have it. In the SDK's simulator it is another one: simulator/classic-socket.ts. */
import { Socket, type TCPSocketOptions } from "socket";

/** What this needs of `Socket` of module "socket", so that a fake or a SecureSocket will do. */
export interface ClassicSocket {
	callback: (message: number, value?: number) => void;
	read(): number | undefined;
	read(type: typeof ArrayBuffer, count: number): ArrayBuffer;
	write(): number | undefined;
	write(data: ArrayBuffer): void;
	close(): void;
}

/** A socket that connects to a numeric address. Throws what `new Socket` throws. */
export const opened = (options: object): ClassicSocket => new Socket(options as TCPSocketOptions) as unknown as ClassicSocket;

/** A socket that somebody else made. */
export const adopted = (socket: ClassicSocket): ClassicSocket => socket;

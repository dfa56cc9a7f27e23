/**
 * From now on the board's network is a mirror: each frame that it sends comes back from its Ethernet chip, as if the address that it went
 * to had sent it. So a connection to any address of the network is one to this board, and passes the driver and the chip on both ways.
 */
export function mirror(): void;

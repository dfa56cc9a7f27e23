/*
 * The board's network: lwIP on the Ethernet chip, with the fixed addresses that QEMU's user network has for a guest. Everything is
 * driven by network_poll(), from the loop; nothing runs in an interrupt.
 *
 * 127.0.0.1 is the board itself where it listens at the port or has it from network_set_ports(), else the machine that QEMU runs on: a
 * test then finds its peers where it would on Linux.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "lwip/err.h"
#include "lwip/ip_addr.h"

#include "address.h"

#define NETWORK_ADDRESS "10.0.2.15"
#define NETWORK_MASK "255.255.255.0"
#define NETWORK_GATEWAY "10.0.2.2"
#define NETWORK_NAME_SERVER "10.0.2.3"

extern const uint8_t network_mac[6];

/* False if the board has no Ethernet chip. */
bool network_open(void);

/* Takes in what came, tells time to lwIP, and sends what is due. True if there may be work for the loop now. */
bool network_poll(void);

/* How long lwIP can do without network_poll() if nothing comes. */
uint32_t network_sleep_ms(void);

/* Polls until what was written to closed connections, and their end, is with the peers, for at most so many milliseconds: for a device
 * that ends. */
void network_finish(uint32_t patience_ms);

/* The ports at which the machine that QEMU runs on reaches the board. Listeners that ask for any port get these, in turn. */
void network_set_ports(const uint16_t *ports, unsigned count);
/* The next of these that nobody listens at; 0, any, if there is none. */
uint16_t network_free_port(void);

/* Where a connection to this address goes, and whence one came, 127.0.0.1 being what it is here. False if none can go there. */
bool network_to_ip(const network_address *address, ip_addr_t *ip);
void network_from_ip(network_address *address, const ip_addr_t *ip, uint16_t port);

/* The errno of an error of lwIP's that ended a connection, or of one that kept it from being made. */
int network_errno(err_t error);

/* A region of lwIP's memory. In units: bytes in the heap, else elements of unit_bytes each. */
typedef struct {
	const char *name;
	uint32_t unit_bytes;
	uint32_t total, used, peak;
	uint32_t refused; /* how often there was nothing left */
} network_region;

/* The region of this index; false if there are not so many. */
bool network_get_region(unsigned index, network_region *region);

#endif

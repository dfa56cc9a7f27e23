/*
 * An IPv4 or IPv6 address with its port. What it looks like to the system's calls is the host's matter.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { ADDRESS_NONE, ADDRESS_IPV4 = 4, ADDRESS_IPV6 = 6 } address_family;

typedef struct {
	uint8_t family;
	uint16_t port;
	uint8_t bytes[16]; /* as on the wire; IPv4 has the first four */
} network_address;

/* Room for the longest literal. */
#define ADDRESS_TEXT 46

/* Reads a literal of a family that the host has; the port is 0 then. */
bool address_parse(network_address *address, const char *text);
void address_format(const network_address *address, char text[ADDRESS_TEXT]);

#endif

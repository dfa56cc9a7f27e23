/*
 * An IPv4 or IPv6 address with its port.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

typedef union {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
} network_address;

#define ADDRESS_TEXT INET6_ADDRSTRLEN

/* Reads an IPv4 or IPv6 literal. */
bool address_parse(network_address *address, const char *text);
void address_set_port(network_address *address, uint16_t port);
uint16_t address_port(const network_address *address);
void address_format(const network_address *address, char text[ADDRESS_TEXT]);

/* The size of the part that its family uses, as the system's calls want it. */
socklen_t address_size(const network_address *address);

#endif

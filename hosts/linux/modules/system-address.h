/*
 * Addresses as the kernel's calls want them.
 */
#ifndef SYSTEM_ADDRESS_H
#define SYSTEM_ADDRESS_H

#include <netinet/in.h>

#include "address.h"

typedef union {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
} system_address;

/* Returns the size of the part that its family uses. */
socklen_t system_address_set(system_address *system, const network_address *address);
/* False if it is of neither family. */
bool system_address_get(const struct sockaddr *system, network_address *address);

#endif

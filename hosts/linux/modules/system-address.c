#include "system-address.h"

#include <string.h>

socklen_t system_address_set(system_address *system, const network_address *address)
{
	memset(system, 0, sizeof(*system));
	if (address->family == ADDRESS_IPV6) {
		system->v6.sin6_family = AF_INET6;
		system->v6.sin6_port = htons(address->port);
		memcpy(&system->v6.sin6_addr, address->bytes, sizeof(system->v6.sin6_addr));
		return sizeof(system->v6);
	}
	system->v4.sin_family = AF_INET;
	system->v4.sin_port = htons(address->port);
	memcpy(&system->v4.sin_addr, address->bytes, sizeof(system->v4.sin_addr));
	return sizeof(system->v4);
}

bool system_address_get(const struct sockaddr *system, network_address *address)
{
	memset(address, 0, sizeof(*address));
	if (system->sa_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, system, sizeof(v4));
		address->family = ADDRESS_IPV4;
		address->port = ntohs(v4.sin_port);
		memcpy(address->bytes, &v4.sin_addr, sizeof(v4.sin_addr));
		return true;
	}
	if (system->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, system, sizeof(v6));
		address->family = ADDRESS_IPV6;
		address->port = ntohs(v6.sin6_port);
		memcpy(address->bytes, &v6.sin6_addr, sizeof(v6.sin6_addr));
		return true;
	}
	return false;
}

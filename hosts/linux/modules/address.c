#include "address.h"

#include <arpa/inet.h>
#include <string.h>

bool address_parse(network_address *address, const char *text)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1)
		address->any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1)
		address->any.sa_family = AF_INET6;
	else
		return false;
	return true;
}

void address_set_port(network_address *address, uint16_t port)
{
	if (address->any.sa_family == AF_INET6)
		address->v6.sin6_port = htons(port);
	else
		address->v4.sin_port = htons(port);
}

uint16_t address_port(const network_address *address)
{
	return ntohs(address->any.sa_family == AF_INET6 ? address->v6.sin6_port : address->v4.sin_port);
}

void address_format(const network_address *address, char text[ADDRESS_TEXT])
{
	const void *source = &address->v4.sin_addr;
	if (address->any.sa_family == AF_INET6)
		source = &address->v6.sin6_addr;
	text[0] = 0;
	inet_ntop(address->any.sa_family, source, text, ADDRESS_TEXT);
}

socklen_t address_size(const network_address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof(address->v6) : sizeof(address->v4);
}

#include "address.h"

#include <arpa/inet.h>
#include <string.h>

_Static_assert(ADDRESS_TEXT >= INET6_ADDRSTRLEN, "the longest literal");

bool address_parse(network_address *address, const char *text)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, address->bytes) == 1)
		address->family = ADDRESS_IPV4;
	else if (inet_pton(AF_INET6, text, address->bytes) == 1)
		address->family = ADDRESS_IPV6;
	else
		return false;
	return true;
}

void address_format(const network_address *address, char text[ADDRESS_TEXT])
{
	text[0] = 0;
	inet_ntop(address->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET, address->bytes, text, ADDRESS_TEXT);
}

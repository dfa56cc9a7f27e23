#include "address.h"

#include <stdio.h>
#include <string.h>

/* Four decimal numbers, as inet_pton reads them: no other notation, no zeros in front. The network has no IPv6. */
bool address_parse(network_address *address, const char *text)
{
	memset(address, 0, sizeof(*address));
	for (int i = 0; i < 4; i++) {
		unsigned value = 0;
		int digits = 0;
		for (; *text >= '0' && *text <= '9'; text++) {
			value = value * 10 + (unsigned)(*text - '0');
			if (value > 255 || (digits++ && value < 10))
				return false;
		}
		if (!digits || *text != (i < 3 ? '.' : 0))
			return false;
		text++;
		address->bytes[i] = (uint8_t)value;
	}
	address->family = ADDRESS_IPV4;
	return true;
}

void address_format(const network_address *address, char text[ADDRESS_TEXT])
{
	const uint8_t *bytes = address->bytes;
	snprintf(text, ADDRESS_TEXT, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

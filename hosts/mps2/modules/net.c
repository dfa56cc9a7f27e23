/*
 * Net.get: the board's fixed addresses. What only Wi-Fi has is undefined.
 */
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "network.h"

void xs_net_get(xsMachine *the)
{
	const char *what = xsmcToString(xsArg(0));
	const uint8_t *mac = network_mac;

	if (!strcmp(what, "IP"))
		xsmcSetString(xsResult, NETWORK_ADDRESS);
	else if (!strcmp(what, "MAC")) {
		char text[18];
		snprintf(text, sizeof(text), "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
		xsmcSetString(xsResult, text);
	}
	else if (!strcmp(what, "DNS")) {
		xsmcVars(1);
		xsmcSetNewArray(xsResult, 0);
		xsmcSetString(xsVar(0), NETWORK_NAME_SERVER);
		xsmcSetIndex(xsResult, 0, xsVar(0));
	}
}

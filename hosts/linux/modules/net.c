/*
 * Net.get: the address, hardware address and name servers of the machine. What only Wi-Fi has is undefined.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

#include "device.h"

/* The IPv4 address of the first interface that is up; a loopback one only if there is no other. */
static bool net_find_ip(char text[INET_ADDRSTRLEN])
{
	struct ifaddrs *all, *each;
	bool found = false;
	if (getifaddrs(&all) < 0)
		return false;
	for (each = all; each; each = each->ifa_next) {
		bool loopback = each->ifa_flags & IFF_LOOPBACK;
		if (!each->ifa_addr || each->ifa_addr->sa_family != AF_INET || !(each->ifa_flags & IFF_UP) || (loopback && found))
			continue;
		struct sockaddr_in *address = (struct sockaddr_in *)(void *)each->ifa_addr;
		inet_ntop(AF_INET, &address->sin_addr, text, INET_ADDRSTRLEN);
		found = true;
		if (!loopback)
			break;
	}
	freeifaddrs(all);
	return found;
}

static bool net_find_mac(char text[18])
{
	struct ifaddrs *all, *each;
	bool found = false;
	if (getifaddrs(&all) < 0)
		return false;
	for (each = all; each && !found; each = each->ifa_next) {
		if (!each->ifa_addr || each->ifa_addr->sa_family != AF_PACKET || (each->ifa_flags & IFF_LOOPBACK))
			continue;
		struct sockaddr_ll *link = (struct sockaddr_ll *)(void *)each->ifa_addr;
		if (link->sll_halen != 6)
			continue;
		const unsigned char *mac = link->sll_addr;
		snprintf(text, 18, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
		found = true;
	}
	freeifaddrs(all);
	return found;
}

static void net_get_dns(xsMachine *the)
{
	struct __res_state state;
	memset(&state, 0, sizeof(state));
	xsmcVars(1);
	xsmcSetNewArray(xsResult, 0);
	if (res_ninit(&state) < 0)
		return;
	int count = state.nscount;
	struct sockaddr_in servers[MAXNS];
	memcpy(servers, state.nsaddr_list, sizeof(servers));
	res_nclose(&state);
	for (int i = 0, n = 0; i < count && i < MAXNS; i++) {
		char text[INET_ADDRSTRLEN];
		if (servers[i].sin_family != AF_INET || !inet_ntop(AF_INET, &servers[i].sin_addr, text, sizeof(text)))
			continue;
		xsmcSetString(xsVar(0), text);
		xsmcSetIndex(xsResult, n++, xsVar(0));
	}
}

void xs_net_get(xsMachine *the)
{
	const char *what = xsmcToString(xsArg(0));
	char text[INET_ADDRSTRLEN > 18 ? INET_ADDRSTRLEN : 18];

	if (!strcmp(what, "IP")) {
		if (net_find_ip(text))
			xsmcSetString(xsResult, text);
	}
	else if (!strcmp(what, "MAC")) {
		if (net_find_mac(text))
			xsmcSetString(xsResult, text);
	}
	else if (!strcmp(what, "DNS"))
		net_get_dns(the);
}

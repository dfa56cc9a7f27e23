/*
 * A network of one board, for counting what it costs to bring a message. The transceiver of the Ethernet chip gives back what is sent, and
 * with the addresses of the two ends exchanged, which no checksum notices, it is what the other end would send. A question of ARP becomes
 * its answer in the same way.
 */
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/tcp.h"
#include "netif/ethernet.h"

#include "device.h"
#include "lan9118.h"

/* Called for a segment to either end: what lwIP does from here on is for that one, as the counter of ../counter is told. */
void mirror_to_client(void);
void mirror_to_server(void);

__attribute__((noinline)) void mirror_to_client(void)
{
	__asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void mirror_to_server(void)
{
	__asm__ volatile("" ::: "memory");
}

/* The client's port is one that lwIP chose. */
#define MIRROR_CHOSEN 0xC000

static void mirror_exchange(void *one, void *other)
{
	uint8_t bytes[4];
	memcpy(bytes, one, sizeof(bytes));
	memcpy(one, other, sizeof(bytes));
	memcpy(other, bytes, sizeof(bytes));
}

static err_t mirror_input(struct pbuf *frame, struct netif *interface)
{
	/* All headers are in the first buffer of a frame. */
	struct eth_hdr *header = frame->payload;
	if (header->type == PP_HTONS(ETHTYPE_IP)) {
		struct ip_hdr *packet = (struct ip_hdr *)(header + 1);
		mirror_exchange(&packet->src, &packet->dest);
		const struct tcp_hdr *segment = (const struct tcp_hdr *)((uint8_t *)packet + IPH_HL_BYTES(packet));
		if (lwip_ntohs(segment->dest) < MIRROR_CHOSEN)
			mirror_to_server();
		else
			mirror_to_client();
	}
	else if (header->type == PP_HTONS(ETHTYPE_ARP)) {
		struct etharp_hdr *packet = (struct etharp_hdr *)(header + 1);
		packet->opcode = PP_HTONS(ARP_REPLY);
		mirror_exchange(&packet->sipaddr, &packet->dipaddr);
	}
	return ethernet_input(frame, interface);
}

void xs_mirror_begin(xsMachine *the)
{
	lan9118_loop_back();
	netif_default->input = mirror_input;
}

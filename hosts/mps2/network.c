#include "network.h"

#include <errno.h>
#include <string.h>

#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/memp.h"
#include "lwip/netif.h"
#include "lwip/priv/memp_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#include "board.h"
#include "clock.h"
#include "failure.h"
#include "lan9118.h"
#include "loop.h"
#include "stream-connection.h"

#define NETWORK_PORTS 16

/* Locally administered. */
const uint8_t network_mac[6] = { 0x02, 0x78, 0x73, 0x00, 0x00, 0x01 };

static struct netif network_interface;
static uint16_t network_ports[NETWORK_PORTS];
static unsigned network_port_count, network_port_next;

/* ---- what lwIP asks for ---- */

u32_t sys_now(void)
{
	return (u32_t)(loop_now_us() / 1000);
}

void network_broken(const char *what)
{
	failure("the network broke: %s", what);
}

static err_t network_send(struct netif *interface, struct pbuf *frame)
{
	(void)interface;
	return lan9118_send(frame);
}

static err_t network_start(struct netif *interface)
{
	interface->name[0] = 'e';
	interface->name[1] = 'n';
	interface->output = etharp_output;
	interface->linkoutput = network_send;
	interface->mtu = 1500;
	interface->hwaddr_len = sizeof(network_mac);
	memcpy(interface->hwaddr, network_mac, sizeof(network_mac));
	interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP;
	return ERR_OK;
}

/* ---- life ---- */

static void network_update_link(void)
{
	if (lan9118_link())
		netif_set_link_up(&network_interface);
	else
		netif_set_link_down(&network_interface);
}

static void network_parse(const char *text, ip4_addr_t *address)
{
	if (!ip4addr_aton(text, address))
		network_broken(text);
}

bool network_open(void)
{
	ip4_addr_t address, mask, gateway;
	ip_addr_t server;

	if (!lan9118_open(network_mac))
		return false;
	board_enable_interrupt(BOARD_ETHERNET_INTERRUPT);
	lwip_init();
	network_parse(NETWORK_ADDRESS, &address);
	network_parse(NETWORK_MASK, &mask);
	network_parse(NETWORK_GATEWAY, &gateway);
	network_parse(NETWORK_NAME_SERVER, &server);
	netif_add(&network_interface, &address, &mask, &gateway, NULL, network_start, ethernet_input);
	netif_set_default(&network_interface);
	netif_set_up(&network_interface);
	network_update_link();
	dns_setserver(0, &server);
	return true;
}

bool network_poll(void)
{
	struct pbuf *frame;
	bool came = network_interface.loop_first;

	if (lan9118_link_changed())
		network_update_link();
	lan9118_acknowledge();
	while ((frame = lan9118_receive())) {
		came = true;
		if (network_interface.input(frame, &network_interface) != ERR_OK)
			pbuf_free(frame);
	}
	netif_poll(&network_interface);
	/* What lwIP does when time has passed may be of matter to the loop, too. */
	came = came || !sys_timeouts_sleeptime();
	sys_check_timeouts();
	return came;
}

uint32_t network_sleep_ms(void)
{
	return network_interface.loop_first ? 0 : sys_timeouts_sleeptime();
}

static bool network_owes(void)
{
	for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
		if (pcb->unsent || pcb->unacked)
			return true;
	return stream_lingers() || network_interface.loop_first;
}

void network_finish(uint32_t patience_ms)
{
	uint32_t start = sys_now();
	for (uint32_t passed = 0; network_owes() && passed < patience_ms; passed = sys_now() - start)
		if (!network_poll())
			clock_sleep(LWIP_MIN(network_sleep_ms(), patience_ms - passed));
}

/* ---- addresses and ports ---- */

void network_set_ports(const uint16_t *ports, unsigned count)
{
	network_port_count = count < NETWORK_PORTS ? count : NETWORK_PORTS;
	memcpy(network_ports, ports, network_port_count * sizeof(network_ports[0]));
}

static bool network_listens(uint16_t port)
{
	for (const struct tcp_pcb_listen *pcb = tcp_listen_pcbs.listen_pcbs; pcb; pcb = pcb->next)
		if (pcb->local_port == port)
			return true;
	return false;
}

uint16_t network_free_port(void)
{
	for (unsigned i = 0; i < network_port_count; i++) {
		uint16_t port = network_ports[network_port_next++ % network_port_count];
		if (!network_listens(port))
			return port;
	}
	return 0;
}

/* The machine's own listener at one of the board's ports leads back here. */
static bool network_owns(uint16_t port)
{
	for (unsigned i = 0; i < network_port_count; i++)
		if (network_ports[i] == port)
			return true;
	return network_listens(port);
}

bool network_to_ip(const network_address *address, ip_addr_t *ip)
{
	IP4_ADDR(ip, address->bytes[0], address->bytes[1], address->bytes[2], address->bytes[3]);
	if (ip4_addr_isloopback(ip))
		*ip = network_owns(address->port) ? *netif_ip4_addr(&network_interface) : *netif_ip4_gw(&network_interface);
	return !ip4_addr_isany(ip) && !ip4_addr_ismulticast(ip) && !ip4_addr_isbroadcast(ip, &network_interface);
}

void network_from_ip(network_address *address, const ip_addr_t *ip, uint16_t port)
{
	bool here = ip4_addr_cmp(ip, netif_ip4_addr(&network_interface)) || ip4_addr_cmp(ip, netif_ip4_gw(&network_interface));
	uint32_t bytes = here ? PP_HTONL(IPADDR_LOOPBACK) : ip4_addr_get_u32(ip);
	*address = (network_address){ .family = ADDRESS_IPV4, .port = port };
	memcpy(address->bytes, &bytes, sizeof(bytes));
}

int network_errno(err_t error)
{
	switch (error) {
	case ERR_OK:
		return 0;
	case ERR_MEM:
	case ERR_BUF:
		return ENOMEM;
	case ERR_RTE:
		return EHOSTUNREACH;
	case ERR_USE:
		return EADDRINUSE;
	case ERR_ABRT:
	case ERR_TIMEOUT:
		return ETIMEDOUT; /* lwIP gives up a connection for no other reason */
	default:
		return ECONNRESET;
	}
}

/* ---- the report ---- */

bool network_get_region(unsigned index, network_region *region)
{
	const struct memp_desc *pool = index && index <= MEMP_MAX ? memp_pools[index - 1] : NULL;
	if (index && !pool)
		return false;
	const struct stats_mem *stats = pool ? pool->stats : &lwip_stats.mem;
	region->name = pool ? pool->desc : "heap";
	region->unit_bytes = pool ? pool->size : 1;
	region->total = stats->avail;
	region->used = stats->used;
	region->peak = stats->max;
	region->refused = stats->err;
	return true;
}

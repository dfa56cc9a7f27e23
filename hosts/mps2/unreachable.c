#include "unreachable.h"

#include <stdbool.h>
#include <stdint.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/icmp.h"
#include "lwip/prot/ip4.h"

/* RFC 792: behind ICMP's header the packet that did not arrive, its IP header and its first eight bytes: for TCP the ports and the
 * sequence number, by which it is known to be ours (RFC 5927, 4.1). */
typedef struct {
	ip4_addr_p_t local, remote;
	uint16_t local_port, remote_port;
	uint32_t sequence;
} unreachable_connection;

/* RFC 1122, 4.2.3.9: the network, the host, the protocol or the port. The others are no reason to give up. */
#define UNREACHABLE_LAST_CODE ICMP_DUR_PORT

static bool unreachable_read(const struct pbuf *packet, unreachable_connection *it)
{
	struct ip_hdr ip;
	struct icmp_echo_hdr icmp; /* as long as the header that is wanted */
	pbuf_copy_partial(packet, &ip, IP_HLEN, 0);
	u16_t at = IPH_HL_BYTES(&ip);
	if (pbuf_copy_partial(packet, &icmp, sizeof(icmp), at) != sizeof(icmp) || icmp.type != ICMP_DUR ||
		icmp.code > UNREACHABLE_LAST_CODE)
		return false;
	at = (u16_t)(at + sizeof(icmp));
	if (pbuf_copy_partial(packet, &ip, IP_HLEN, at) != IP_HLEN || IPH_PROTO(&ip) != IP_PROTO_TCP)
		return false;
	at = (u16_t)(at + IPH_HL_BYTES(&ip));
	struct {
		uint16_t local_port, remote_port;
		uint32_t sequence;
	} tcp;
	if (pbuf_copy_partial(packet, &tcp, sizeof(tcp), at) != sizeof(tcp))
		return false;
	*it = (unreachable_connection){ .local = ip.src,
		.remote = ip.dest,
		.local_port = lwip_ntohs(tcp.local_port),
		.remote_port = lwip_ntohs(tcp.remote_port),
		.sequence = lwip_ntohl(tcp.sequence) };
	return true;
}

int unreachable_input(const struct pbuf *packet)
{
	unreachable_connection lost;
	const struct ip_hdr *ip = packet->payload;
	/* Every packet comes by here: most have nothing to do with it. */
	if (packet->len < IP_HLEN || IPH_PROTO(ip) != IP_PROTO_ICMP || !unreachable_read(packet, &lost))
		return 0;
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next) {
		if (pcb->state != SYN_SENT || pcb->local_port != lost.local_port || pcb->remote_port != lost.remote_port ||
			pcb->lastack != lost.sequence || ip4_addr_get_u32(&pcb->remote_ip) != lost.remote.addr ||
			ip4_addr_get_u32(&pcb->local_ip) != lost.local.addr)
			continue;
		/* Its owner is told why, which tcp_abort() would not. */
		tcp_err_fn told = pcb->errf;
		void *owner = pcb->callback_arg;
		tcp_err(pcb, NULL);
		tcp_abandon(pcb, 0);
		if (told)
			told(owner, ERR_RTE);
		break;
	}
	return 0;
}

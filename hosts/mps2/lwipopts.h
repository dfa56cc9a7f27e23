/*
 * How lwIP is built for this board: one thread, IPv4, TCP and DNS. All of its memory is static.
 *
 * Two sizes, each figure of which the compiler's command line may replace: the small one is for a firmware that has 64 KB of RAM
 * altogether and a connection or two, NETWORK_LARGE for tests that play both ends of many and expect the Pico W's buffers.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#ifdef NETWORK_LARGE
#define NETWORK_DEFAULT(small, large) large
#else
#define NETWORK_DEFAULT(small, large) small
#endif

/* TCP's maximum segment: in the small size 1 KB of payload and its frame's header fit into one. */
#ifndef NETWORK_SEGMENT
#define NETWORK_SEGMENT NETWORK_DEFAULT(1200, 1460)
#endif
/* The receive window of a connection, in segments. The chip holds six: a peer that sends more at once loses the rest. */
#ifndef NETWORK_WINDOW
#define NETWORK_WINDOW NETWORK_DEFAULT(2, 6)
#endif
/* The send buffer of a connection, in segments. */
#ifndef NETWORK_SEND
#define NETWORK_SEND NETWORK_DEFAULT(2, 8)
#endif
/* Connections with their send buffers: those that are open, that wait to be accepted, or whose last bytes are under way. */
#ifndef NETWORK_STREAMS
#define NETWORK_STREAMS NETWORK_DEFAULT(2, 24)
#endif
/* The same and those whose end is under way; ones that only wait for their last packets to die make room. */
#ifndef NETWORK_CONNECTIONS
#define NETWORK_CONNECTIONS NETWORK_DEFAULT(4, 32)
#endif
#ifndef NETWORK_LISTENERS
#define NETWORK_LISTENERS NETWORK_DEFAULT(1, 8)
#endif
/* Connections that wait at a listener; the next ones' peers have to try again. */
#ifndef NETWORK_BACKLOG
#define NETWORK_BACKLOG NETWORK_DEFAULT(2, 16)
#endif
/* Buffers that frames are received into, of 256 bytes each: short frames take one, long ones a chain. */
#ifndef NETWORK_BUFFERS
#define NETWORK_BUFFERS NETWORK_DEFAULT(13, 256)
#endif
/* The heap: headers of segments that are under way, and what the device sends to itself. */
#ifndef NETWORK_HEAP
#define NETWORK_HEAP NETWORK_DEFAULT(1088, 42 * 1024)
#endif

/* ---- one thread, no operating system ---- */

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0

/* ---- protocols ---- */

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define IP_FRAG 0
#define IP_REASSEMBLY 0
#define LWIP_ICMP 1
#define LWIP_RAW 0
#define LWIP_DNS 1
#define DNS_TABLE_SIZE NETWORK_DEFAULT(2, 4)
#define DNS_MAX_NAME_LENGTH NETWORK_DEFAULT(128, 256)
#define DNS_MAX_SERVERS 1
#define LWIP_TCP_KEEPALIVE 1
#define TCP_LISTEN_BACKLOG 1
#define SO_REUSE 1

/* An unreachable host fails a connection that is being made at once: see unreachable.c. */
#define LWIP_HOOK_FILENAME "unreachable.h"
#define LWIP_HOOK_IP4_INPUT(frame, interface) unreachable_input(frame)

/* ---- the one interface ---- */

#define LWIP_SINGLE_NETIF 1
#define LWIP_NETIF_LOOPBACK 1
#define ARP_TABLE_SIZE 4
#define ARP_QUEUEING 0
/* Keeps the words of IP's header and what follows it where the processor reads words. */
#define ETH_PAD_SIZE 2

/* The way to add up that reads words. */
#define LWIP_CHKSUM_ALGORITHM 3

/* ---- memory ---- */

#define MEM_ALIGNMENT 4
#define MEM_SIZE NETWORK_HEAP
#define MEMP_NUM_TCP_PCB NETWORK_CONNECTIONS
#define MEMP_NUM_TCP_PCB_LISTEN NETWORK_LISTENERS
#define MEMP_NUM_UDP_PCB DNS_TABLE_SIZE
#define MEMP_USE_CUSTOM_POOLS 1
/* stream.c checks it. */
#define NETWORK_STREAM_BYTES (TCP_SND_BUF + 128)
#define PBUF_POOL_SIZE NETWORK_BUFFERS
#define PBUF_POOL_BUFSIZE 256

#define TCP_MSS NETWORK_SEGMENT
#define TCP_WND (NETWORK_WINDOW * NETWORK_SEGMENT)
#define TCP_SND_BUF (NETWORK_SEND * NETWORK_SEGMENT)
/* Each segment under way takes a header and a reference to the bytes, two where they wrap around in the send buffer. */
#define TCP_SND_QUEUELEN (6 * NETWORK_SEND)
#define MEMP_NUM_TCP_SEG NETWORK_DEFAULT(TCP_SND_QUEUELEN, 4 * TCP_SND_QUEUELEN)
#define MEMP_NUM_PBUF NETWORK_DEFAULT(TCP_SND_QUEUELEN, 4 * TCP_SND_QUEUELEN)
/* What is sent is referred to in the stream's buffer, never copied, so nothing is allocated ahead. */
#define TCP_OVERSIZE 0

/* ---- what the report reads ---- */

#define LWIP_STATS 1
#define LWIP_STATS_DISPLAY 1 /* for the names of the pools; the linker drops the rest */
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 0
#define ICMP_STATS 0
#define UDP_STATS 0
#define TCP_STATS 0

#endif

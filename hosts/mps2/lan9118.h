/*
 * The SMSC LAN9118 of the board: frames go straight between lwIP's buffers and the chip's FIFOs, no other buffer in RAM. Nothing here
 * is called from an interrupt; the chip's request line only ends WFI.
 */
#ifndef LAN9118_H
#define LAN9118_H

#include <stdbool.h>
#include <stdint.h>

#include "lwip/err.h"
#include "lwip/pbuf.h"

typedef struct {
	uint32_t received;
	uint32_t sent;
	uint32_t dropped; /* frames that were damaged, or came when there was no buffer left */
} lan9118_counters;

/* Resets the chip, gives it this hardware address and lets it receive. False if there is no such chip. */
bool lan9118_open(const uint8_t mac[6]);

/* Before receiving: what came from here on ends the next WFI. */
void lan9118_acknowledge(void);

/* The frame that waited longest, ETH_PAD_SIZE bytes of nothing before it; NULL if there is none. */
struct pbuf *lan9118_receive(void);

/* Sends a frame that lwIP has prepared. ERR_BUF if the chip has no room for it now: TCP sends it again. */
err_t lan9118_send(const struct pbuf *frame);

/* Whether the cable is plugged in. Costs a few slow reads: ask when lan9118_link_changed(). */
bool lan9118_link(void);
bool lan9118_link_changed(void);

/* From now on what is sent is received here, and goes nowhere else. */
void lan9118_loop_back(void);

const lan9118_counters *lan9118_count(void);

#endif

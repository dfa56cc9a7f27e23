#include "lan9118.h"

#include "board.h"

#define LAN9118_AT(offset) (*(volatile uint32_t *)(BOARD_ETHERNET + (offset)))

/* The chip's registers. */
#define RX_DATA LAN9118_AT(0x00)
#define TX_DATA LAN9118_AT(0x20)
#define RX_STATUS LAN9118_AT(0x40)
#define TX_STATUS LAN9118_AT(0x48)
#define ID_REV LAN9118_AT(0x50)
#define IRQ_CFG LAN9118_AT(0x54)
#define INT_STS LAN9118_AT(0x58)
#define INT_EN LAN9118_AT(0x5c)
#define BYTE_TEST LAN9118_AT(0x64)
#define FIFO_INT LAN9118_AT(0x68)
#define RX_CFG LAN9118_AT(0x6c)
#define TX_CFG LAN9118_AT(0x70)
#define HW_CFG LAN9118_AT(0x74)
#define RX_FIFO_INF LAN9118_AT(0x7c)
#define TX_FIFO_INF LAN9118_AT(0x80)
#define MAC_CSR_CMD LAN9118_AT(0xa4)
#define MAC_CSR_DATA LAN9118_AT(0xa8)

#define BYTE_TEST_VALUE 0x87654321u
#define ID_LAN9118 0x0118u

#define IRQ_CFG_ENABLED (1u << 8)
#define IRQ_CFG_ACTIVE_HIGH (1u << 4)
#define IRQ_CFG_PUSH_PULL 1u
#define INT_PHY (1u << 18)
#define INT_RX_STATUS_LEVEL (1u << 3)
#define RX_CFG_OFFSET_SHIFT 8
#define TX_CFG_ON (1u << 1)
#define HW_CFG_STORE_AND_FORWARD (1u << 20)
#define HW_CFG_TX_KB_SHIFT 16
#define HW_CFG_RESET 1u
#define RX_STATUS_ERRORS (1u << 15)
#define TX_FIRST (1u << 13)
#define TX_LAST (1u << 12)
#define TX_OFFSET_SHIFT 16

/* Registers behind MAC_CSR_CMD. */
#define MAC_CR 1u
#define MAC_ADDRH 2u
#define MAC_ADDRL 3u
#define MAC_MII_ACC 6u
#define MAC_MII_DATA 7u
#define MAC_BUSY (1u << 31)
#define MAC_READ (1u << 30)
#define MAC_CR_FULL_DUPLEX (1u << 20)
#define MAC_CR_TRANSMIT (1u << 3)
#define MAC_CR_RECEIVE (1u << 2)

/* Registers of the transceiver, behind MAC_MII_ACC. */
#define MII_ADDRESS (1u << 11)
#define MII_WRITE (1u << 1)
#define MII_BUSY 1u
#define PHY_CONTROL 0u
#define PHY_STATUS 1u
#define PHY_INTERRUPT_SOURCE 29u
#define PHY_INTERRUPT_MASK 30u
#define PHY_CONTROL_LOOPBACK (1u << 14)
#define PHY_CONTROL_NEGOTIATE (1u << 12 | 1u << 9)
#define PHY_STATUS_LINK (1u << 2)
#define PHY_INTERRUPT_UP (1u << 6)
#define PHY_INTERRUPT_DOWN (1u << 4)

/* Memory of the chip for sending, of 16 KB; 10,560 bytes are then left for what it receives. */
#define TX_FIFO_KB 5u

/* Each frame ends in a checksum that the chip has looked at. */
#define FCS_SIZE 4u

/* A frame with TCP's header and its options, and nothing behind it. */
#define LAN9118_SHORT (ETH_PAD_SIZE + 14 + 20 + 20 + 12)

static lan9118_counters lan9118_counts;

/* ---- slow registers ---- */

static void mac_write(uint32_t which, uint32_t value)
{
	MAC_CSR_DATA = value;
	MAC_CSR_CMD = MAC_BUSY | which;
	while (MAC_CSR_CMD & MAC_BUSY)
		;
}

static uint32_t mac_read(uint32_t which)
{
	MAC_CSR_CMD = MAC_BUSY | MAC_READ | which;
	while (MAC_CSR_CMD & MAC_BUSY)
		;
	return MAC_CSR_DATA;
}

static uint32_t phy_read(uint32_t which)
{
	mac_write(MAC_MII_ACC, MII_ADDRESS | which << 6 | MII_BUSY);
	while (mac_read(MAC_MII_ACC) & MII_BUSY)
		;
	return mac_read(MAC_MII_DATA);
}

static void phy_write(uint32_t which, uint32_t value)
{
	mac_write(MAC_MII_DATA, value);
	mac_write(MAC_MII_ACC, MII_ADDRESS | which << 6 | MII_WRITE | MII_BUSY);
	while (mac_read(MAC_MII_ACC) & MII_BUSY)
		;
}

/* ---- life ---- */

bool lan9118_open(const uint8_t mac[6])
{
	if (BYTE_TEST != BYTE_TEST_VALUE || ID_REV >> 16 != ID_LAN9118)
		return false;
	HW_CFG = HW_CFG_RESET;
	while (HW_CFG & HW_CFG_RESET)
		;
	HW_CFG = HW_CFG_STORE_AND_FORWARD | TX_FIFO_KB << HW_CFG_TX_KB_SHIFT;
	mac_write(MAC_ADDRL, mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 | (uint32_t)mac[3] << 24);
	mac_write(MAC_ADDRH, mac[4] | (uint32_t)mac[5] << 8);
	phy_write(PHY_INTERRUPT_MASK, PHY_INTERRUPT_UP | PHY_INTERRUPT_DOWN);
	phy_write(PHY_CONTROL, PHY_CONTROL_NEGOTIATE);

	RX_CFG = ETH_PAD_SIZE << RX_CFG_OFFSET_SHIFT;
	TX_CFG = TX_CFG_ON;
	/* A request for every frame, and for every change of the link. */
	FIFO_INT = 0;
	INT_STS = ~0u;
	INT_EN = INT_RX_STATUS_LEVEL | INT_PHY;
	IRQ_CFG = IRQ_CFG_ENABLED | IRQ_CFG_ACTIVE_HIGH | IRQ_CFG_PUSH_PULL;
	mac_write(MAC_CR, MAC_CR_FULL_DUPLEX | MAC_CR_TRANSMIT | MAC_CR_RECEIVE);
	return true;
}

void lan9118_acknowledge(void)
{
	/* The chip first: its line has to be low when the processor forgets the request, else the next frame makes no edge. */
	INT_STS = INT_RX_STATUS_LEVEL;
	board_clear_interrupt(BOARD_ETHERNET_INTERRUPT);
}

bool lan9118_link(void)
{
	(void)phy_read(PHY_INTERRUPT_SOURCE); /* forgets the change */
	(void)phy_read(PHY_STATUS);           /* a link that was lost is told once */
	return phy_read(PHY_STATUS) & PHY_STATUS_LINK;
}

bool lan9118_link_changed(void)
{
	return INT_STS & INT_PHY;
}

void lan9118_loop_back(void)
{
	phy_write(PHY_CONTROL, PHY_CONTROL_LOOPBACK);
}

const lan9118_counters *lan9118_count(void)
{
	return &lan9118_counts;
}

/* ---- receiving ---- */

/* Reads count words of the FIFO; a frame's words have to be read to the last. */
static void lan9118_take(uint32_t *words, uint32_t count)
{
	for (; count >= 4; count -= 4, words += 4) {
		words[0] = RX_DATA;
		words[1] = RX_DATA;
		words[2] = RX_DATA;
		words[3] = RX_DATA;
	}
	while (count--)
		*words++ = RX_DATA;
}

static void lan9118_skip(uint32_t count)
{
	while (count--)
		(void)RX_DATA;
}

/*
 * When no buffer is left the frame is lost, for those behind it may be what frees some: the acknowledgements that a sender waits for.
 * These are short, and come through even then, by the heap.
 */
static struct pbuf *lan9118_allocate(uint16_t size)
{
	struct pbuf *frame = pbuf_alloc(PBUF_RAW, size, PBUF_POOL);
	if (!frame && size <= LAN9118_SHORT)
		frame = pbuf_alloc(PBUF_RAW, size, PBUF_RAM);
	return frame;
}

struct pbuf *lan9118_receive(void)
{
	while (RX_FIFO_INF >> 16 & 0xff) {
		uint32_t status = RX_STATUS;
		uint32_t size = (status >> 16 & 0x3fff) + ETH_PAD_SIZE; /* with the checksum */
		uint32_t words = (size + 3) / 4;
		bool good = !(status & RX_STATUS_ERRORS) && size > FCS_SIZE + ETH_PAD_SIZE;
		struct pbuf *frame = good ? lan9118_allocate((uint16_t)(size - FCS_SIZE)) : NULL;
		/* A chain's buffers are whole words long, all but its last, which has room for a whole word. */
		for (struct pbuf *part = frame; part; part = part->next) {
			uint32_t count = (part->len + 3u) / 4;
			lan9118_take(part->payload, count);
			words -= count;
		}
		lan9118_skip(words);
		if (frame) {
			lan9118_counts.received++;
			return frame;
		}
		lan9118_counts.dropped++;
	}
	return NULL;
}

/* ---- sending ---- */

static void lan9118_give(const uint32_t *words, uint32_t count)
{
	for (; count >= 4; count -= 4, words += 4) {
		TX_DATA = words[0];
		TX_DATA = words[1];
		TX_DATA = words[2];
		TX_DATA = words[3];
	}
	while (count--)
		TX_DATA = *words++;
}

/* Bytes of the frame in this part; the first begins with the padding, which stays here. */
static uint32_t lan9118_part(const struct pbuf *frame, const struct pbuf *part, uintptr_t *at)
{
	uint32_t padding = part == frame ? ETH_PAD_SIZE : 0;
	*at = (uintptr_t)part->payload + padding;
	return part->len - padding;
}

/* The words of the chip that a frame takes: two for each part and the part itself, from word to word. */
static uint32_t lan9118_words(const struct pbuf *frame)
{
	uint32_t words = 0;
	uintptr_t at;
	for (const struct pbuf *part = frame; part; part = part->next) {
		uint32_t size = lan9118_part(frame, part, &at);
		words += 2 + ((at & 3) + size + 3) / 4;
	}
	return words;
}

err_t lan9118_send(const struct pbuf *frame)
{
	uint32_t size = (uint32_t)frame->tot_len - ETH_PAD_SIZE, left = size;

	/* What became of the frames before is in a FIFO of its own, which must not run full. */
	while (TX_FIFO_INF >> 16 & 0xff)
		(void)TX_STATUS;
	if ((TX_FIFO_INF & 0xffff) < lan9118_words(frame) * 4)
		return ERR_BUF;
	for (const struct pbuf *part = frame; left; part = part->next) {
		uintptr_t at;
		uint32_t count = lan9118_part(frame, part, &at);
		if (!count)
			continue;
		uint32_t offset = at & 3;
		TX_DATA = offset << TX_OFFSET_SHIFT | (left == size ? TX_FIRST : 0) | (left == count ? TX_LAST : 0) | count;
		TX_DATA = size;
		/* The chip wants whole words, and leaves out what is before the offset and behind the end. */
		lan9118_give((const uint32_t *)(at - offset), (offset + count + 3) / 4);
		left -= count;
	}
	lan9118_counts.sent++;
	return ERR_OK;
}

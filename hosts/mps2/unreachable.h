/*
 * What a router says of a host that it cannot reach. lwIP hears it and goes on trying; a connection that is being made should fail at
 * once, as it does on Linux.
 */
#ifndef UNREACHABLE_H
#define UNREACHABLE_H

#include "lwip/pbuf.h"

/* lwIP's hook: looks at a packet, and leaves it to lwIP. */
int unreachable_input(const struct pbuf *packet);

#endif

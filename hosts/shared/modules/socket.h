/*
 * What the two files of the classic `socket` module share.
 */
#ifndef SOCKET_H
#define SOCKET_H

#include "acceptor.h"
#include "device.h"

/* What the callback of either is told of a connection that is made. */
#define SOCKET_CONNECTED 1

/* Puts the callback of a Socket or a Listener into xsVar(0). It is looked up each time, for it may be assigned at any
 * time. Throws if there is none. */
void socket_get_callback(xsMachine *the, xsSlot *object);

/* The acceptor of a Listener. Throws if it is closed. */
acceptor *socket_listener_acceptor(xsMachine *the, xsSlot *slot);

#endif

/*
 * What the ECMA-419 listener needs of TCP.
 */
#ifndef TCP_H
#define TCP_H

#include "acceptor.h"
#include "device.h"

/* Gives the connection that waited longest, there is one, to slot, a `new TCP` that has none yet. */
void tcp_take(xsMachine *the, xsSlot *slot, acceptor *from);
/* Throws unless slot is such an object. */
void tcp_check_blank(xsMachine *the, xsSlot *slot);

typedef struct {
	xsSlot function;
	bool set;
} tcp_callback;

/* Reads a callback of the options, xsArg(0), into a slot that the collector sees: false if there is none. Throws if it is
 * no function. */
bool tcp_get_callback(xsMachine *the, xsSlot *slot, xsIdentifier id);
void tcp_set_callback(tcp_callback *callback, bool set, const xsSlot *slot);

/* Copies `target` of the options, if it is there, to this. Uses xsVar(0). */
void tcp_set_target(xsMachine *the);

#endif

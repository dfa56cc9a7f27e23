/*
 * Reading options that all kinds of sockets have.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "device.h"

/* Reads `port` of xsArg(0) into *port; false, with nothing changed, if it is not there. Throws if it is no port. Uses
 * xsVar(0). */
bool options_get_port(xsMachine *the, uint16_t *port);

#endif

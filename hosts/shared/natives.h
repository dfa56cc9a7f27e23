/*
 * Natives: the C functions that a module's face names with `method() @ "xs_name"`, found by name.
 *
 * While modules are preloaded there is no device yet: no loop, no sockets, no clock to keep. As with the SDK's linker, a
 * native cannot be called then. Every native has a stand-in, an address that faults, until natives_connect().
 */
#ifndef NATIVES_H
#define NATIVES_H

#include "xsAll.h"

typedef struct natives natives;

/* Finds the natives in the hostsBuffer of a script. Exits the process with a message if the program has one of them not. */
const natives *natives_link(const char *specifier, txS1 *hosts_buffer, const txID *ids);

/* The callback of a script with natives, which the engine calls when it loads the module; and which module that will be,
 * for the engine does not say. */
void natives_of_module(const natives *natives);
void natives_build(txMachine *the);

/* Exchanges the stand-ins for the functions: in what preloaded modules made of them, and for modules loaded later. */
void natives_connect(txMachine *root);

/* The host's: the function of this name, or NULL; the natives of a shared object, if the host knows such; and NATIVES_MOST bytes of
 * address space with nothing in it. */
#define NATIVES_MOST 4096
txCallback natives_lookup(const char *name);
void natives_load(const char *path);
const char *natives_nowhere(void);

/* The name of the native that an address stands in for, or NULL. */
const char *natives_name_of(const void *address);

#endif

/*
 * Names to addresses without blocking the loop: the answer comes from there.
 * Shared by the classic socket, `net` and the ECMA-419 resolver.
 */
#ifndef RESOLVER_H
#define RESOLVER_H

#include "address.h"

typedef struct resolver_lookup resolver_lookup;

/* Told once from the loop; address is NULL if the name has none. The lookup is gone when this returns. */
typedef void (*resolver_done)(void *owner, const network_address *address);

/* NULL with errno set if there is no memory for it. IPv4 addresses are preferred; of a numeric host nobody is asked. */
resolver_lookup *resolver_start(const char *host, void *owner, resolver_done done);

/* The owner will not be told. The lookup is gone when this returns, as far as the caller is concerned. */
void resolver_cancel(resolver_lookup *it);

#endif

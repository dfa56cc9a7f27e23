/*
 * What lwIP asks about the compiler and the platform.
 */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdint.h>

/* The board's: Math.random, port numbers and the names of DNS queries draw from it. */
uint32_t entropy_word(void);
#define LWIP_RAND() entropy_word()

/* A mistake of this firmware, not of a peer: ends the device. */
_Noreturn void network_broken(const char *what);
#define LWIP_PLATFORM_ASSERT(what) network_broken(what)
#define LWIP_PLATFORM_DIAG(arguments) ((void)0)

#endif

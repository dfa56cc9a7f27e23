/*
 * Calls to the machine that emulates this one (Arm's "Semihosting for AArch32 and AArch64"): files, the console, the time, the end.
 */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stddef.h>
#include <stdint.h>

enum {
	SEMIHOSTING_OPEN = 0x01,
	SEMIHOSTING_CLOSE = 0x02,
	SEMIHOSTING_WRITE = 0x05,
	SEMIHOSTING_READ = 0x06,
	SEMIHOSTING_SEEK = 0x0A,
	SEMIHOSTING_FLEN = 0x0C,
	SEMIHOSTING_TIME = 0x11,
	SEMIHOSTING_GET_CMDLINE = 0x15,
	SEMIHOSTING_EXIT_EXTENDED = 0x20,
};

/* The modes of SEMIHOSTING_OPEN: fopen's "rb", "wb" and "ab". Of the console ":tt" they are stdin, stdout and stderr. */
enum { SEMIHOSTING_RB = 1, SEMIHOSTING_WB = 5, SEMIHOSTING_AB = 9 };

/* The argument is a value or the address of a block of words, as the operation has it. */
static inline uintptr_t semihosting_call(uint32_t operation, const void *argument)
{
	register uintptr_t r0 __asm("r0") = operation;
	register const void *r1 __asm("r1") = argument;
	__asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
	return r0;
}

/* A handle, or -1. */
static inline int semihosting_open(const char *path, uint32_t mode)
{
	size_t length = 0;
	while (path[length])
		length++;
	const uintptr_t block[] = { (uintptr_t)path, mode, length };
	return (int)semihosting_call(SEMIHOSTING_OPEN, block);
}

/* How many bytes were not read, or not written. */
static inline size_t semihosting_transfer(uint32_t operation, int handle, void *bytes, size_t count)
{
	const uintptr_t block[] = { (uintptr_t)handle, (uintptr_t)bytes, count };
	return semihosting_call(operation, block);
}

#endif

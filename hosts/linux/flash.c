#include "flash.h"
#include "flash-pages.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "failure.h"

/* Address space, not memory: only the pages that are used exist. */
#define FLASH_SIZE ((size_t)96 << 20)
#define FLASH_ALIGNMENT 16

static uint8_t *flash_start;
static size_t flash_taken;

void flash_open(void)
{
	void *start = mmap(NULL, FLASH_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		failure("cannot reserve %zu MB of address space for the flash", FLASH_SIZE >> 20);
	flash_start = start;
}

void *flash_take(size_t size)
{
	size = (size + FLASH_ALIGNMENT - 1) & ~(size_t)(FLASH_ALIGNMENT - 1);
	if (size > FLASH_SIZE - flash_taken)
		failure("flash full: the app's modules do not fit in %zu MB", FLASH_SIZE >> 20);
	void *taken = flash_start + flash_taken;
	flash_taken += size;
	return taken;
}

void *flash_copy(const void *bytes, size_t size)
{
	void *copy = flash_take(size);
	/* Where there are none of something, there is no array of it, either. */
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

char *flash_copy_string(const char *string)
{
	return flash_copy(string, strlen(string) + 1);
}

void flash_protect(void)
{
	if (mprotect(flash_start, FLASH_SIZE, PROT_READ))
		failure("cannot write-protect the flash");
}

bool flash_contains(const void *address)
{
	return (uintptr_t)address - (uintptr_t)flash_start < FLASH_SIZE;
}

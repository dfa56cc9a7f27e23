/*
 * The device's flash: memory that is written while the firmware is linked and is read-only from then on. The processor
 * enforces it: a write faults, as it would on a microcontroller.
 */
#ifndef FLASH_H
#define FLASH_H

#include <stdbool.h>
#include <stddef.h>

/* Takes size bytes, aligned for any type. Exits the process if the flash is full. */
void *flash_take(size_t size);

/* A copy of the bytes, and of the string. */
void *flash_copy(const void *bytes, size_t size);
char *flash_copy_string(const char *string);

/* Whether an address lies in it. */
bool flash_contains(const void *address);

#endif

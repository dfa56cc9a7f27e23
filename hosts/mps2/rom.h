/*
 * The firmware in the board's flash: the maker fills it, and hands it to the machine around; a board that starts finds it there.
 */
#ifndef ROM_H
#define ROM_H

#include "firmware.h"

/* The firmware that was linked in, or NULL if there is none yet. */
const firmware *rom_firmware(void);
size_t rom_ram(void);
/* What malloc wants of that RAM, beside the arena. */
size_t rom_malloc(void);

/* Bytes that the firmware takes. */
size_t rom_size(void);

/* The maker's: what was taken so far is the flash of this firmware, which has so much RAM, and malloc so much of it. Writes it to
 * a file. */
void rom_write(const firmware *made, size_t ram, size_t malloc_bytes, const char *path);

#endif

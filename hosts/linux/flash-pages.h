/*
 * The Linux device's flash is pages of memory.
 */
#ifndef FLASH_PAGES_H
#define FLASH_PAGES_H

/* Reserves the address space. Exits the process if the kernel gives none. */
void flash_open(void);

/* From now on the flash is read-only. */
void flash_protect(void);

#endif

/*
 * Makes the firmware: links what a link file lists into flash, and writes that to a file. It runs once, on the board that the
 * firmware is for, so that all addresses are what they will be.
 */
#ifndef MAKER_H
#define MAKER_H

/* Does not come back: the board ends, with status 0 once the file is written. */
_Noreturn void maker_run(const char *link_path, const char *rom_path);

#endif

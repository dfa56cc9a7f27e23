/*
 * What is a hard fault on a microcontroller, explained: a write to flash, and a native that a preloaded module calls.
 */
#ifndef FAULT_H
#define FAULT_H

/* Asks for SIGSEGV. Faults of any other cause end as they would without. */
void fault_catch(void);

#endif

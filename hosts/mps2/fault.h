/*
 * What a fault of the processor means, in words, and the end of the device.
 */
#ifndef FAULT_H
#define FAULT_H

/* The vector of all faults. */
void fault_entry(void);

#endif

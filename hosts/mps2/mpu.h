/*
 * The memory protection unit: what a microcontroller's flash refuses, and what lies beyond the RAM it has.
 */
#ifndef MPU_H
#define MPU_H

#include <stddef.h>

/* From now on the code memory is read-only, without what made the firmware, the RAM has so many bytes, is not executed, and nothing else is there but peripherals. */
void mpu_protect(size_t ram);

#endif

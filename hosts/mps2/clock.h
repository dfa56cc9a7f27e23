/*
 * Time: the board's free-running counter, and a timer that ends a sleep.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

void clock_open(void);

/* Sleeps until an interrupt is pending, for at most so long. */
void clock_sleep(uint32_t most_ms);

#endif

#include "clock.h"

#include "board.h"
#include "loop.h"

/* "Application Note AN385, 4.2": a counter that a prescaler drives from the system clock. */
#define CLOCK_COUNTER (*(volatile uint32_t *)(BOARD_FPGAIO + 0x18))
#define CLOCK_PRESCALE (*(volatile uint32_t *)(BOARD_FPGAIO + 0x1C))

/* The SysTick of the ARMv7-M and ARMv8-M architectures. */
#define CLOCK_SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010)
#define CLOCK_SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014)
#define CLOCK_SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018)
#define CLOCK_SYSTICK_MOST 0xFFFFFFu
#define CLOCK_SYSTICK_ON 7u /* counts the processor's clock, and interrupts */
#define CLOCK_ICSR (*(volatile uint32_t *)0xE000ED04)
#define CLOCK_ICSR_CLEAR_SYSTICK (1u << 25)

void clock_open(void)
{
	CLOCK_PRESCALE = BOARD_CLOCK_HZ / 1000000 - 1;
	CLOCK_COUNTER = 0;
}

/* The counter wraps after 71 minutes. The loop looks more often: no sleep is longer than what SysTick counts. */
uint64_t loop_now_us(void)
{
	static uint64_t now_us;
	uint32_t step = CLOCK_COUNTER - (uint32_t)now_us;
	/* A counter that the emulator corrects by a little is no counter that wrapped: time never goes back. */
	if (step < UINT32_MAX / 2)
		now_us += step;
	return now_us;
}

void clock_sleep(uint32_t most_ms)
{
	const uint32_t ticks_per_ms = BOARD_CLOCK_HZ / 1000;
	uint32_t ticks = most_ms < CLOCK_SYSTICK_MOST / ticks_per_ms ? most_ms * ticks_per_ms : CLOCK_SYSTICK_MOST;
	if (!ticks)
		return;
	/*
	 * Started anew for each sleep, also where an interrupt of the network would end it: QEMU looks at the sockets behind its network when
	 * a timer is set, and else half a second later.
	 */
	CLOCK_SYSTICK_RELOAD = ticks;
	CLOCK_SYSTICK_VALUE = 0;
	CLOCK_SYSTICK_CONTROL = CLOCK_SYSTICK_ON;
	__asm volatile("dsb\n wfi" ::: "memory");
	CLOCK_SYSTICK_CONTROL = 0;
	CLOCK_ICSR = CLOCK_ICSR_CLEAR_SYSTICK;
}

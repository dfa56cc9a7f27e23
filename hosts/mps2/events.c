/*
 * What the board waits for: the network, and time.
 */
#include "clock.h"
#include "loop.h"
#include "network.h"

static uint32_t events_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

void events_wait(int patience_ms)
{
	/* lwIP's timers run in there, too, and what they do is told from a task. */
	if (network_poll() || loop_has_tasks() || !patience_ms)
		return;
	clock_sleep(events_least(patience_ms < 0 ? UINT32_MAX : (uint32_t)patience_ms, network_sleep_ms()));
}

void events_wake(void)
{
	/* Nobody but the loop runs here: whoever calls this is called by it. */
}

void events_delay(uint64_t us)
{
	uint64_t end = loop_now_us() + us;
	for (uint64_t now; (now = loop_now_us()) < end;)
		clock_sleep((uint32_t)((end - now + 999) / 1000));
}

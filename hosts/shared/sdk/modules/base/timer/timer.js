/** The SDK's `timer`. Intervals are in milliseconds; natives in hosts/shared/modules/timer.c. */
export default class Timer {
	static set(callback, delay, repeat) @ "xs_timer_set";
	static repeat(callback, repeat) @ "xs_timer_repeat";
	static schedule(timer, delay, repeat) @ "xs_timer_schedule";
	static clear(timer) @ "xs_timer_clear";
	static delay(milliseconds) @ "xs_timer_delay";
}

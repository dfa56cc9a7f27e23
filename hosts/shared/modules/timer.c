/*
 * The SDK's `timer` over the loop.
 *
 * A timer is a host object of two slots whose data is a timer_record. The object and the callback stay remembered, so
 * alive, until the timer is cleared; a repeat calls the callback with slots that exist already and allocates nothing.
 *
 * A repeat keeps to its grid: the next one is due one interval after the last was due, however late that one came. After
 * a stall longer than the interval the ticks that were missed are dropped. (The SDK's timer for ESP and Pico keeps to
 * the grid too, but makes up for the missed ticks, one every pass of its loop: firmware must not count on either.)
 */
#include <stdlib.h>

#include "device.h"

#include "instrumentation.h"

/* The engine has it, but xs.h of XS 13 does not declare it: the data of a host object, NULL for anything else. */
extern void *fxGetHostDataIf(xsMachine *the, xsSlot *slot);

typedef struct timer_record timer_record;

struct timer_record {
	loop_timer timer; /* first, so that a loop_timer is its record */
	timer_record *previous, *next;
	xsSlot self;
	xsSlot callback;
	uint64_t repeat_us;
	bool scheduled; /* false after schedule(id) without intervals: the timer lives on, but has no due time */
	bool firing;
	bool cleared; /* while firing: the record may only be freed once the callback returned */
};

static timer_record *timer_list;

void xs_timer_destructor(void *data);

static void timer_free(timer_record *record)
{
	loop_timer_stop(&record->timer);
	if (record->previous)
		record->previous->next = record->next;
	else
		timer_list = record->next;
	if (record->next)
		record->next->previous = record->previous;
	instrumentation_adjust(INSTRUMENTATION_TIMERS, -1);
	free(record);
}

/* Lets go of the JavaScript side: the object becomes an id that nothing knows. */
static void timer_detach(xsMachine *the, timer_record *record)
{
	xsmcSetHostData(record->self, NULL);
	xsForget(record->self);
	xsForget(record->callback);
}

static void timer_fire(loop_timer *timer)
{
	timer_record *record = (timer_record *)timer;

	/* The next tick is set before the callback runs, so that what the callback says with schedule() holds. */
	if (record->repeat_us) {
		uint64_t now = loop_now_us();
		uint64_t due = timer->due_us + record->repeat_us;
		if (due <= now)
			due += ((now - due) / record->repeat_us + 1) * record->repeat_us;
		loop_timer_start(timer, due, timer_fire);
	}

	record->firing = true;
	xsBeginHost(device_machine);
	{
		xsCallFunction1(xsAccess(record->callback), xsGlobal, xsAccess(record->self));
	}
	xsEndHost(device_machine);
	record->firing = false;

	if (!record->cleared) {
		if (!record->scheduled || record->repeat_us)
			return;
		/* As on the SDK: without a repeat interval when its callback returns, a timer has done its work. */
		timer_detach(device_machine, record);
	}
	timer_free(record);
}

static uint64_t timer_interval_us(xsMachine *the, int index)
{
	xsIntegerValue ms = xsmcArgc > index ? xsmcToInteger(xsArg(index)) : 0;

	return ms > 0 ? (uint64_t)ms * 1000 : 0;
}

static void timer_start(timer_record *record, uint64_t delay_us, uint64_t repeat_us)
{
	record->repeat_us = repeat_us;
	record->scheduled = true;
	loop_timer_start(&record->timer, loop_now_us() + delay_us, timer_fire);
}

static void timer_new(xsMachine *the, uint64_t delay_us, uint64_t repeat_us)
{
	timer_record *record;

	if (!xsmcArgc || !xsmcIsCallable(xsArg(0)))
		xsTypeError("the callback of a timer must be a function");
	xsResult = xsNewHostObject(xs_timer_destructor);
	record = calloc(1, sizeof(timer_record));
	if (!record)
		xsUnknownError("no memory for a timer");
	record->self = xsResult;
	record->callback = xsArg(0);
	record->next = timer_list;
	if (timer_list)
		timer_list->previous = record;
	timer_list = record;
	instrumentation_adjust(INSTRUMENTATION_TIMERS, +1);
	xsmcSetHostData(xsResult, record);
	xsRemember(record->self);
	xsRemember(record->callback);
	timer_start(record, delay_us, repeat_us);
}

/* The record of an argument, NULL if it is not a timer or one that was cleared. The list is what tells a timer from
 * the host objects of other modules: their data is only compared, never looked into. */
static timer_record *timer_find(xsMachine *the)
{
	void *data = xsmcArgc ? fxGetHostDataIf(the, &xsArg(0)) : NULL;
	timer_record *record = NULL;

	if (data)
		for (record = timer_list; record && record != data; record = record->next)
			;
	return record;
}

/* The machine is being deleted: while it lives, a timer's object is remembered and never collected. */
void xs_timer_destructor(void *data)
{
	if (data)
		timer_free(data);
}

void xs_timer_set(xsMachine *the)
{
	uint64_t delay_us = timer_interval_us(the, 1);

	timer_new(the, delay_us, timer_interval_us(the, 2));
}

void xs_timer_repeat(xsMachine *the)
{
	uint64_t repeat_us = timer_interval_us(the, 1);

	timer_new(the, repeat_us, repeat_us);
}

void xs_timer_schedule(xsMachine *the)
{
	/* The intervals first: turning an object into a number runs its code, which may clear the timer. */
	uint64_t delay_us = timer_interval_us(the, 1);
	uint64_t repeat_us = timer_interval_us(the, 2);
	timer_record *record = timer_find(the);

	if (!record)
		xsSyntaxError("Timer.schedule: not a timer, or one that is done");
	if (xsmcArgc > 1)
		timer_start(record, delay_us, repeat_us);
	else {
		loop_timer_stop(&record->timer);
		record->repeat_us = 0;
		record->scheduled = false;
	}
}

/* Says nothing of an id that is not a timer, or no longer one. */
void xs_timer_clear(xsMachine *the)
{
	timer_record *record = timer_find(the);

	if (!record)
		return;
	timer_detach(the, record);
	loop_timer_stop(&record->timer);
	if (record->firing)
		record->cleared = true;
	else
		timer_free(record);
}

/* Blocks the device. */
void xs_timer_delay(xsMachine *the)
{
	events_delay(timer_interval_us(the, 0));
}

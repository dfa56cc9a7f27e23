#include "loop.h"

#include <limits.h>
#include <signal.h>

#include "device.h"

static unsigned loop_held;
static volatile sig_atomic_t loop_stopped;

static loop_timer *loop_timers; /* by due time */
static loop_task *loop_first_task, *loop_last_task;
/* Of the tasks of this turn; NULL when they are done. */
static loop_task *loop_turn_last;

void loop_hold(void)
{
	loop_held++;
}

void loop_release(void)
{
	loop_held--;
}

static void loop_timer_unlink(loop_timer *timer)
{
	if (timer->previous)
		timer->previous->next = timer->next;
	else
		loop_timers = timer->next;
	if (timer->next)
		timer->next->previous = timer->previous;
	timer->started = false;
}

void loop_timer_start(loop_timer *timer, uint64_t due_us, void (*fire)(loop_timer *timer))
{
	if (timer->started)
		loop_timer_unlink(timer);
	loop_timer *previous = NULL, *next = loop_timers;
	while (next && next->due_us <= due_us) {
		previous = next;
		next = next->next;
	}
	timer->due_us = due_us;
	timer->fire = fire;
	timer->previous = previous;
	timer->next = next;
	timer->started = true;
	if (previous)
		previous->next = timer;
	else
		loop_timers = timer;
	if (next)
		next->previous = timer;
}

void loop_timer_stop(loop_timer *timer)
{
	if (timer->started)
		loop_timer_unlink(timer);
}

void loop_defer(loop_task *task, void (*run)(loop_task *task))
{
	if (task->queued)
		return;
	task->run = run;
	task->queued = true;
	task->previous = loop_last_task;
	task->next = NULL;
	if (loop_last_task)
		loop_last_task->next = task;
	else
		loop_first_task = task;
	loop_last_task = task;
}

void loop_task_cancel(loop_task *task)
{
	if (!task->queued)
		return;
	task->queued = false;
	if (task == loop_turn_last)
		loop_turn_last = task->previous;
	if (task->previous)
		task->previous->next = task->next;
	else
		loop_first_task = task->next;
	if (task->next)
		task->next->previous = task->previous;
	else
		loop_last_task = task->previous;
}

bool loop_has_tasks(void)
{
	return loop_first_task != NULL;
}

void loop_stop(void)
{
	loop_stopped = 1;
	events_wake();
}

/* Tasks that a task defers wait for the next turn, so that a chain of them cannot starve the host's events. */
static void loop_run_tasks(void)
{
	loop_turn_last = loop_last_task;
	while (loop_turn_last && !loop_stopped) {
		loop_task *task = loop_first_task;
		loop_task_cancel(task);
		task->run(task);
		device_run_jobs();
	}
}

static void loop_run_timers(void)
{
	uint64_t now = loop_now_us();
	while (loop_timers && loop_timers->due_us <= now && !loop_stopped) {
		loop_timer *timer = loop_timers;
		loop_timer_unlink(timer);
		timer->fire(timer);
		device_run_jobs();
	}
}

static int loop_patience_ms(void)
{
	if (loop_first_task)
		return 0;
	if (!loop_timers)
		return -1;
	uint64_t now = loop_now_us();
	if (loop_timers->due_us <= now)
		return 0;
	uint64_t wait_ms = (loop_timers->due_us - now + 999) / 1000;
	return wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
}

void loop_run(void)
{
	while (!loop_stopped) {
		loop_run_tasks();
		loop_run_timers();
		if (loop_stopped || (!loop_held && !loop_timers && !loop_first_task))
			break;
		events_wait(loop_patience_ms());
	}
}

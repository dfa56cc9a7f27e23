/*
 * The event loop of a device: a sorted list for timers, a list for deferred tasks, and what the host waits for between them.
 *
 * Every structure here is embedded by its owner; the loop allocates nothing and owns nothing. A callback may stop or
 * start any timer or task, its own included; an owner may free its structure once the matching stop returned.
 * The loop runs the promise jobs after each callback, and ends when nothing is left that could wake it.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct loop_timer loop_timer;
typedef struct loop_task loop_task;

struct loop_timer {
	uint64_t due_us;
	void (*fire)(loop_timer *timer);
	loop_timer *previous, *next;
	bool started;
};

struct loop_task {
	void (*run)(loop_task *task);
	loop_task *previous, *next;
	bool queued;
};

/* Runs until loop_stop() or until nothing is left to wait for. A signal handler may call loop_stop(). */
void loop_run(void);
void loop_stop(void);

/* Microseconds since some start: never goes back. The host's. */
uint64_t loop_now_us(void);

/* Fires once at due_us (loop_now_us() + delay). Starting a started timer moves it. Timers due together fire in the
 * order they were started. A started timer keeps the device alive. */
void loop_timer_start(loop_timer *timer, uint64_t due_us, void (*fire)(loop_timer *timer));
void loop_timer_stop(loop_timer *timer);

/* Runs the task from the loop, before it waits again. Deferring a queued task changes nothing. */
void loop_defer(loop_task *task, void (*run)(loop_task *task));
void loop_task_cancel(loop_task *task);

/* Whether a task is queued: for a host whose work may have queued one, before it sleeps. */
bool loop_has_tasks(void);

/* Keeps the device alive for something the loop cannot see, such as a connection that is open. */
void loop_hold(void);
void loop_release(void);

/* The host's: sleeps until one of its events is there, or for so many milliseconds (-1: for ever), and serves one. It runs the
 * promise jobs after a callback. */
void events_wait(int patience_ms);

/* The host's: ends events_wait(), from a signal handler, too. */
void events_wake(void);

/* The host's: nothing happens for so long, and no event is served. A signal ends it early: without that Ctrl-C would wait for it. */
void events_delay(uint64_t us);

#endif

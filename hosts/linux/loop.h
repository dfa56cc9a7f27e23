/*
 * The event loop of the Linux device: epoll for descriptors, a sorted list for timers, a list for deferred tasks.
 * Nothing polls: the process sleeps in epoll_wait until a descriptor is ready, a timer is due or a thread posts.
 *
 * Every structure here is embedded by its owner; the loop allocates nothing and owns nothing. A callback may stop or
 * start any watch, timer or task, its own included; an owner may free its structure once the matching stop returned.
 * The loop runs the promise jobs after each callback, and ends when nothing is left that could wake it.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct loop_watch loop_watch;
typedef struct loop_timer loop_timer;
typedef struct loop_task loop_task;

struct loop_watch {
	int fd;
	uint32_t events;
	void (*ready)(loop_watch *watch, uint32_t events);
};

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

/* Opens the epoll descriptor and the wake-up eventfd. False, with errno set, if the kernel gives none. */
bool loop_open(void);

/* Runs until loop_stop() or until nothing is left to wait for. A signal handler may call loop_stop(). */
void loop_run(void);
void loop_stop(void);

/* Microseconds of CLOCK_MONOTONIC: never goes back. */
uint64_t loop_now_us(void);

/* Watches fd for epoll events; a started watch keeps the device alive. */
void loop_watch_start(loop_watch *watch, int fd, uint32_t events, void (*ready)(loop_watch *watch, uint32_t events));
void loop_watch_update(loop_watch *watch, uint32_t events);
void loop_watch_stop(loop_watch *watch);

/* Fires once at due_us (loop_now_us() + delay). Starting a started timer moves it. Timers due together fire in the
 * order they were started. A started timer keeps the device alive. */
void loop_timer_start(loop_timer *timer, uint64_t due_us, void (*fire)(loop_timer *timer));
void loop_timer_stop(loop_timer *timer);

/* Runs the task from the loop, before it waits again. Deferring a queued task changes nothing. */
void loop_defer(loop_task *task, void (*run)(loop_task *task));
void loop_task_cancel(loop_task *task);

/* For another thread: hands the task to the loop and wakes it. The loop must be kept alive by a loop_hold. A posted task
 * cannot be cancelled, and is its owner's again when it runs. */
void loop_post(loop_task *task, void (*run)(loop_task *task));

/* Keeps the device alive for something the loop cannot see, such as a thread that will post. */
void loop_hold(void);
void loop_release(void);

#endif

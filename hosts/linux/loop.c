#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "failure.h"

static int loop_epoll = -1;
static int loop_wakeup = -1;
static unsigned loop_held;
static volatile sig_atomic_t loop_stopped;

static loop_timer *loop_timers; /* by due time */
static loop_task *loop_first_task, *loop_last_task;

static pthread_mutex_t loop_posted_lock = PTHREAD_MUTEX_INITIALIZER;
static loop_task *loop_posted; /* newest first */

bool loop_open(void)
{
	loop_epoll = epoll_create1(EPOLL_CLOEXEC);
	loop_wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	return loop_epoll >= 0 && loop_wakeup >= 0 && !epoll_ctl(loop_epoll, EPOLL_CTL_ADD, loop_wakeup, &event);
}

uint64_t loop_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

void loop_hold(void)
{
	loop_held++;
}

void loop_release(void)
{
	loop_held--;
}

/* A descriptor that epoll refuses is a regular file, or closed: a mistake of this program, not of the app. */
static void loop_control(int operation, loop_watch *watch)
{
	struct epoll_event event = { .events = watch->events, .data.ptr = watch };
	if (epoll_ctl(loop_epoll, operation, watch->fd, &event))
		failure("epoll refuses descriptor %d: errno %d", watch->fd, errno);
}

void loop_watch_start(loop_watch *watch, int fd, uint32_t events, void (*ready)(loop_watch *watch, uint32_t events))
{
	watch->fd = fd;
	watch->events = events;
	watch->ready = ready;
	loop_control(EPOLL_CTL_ADD, watch);
	loop_hold();
}

void loop_watch_update(loop_watch *watch, uint32_t events)
{
	if (watch->events != events) {
		watch->events = events;
		loop_control(EPOLL_CTL_MOD, watch);
	}
}

void loop_watch_stop(loop_watch *watch)
{
	loop_control(EPOLL_CTL_DEL, watch);
	loop_release();
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
	if (task->previous)
		task->previous->next = task->next;
	else
		loop_first_task = task->next;
	if (task->next)
		task->next->previous = task->previous;
	else
		loop_last_task = task->previous;
}

static void loop_wake(void)
{
	uint64_t one = 1;
	/* A full counter fails the write, and then the loop is awake anyway. */
	ssize_t written = write(loop_wakeup, &one, sizeof(one));
	(void)written;
}

void loop_post(loop_task *task, void (*run)(loop_task *task))
{
	pthread_mutex_lock(&loop_posted_lock);
	task->run = run;
	task->next = loop_posted;
	loop_posted = task;
	pthread_mutex_unlock(&loop_posted_lock);
	loop_wake();
}

static void loop_take_posted(void)
{
	pthread_mutex_lock(&loop_posted_lock);
	loop_task *task = loop_posted;
	loop_posted = NULL;
	pthread_mutex_unlock(&loop_posted_lock);
	loop_task *oldest = NULL;
	while (task) {
		loop_task *next = task->next;
		task->next = oldest;
		oldest = task;
		task = next;
	}
	while (oldest) {
		loop_task *next = oldest->next;
		oldest->queued = false;
		loop_defer(oldest, oldest->run);
		oldest = next;
	}
}

void loop_stop(void)
{
	loop_stopped = 1;
	loop_wake();
}

/* Tasks that a task defers wait for the next turn, so that a chain of them cannot starve the descriptors. */
static void loop_run_tasks(void)
{
	loop_task *last = loop_last_task;
	while (loop_first_task && !loop_stopped) {
		loop_task *task = loop_first_task;
		bool final = task == last;
		loop_task_cancel(task);
		task->run(task);
		device_run_jobs();
		if (final)
			break;
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

/* One descriptor a turn: what a callback stops or frees can then not wait in a batch behind it. epoll serves the ready
 * ones in turn, so none starves. */
static void loop_wait(void)
{
	struct epoll_event event;
	if (epoll_wait(loop_epoll, &event, 1, loop_patience_ms()) <= 0)
		return; /* a timer is due, or a signal came */
	loop_watch *watch = event.data.ptr;
	if (!watch) {
		uint64_t count;
		ssize_t got = read(loop_wakeup, &count, sizeof(count));
		(void)got;
		loop_take_posted();
	}
	else {
		watch->ready(watch, event.events);
		device_run_jobs();
	}
}

void loop_run(void)
{
	while (!loop_stopped) {
		loop_run_tasks();
		loop_run_timers();
		if (loop_stopped || (!loop_held && !loop_timers && !loop_first_task))
			break;
		loop_wait();
	}
}

#include "events.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "failure.h"

static int events_epoll = -1;
static int events_wakeup = -1;

static pthread_mutex_t events_posted_lock = PTHREAD_MUTEX_INITIALIZER;
static loop_task *events_posted; /* newest first */

bool events_open(void)
{
	events_epoll = epoll_create1(EPOLL_CLOEXEC);
	events_wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	return events_epoll >= 0 && events_wakeup >= 0 && !epoll_ctl(events_epoll, EPOLL_CTL_ADD, events_wakeup, &event);
}

uint64_t loop_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* A descriptor that epoll refuses is a regular file, or closed: a mistake of this program, not of the app. */
static void events_control(int operation, events_watch *watch)
{
	struct epoll_event event = { .events = watch->events, .data.ptr = watch };
	if (epoll_ctl(events_epoll, operation, watch->fd, &event))
		failure("epoll refuses descriptor %d: errno %d", watch->fd, errno);
}

void events_watch_start(events_watch *watch, int fd, uint32_t events, void (*ready)(events_watch *watch, uint32_t events))
{
	watch->fd = fd;
	watch->events = events;
	watch->ready = ready;
	events_control(EPOLL_CTL_ADD, watch);
	loop_hold();
}

void events_watch_update(events_watch *watch, uint32_t events)
{
	if (watch->events != events) {
		watch->events = events;
		events_control(EPOLL_CTL_MOD, watch);
	}
}

void events_watch_stop(events_watch *watch)
{
	events_control(EPOLL_CTL_DEL, watch);
	loop_release();
}

void events_wake(void)
{
	uint64_t one = 1;
	/* A full counter fails the write, and then the loop is awake anyway. */
	ssize_t written = write(events_wakeup, &one, sizeof(one));
	(void)written;
}

void events_post(loop_task *task, void (*run)(loop_task *task))
{
	pthread_mutex_lock(&events_posted_lock);
	task->run = run;
	task->next = events_posted;
	events_posted = task;
	pthread_mutex_unlock(&events_posted_lock);
	events_wake();
}

static void events_take_posted(void)
{
	pthread_mutex_lock(&events_posted_lock);
	loop_task *task = events_posted;
	events_posted = NULL;
	pthread_mutex_unlock(&events_posted_lock);
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

/* One descriptor a turn: what a callback stops or frees can then not wait in a batch behind it. epoll serves the ready
 * ones in turn, so none starves. */
void events_wait(int patience_ms)
{
	struct epoll_event event;
	if (epoll_wait(events_epoll, &event, 1, patience_ms) <= 0)
		return; /* a timer is due, or a signal came */
	events_watch *watch = event.data.ptr;
	if (!watch) {
		uint64_t count;
		ssize_t got = read(events_wakeup, &count, sizeof(count));
		(void)got;
		events_take_posted();
	}
	else {
		watch->ready(watch, event.events);
		device_run_jobs();
	}
}

void events_delay(uint64_t us)
{
	struct timespec delay = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };
	clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
}

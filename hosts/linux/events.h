/*
 * What the Linux device waits for: descriptors, by epoll, and threads. Nothing polls.
 *
 * As with the loop's own structures, a watch is embedded by its owner, and may be freed once events_watch_stop() returned.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "loop.h"

typedef struct events_watch events_watch;

struct events_watch {
	int fd;
	uint32_t events;
	void (*ready)(events_watch *watch, uint32_t events);
};

/* Opens the epoll descriptor and the wake-up eventfd. False, with errno set, if the kernel gives none. */
bool events_open(void);

/* Watches fd for epoll events; a started watch keeps the device alive. */
void events_watch_start(events_watch *watch, int fd, uint32_t events, void (*ready)(events_watch *watch, uint32_t events));
void events_watch_update(events_watch *watch, uint32_t events);
void events_watch_stop(events_watch *watch);

/* For another thread: hands the task to the loop and wakes it. The loop must be kept alive by a loop_hold. A posted task
 * cannot be cancelled, and is its owner's again when it runs. */
void events_post(loop_task *task, void (*run)(loop_task *task));

#endif

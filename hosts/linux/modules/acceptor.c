#include "acceptor.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "events.h"
#include "stream-descriptor.h"
#include "system-address.h"

/* How long accepting rests when the machine is out of descriptors or memory. */
#define ACCEPTOR_PAUSE_US (100 * 1000)

struct acceptor {
	int fd;
	uint16_t port;
	bool watched;
	uint32_t count;
	int waiting[ACCEPTOR_BACKLOG];
	void *owner;
	acceptor_incoming incoming;
	events_watch watch;
	loop_timer pause;
};

#define acceptor_of(member, pointer) ((acceptor *)(void *)((char *)(pointer)-offsetof(acceptor, member)))

static void acceptor_update(acceptor *it);

static void acceptor_resume(loop_timer *timer)
{
	acceptor_update(acceptor_of(pause, timer));
}

static void acceptor_ready(events_watch *watch, uint32_t ready)
{
	acceptor *it = acceptor_of(watch, watch);
	uint32_t before = it->count;

	(void)ready;
	while (it->count < ACCEPTOR_BACKLOG) {
		int fd = accept4(it->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			it->waiting[it->count++] = fd;
			continue;
		}
		if (errno == ECONNABORTED || errno == EPROTO || errno == EINTR)
			continue;
		/* Out of descriptors or memory, say: the connection stays ready, so rest instead of asking at once again. */
		if (errno != EAGAIN)
			loop_timer_start(&it->pause, loop_now_us() + ACCEPTOR_PAUSE_US, acceptor_resume);
		break;
	}
	acceptor_update(it);
	if (it->count > before)
		it->incoming(it);
}

static void acceptor_update(acceptor *it)
{
	/* With nothing wanted it is still watched, because a listener keeps the device alive. */
	uint32_t wanted = it->count < ACCEPTOR_BACKLOG && !it->pause.started ? EPOLLIN : 0;
	if (!it->watched) {
		events_watch_start(&it->watch, it->fd, wanted, acceptor_ready);
		it->watched = true;
	}
	else if (it->watch.events != wanted)
		events_watch_update(&it->watch, wanted);
}

int acceptor_open(acceptor **result, const network_address *address, void *owner, acceptor_incoming incoming)
{
	network_address bound;
	system_address system;
	acceptor *it = calloc(1, sizeof(*it));
	if (!it)
		return ENOMEM;
	it->owner = owner;
	it->incoming = incoming;
	socklen_t size = system_address_set(&system, address);
	it->fd = socket(system.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (it->fd < 0)
		goto failed;
	int yes = 1;
	(void)setsockopt(it->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(it->fd, &system.any, size) < 0 || listen(it->fd, SOMAXCONN) < 0 || getsockname(it->fd, &system.any, &size) < 0 ||
		!system_address_get(&system.any, &bound))
		goto failed;
	it->port = bound.port;
	acceptor_update(it);
	*result = it;
	return 0;

failed:;
	int error = errno;
	if (it->fd >= 0)
		close(it->fd);
	free(it);
	return error;
}

void *acceptor_owner(const acceptor *it)
{
	return it->owner;
}

uint16_t acceptor_port(const acceptor *it)
{
	return it->port;
}

uint32_t acceptor_count(const acceptor *it)
{
	return it->count;
}

stream *acceptor_take(acceptor *it, void *owner, stream_event event)
{
	if (!it->count)
		return NULL;
	int fd = it->waiting[0];
	it->count--;
	memmove(it->waiting, it->waiting + 1, it->count * sizeof(it->waiting[0]));
	acceptor_update(it);
	stream *taken = stream_new(owner, event);
	if (taken)
		stream_adopt(taken, fd);
	else
		close(fd);
	return taken;
}

void acceptor_close(acceptor *it)
{
	events_watch_stop(&it->watch);
	if (it->pause.started)
		loop_timer_stop(&it->pause);
	while (it->count)
		close(it->waiting[--it->count]);
	close(it->fd);
	free(it);
}

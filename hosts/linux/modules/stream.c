#include "stream.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "events.h"
#include "instrumentation.h"
#include "stream-descriptor.h"
#include "system-address.h"

/* lwIP gives up a closing connection after TCP_FIN_WAIT_TIMEOUT. */
#define STREAM_LINGER_US (20 * 1000 * 1000)

/* The kernel takes no more while this much waits for the peer's window, so a slow peer is felt in the send buffer. */
#define STREAM_UNSENT (4 * STREAM_SEGMENT)

#define stream_of(member, pointer) ((stream *)(void *)((char *)(pointer)-offsetof(stream, member)))

typedef struct {
	uint32_t start, count;
	uint8_t bytes[STREAM_BUFFER];
} stream_ring;

struct stream {
	int fd;
	stream_state state;
	int error;
	uint32_t pending; /* events the task will tell */
	void *owner;
	stream_event event;
	events_watch watch;
	loop_task task;
	loop_timer linger;
	bool watched;
	bool stalled; /* the kernel refused bytes: wait until it is writable */
	bool hung_up; /* epoll reports a hang-up that can't be masked */
	bool nodelay_set, nodelay;
	bool keepalive;
	uint32_t keepalive_idle_ms, keepalive_interval_ms, keepalive_count;
	network_address remote;
	stream_ring received, sent;
};

static void stream_ready(events_watch *watch, uint32_t events);
static void stream_run(loop_task *task);

/* ---- rings ---- */

/* The parts of the ring from offset on, count bytes long; a ring wraps, so up to two. */
static int ring_spans(stream_ring *ring, uint32_t offset, uint32_t count, struct iovec spans[2])
{
	uint32_t from = (ring->start + offset) % STREAM_BUFFER;
	uint32_t first = count < STREAM_BUFFER - from ? count : STREAM_BUFFER - from;
	spans[0] = (struct iovec){ .iov_base = ring->bytes + from, .iov_len = first };
	spans[1] = (struct iovec){ .iov_base = ring->bytes, .iov_len = count - first };
	return count > first ? 2 : 1;
}

static void ring_drop(stream_ring *ring, uint32_t count)
{
	ring->count -= count;
	/* An empty ring starts over, so that most transfers are one span. */
	ring->start = ring->count ? (ring->start + count) % STREAM_BUFFER : 0;
}

/* ---- what epoll is asked for ---- */

static uint32_t stream_wanted(const stream *it)
{
	uint32_t wanted = 0;
	switch (it->state) {
	case STREAM_CONNECTING:
		return EPOLLOUT;
	case STREAM_OPEN:
		if (it->received.count < STREAM_BUFFER)
			wanted |= EPOLLIN;
		/* fall through */
	case STREAM_FINISHED:
		if (it->stalled)
			wanted |= EPOLLOUT;
		/* fall through */
	default:
		return wanted;
	}
}

static void stream_update(stream *it)
{
	uint32_t wanted = stream_wanted(it);
	/*
	 * With nothing wanted, an open connection is still watched: it keeps the device alive. Not once it is over or has
	 * hung up, because epoll would report the hang-up again and again, and nothing more can come from outside.
	 */
	bool watch = wanted || (it->state == STREAM_OPEN && !it->hung_up);
	if (!watch) {
		if (it->watched)
			events_watch_stop(&it->watch);
		it->watched = false;
	}
	else if (!it->watched) {
		events_watch_start(&it->watch, it->fd, wanted, stream_ready);
		it->watched = true;
	}
	else if (it->watch.events != wanted)
		events_watch_update(&it->watch, wanted);
}

/* ---- life ---- */

stream *stream_new(void *owner, stream_event event)
{
	stream *it = calloc(1, sizeof(*it));
	if (it) {
		it->fd = -1;
		stream_set_owner(it, owner, event);
		instrumentation_adjust(INSTRUMENTATION_NETWORK_SOCKETS, 1);
	}
	return it;
}

void stream_set_owner(stream *it, void *owner, stream_event event)
{
	it->owner = owner;
	it->event = event;
}

void *stream_owner(const stream *it)
{
	return it->owner;
}

static void stream_set_option(int fd, int level, int name, int value)
{
	/* An option the kernel does not know changes nothing that a device would notice. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static int seconds_of(uint32_t ms)
{
	uint32_t seconds = ms / 1000 + (ms % 1000 != 0);
	return seconds > 32767 ? 32767 : (int)seconds; /* the kernel's limit */
}

static void stream_set_options(stream *it)
{
	if (it->fd < 0)
		return;
	stream_set_option(it->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, STREAM_UNSENT);
	if (it->nodelay_set)
		stream_set_option(it->fd, IPPROTO_TCP, TCP_NODELAY, it->nodelay);
	if (it->keepalive) {
		stream_set_option(it->fd, SOL_SOCKET, SO_KEEPALIVE, 1);
		if (it->keepalive_idle_ms)
			stream_set_option(it->fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds_of(it->keepalive_idle_ms));
		if (it->keepalive_interval_ms)
			stream_set_option(it->fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds_of(it->keepalive_interval_ms));
		if (it->keepalive_count)
			stream_set_option(it->fd, IPPROTO_TCP, TCP_KEEPCNT, it->keepalive_count > 127 ? 127 : (int)it->keepalive_count);
	}
}

void stream_set_nodelay(stream *it, bool nodelay)
{
	it->nodelay_set = true;
	it->nodelay = nodelay;
	stream_set_options(it);
}

void stream_set_keepalive(stream *it, uint32_t idle_ms, uint32_t interval_ms, uint32_t count)
{
	it->keepalive = true;
	it->keepalive_idle_ms = idle_ms;
	it->keepalive_interval_ms = interval_ms;
	it->keepalive_count = count;
	stream_set_options(it);
}

int stream_connect(stream *it, const network_address *address)
{
	system_address system;
	socklen_t size = system_address_set(&system, address);
	it->fd = socket(system.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (it->fd < 0)
		return errno;
	it->remote = *address;
	stream_set_options(it);
	if (connect(it->fd, &system.any, size) < 0 && errno != EINPROGRESS) {
		int error = errno;
		if (error == EADDRNOTAVAIL || error == EAGAIN || error == ENOMEM || error == ENOBUFS) {
			close(it->fd);
			it->fd = -1;
			return error;
		}
		stream_fail(it, error);
		return 0;
	}
	it->state = STREAM_CONNECTING;
	stream_update(it);
	return 0;
}

void stream_adopt(stream *it, int fd)
{
	system_address system;
	socklen_t size = sizeof(system);
	it->fd = fd;
	/* One that is gone already has no address: reading will tell. */
	if (getpeername(fd, &system.any, &size) == 0)
		system_address_get(&system.any, &it->remote);
	stream_set_options(it);
	it->state = STREAM_OPEN;
	stream_update(it);
}

stream_state stream_get_state(const stream *it)
{
	return it->state;
}

bool stream_over(const stream *it)
{
	return it->state == STREAM_FINISHED || it->state == STREAM_FAILED;
}

const network_address *stream_remote(const stream *it)
{
	return it->fd >= 0 && it->remote.family ? &it->remote : NULL;
}

/* The connection is lost: what waits to be sent has nowhere to go; what waits to be read stays. */
static void stream_lose(stream *it, int error)
{
	it->state = STREAM_FAILED;
	it->error = error;
	it->stalled = false;
	it->sent.count = it->sent.start = 0;
	if (it->watched)
		events_watch_stop(&it->watch);
	it->watched = false;
	if (it->fd >= 0)
		close(it->fd);
	it->fd = -1;
}

void stream_fail(stream *it, int error)
{
	if (it->state == STREAM_FAILED)
		return;
	stream_lose(it, error);
	stream_notify(it, STREAM_ENDED);
}

static void stream_free(stream *it)
{
	if (it->watched)
		events_watch_stop(&it->watch);
	if (it->task.queued)
		loop_task_cancel(&it->task);
	if (it->linger.started)
		loop_timer_stop(&it->linger);
	if (it->fd >= 0)
		close(it->fd);
	free(it);
	instrumentation_adjust(INSTRUMENTATION_NETWORK_SOCKETS, -1);
}

/* ---- reading ---- */

uint32_t stream_readable(const stream *it)
{
	return it->received.count;
}

void stream_read(stream *it, void *bytes, uint32_t count)
{
	struct iovec spans[2];
	if (bytes) {
		ring_spans(&it->received, 0, count, spans);
		memcpy(bytes, spans[0].iov_base, spans[0].iov_len);
		memcpy((char *)bytes + spans[0].iov_len, spans[1].iov_base, spans[1].iov_len);
	}
	ring_drop(&it->received, count);
	stream_update(it);
}

uint32_t stream_find(const stream *it, uint8_t byte, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (it->received.bytes[(it->received.start + i) % STREAM_BUFFER] == byte)
			return i;
	return count;
}

/* One read of the kernel's socket into the free part of the ring; epoll asks again if there is more. */
static uint32_t stream_receive(stream *it)
{
	struct iovec spans[2];
	uint32_t room = STREAM_BUFFER - it->received.count;
	if (!room)
		return 0;
	int n = ring_spans(&it->received, it->received.count, room, spans);
	struct msghdr message = { .msg_iov = spans, .msg_iovlen = (size_t)n };
	ssize_t count = recvmsg(it->fd, &message, MSG_DONTWAIT);
	if (count > 0) {
		it->received.count += (uint32_t)count;
		instrumentation_adjust(INSTRUMENTATION_NETWORK_BYTES_READ, (int32_t)count);
		return STREAM_RECEIVED;
	}
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (count < 0)
		stream_lose(it, errno);
	else if (it->error)
		stream_lose(it, it->error); /* a send met the reset first, and the kernel tells it only once */
	else
		it->state = STREAM_FINISHED;
	return STREAM_ENDED;
}

/* ---- writing ---- */

uint32_t stream_writable(const stream *it)
{
	return it->state == STREAM_FAILED ? 0 : STREAM_BUFFER - it->sent.count;
}

bool stream_drained(const stream *it)
{
	return it->sent.count == 0;
}

void stream_write(stream *it, const void *bytes, uint32_t count)
{
	struct iovec spans[2];
	if (!count)
		return;
	ring_spans(&it->sent, it->sent.count, count, spans);
	memcpy(spans[0].iov_base, bytes, spans[0].iov_len);
	memcpy(spans[1].iov_base, (const char *)bytes + spans[0].iov_len, spans[1].iov_len);
	it->sent.count += count;
	if (it->state != STREAM_CONNECTING)
		loop_defer(&it->task, stream_run);
}

static uint32_t stream_send(stream *it)
{
	uint32_t events = 0;
	it->stalled = false;
	if (it->state != STREAM_OPEN && it->state != STREAM_FINISHED)
		return 0;
	while (it->sent.count) {
		struct iovec spans[2];
		int n = ring_spans(&it->sent, 0, it->sent.count, spans);
		struct msghdr message = { .msg_iov = spans, .msg_iovlen = (size_t)n };
		ssize_t count = sendmsg(it->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (count >= 0) {
			ring_drop(&it->sent, (uint32_t)count);
			instrumentation_adjust(INSTRUMENTATION_NETWORK_BYTES_WRITTEN, (int32_t)count);
			events |= STREAM_SENT;
		}
		else if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) {
			it->stalled = true;
			break;
		}
		else if (errno != EINTR) {
			/* Reading tells the owner, after the bytes that came before the reset. */
			it->error = errno;
			it->sent.count = it->sent.start = 0;
			if (it->state == STREAM_FINISHED) {
				stream_lose(it, it->error);
				events |= STREAM_ENDED;
			}
			break;
		}
	}
	return events;
}

void stream_flush(stream *it)
{
	uint32_t events = stream_send(it);
	stream_update(it);
	if (events)
		stream_notify(it, events);
}

/* ---- events ---- */

void stream_notify(stream *it, uint32_t events)
{
	it->pending |= events;
	loop_defer(&it->task, stream_run);
}

/* The last thing a callback of the loop does: the owner may have freed the stream when this returns. */
static void stream_tell(stream *it, uint32_t events)
{
	events |= it->pending;
	it->pending = 0;
	if (events)
		it->event(it, events);
}

static void stream_run(loop_task *task)
{
	stream *it = stream_of(task, task);
	uint32_t events = stream_send(it);
	stream_update(it);
	stream_tell(it, events);
}

static int stream_pending_error(const stream *it)
{
	int error = 0;
	socklen_t size = sizeof(error);
	if (getsockopt(it->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return errno;
	return error;
}

static void stream_ready(events_watch *watch, uint32_t ready)
{
	stream *it = stream_of(watch, watch);
	uint32_t events = 0;

	if (ready & (EPOLLHUP | EPOLLERR))
		it->hung_up = true;
	if (it->state == STREAM_CONNECTING) {
		int error = stream_pending_error(it);
		if (error) {
			stream_lose(it, error);
			events |= STREAM_ENDED;
		}
		else if (ready & EPOLLOUT) {
			it->state = STREAM_OPEN;
			events |= STREAM_CONNECTED | stream_send(it);
		}
	}
	else {
		if (it->state == STREAM_OPEN && (ready & (EPOLLIN | EPOLLHUP | EPOLLERR)))
			events |= stream_receive(it);
		if (it->stalled && (ready & (EPOLLOUT | EPOLLHUP | EPOLLERR)))
			events |= stream_send(it);
	}
	stream_update(it);
	stream_tell(it, events);
}

/* ---- closing ---- */

static void stream_reset_on_close(const stream *it)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	(void)setsockopt(it->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static void stream_lingered(loop_timer *timer)
{
	stream *it = stream_of(linger, timer);
	stream_reset_on_close(it);
	stream_free(it);
}

/* A closed connection with bytes to send: they go out, and what comes in is dropped, as lwIP does. */
static void stream_linger_ready(events_watch *watch, uint32_t ready)
{
	stream *it = stream_of(watch, watch);
	uint32_t wanted = it->watch.events;

	if (ready & EPOLLIN) {
		ssize_t count = recv(it->fd, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT);
		if (count == 0)
			wanted &= ~(uint32_t)EPOLLIN;
	}
	stream_send(it);
	if (it->sent.count == 0 || it->state == STREAM_FAILED || (ready & (EPOLLHUP | EPOLLERR))) {
		stream_free(it);
		return;
	}
	if (wanted != it->watch.events)
		events_watch_update(&it->watch, wanted);
}

void stream_close(stream *it)
{
	if (it->state == STREAM_OPEN || it->state == STREAM_FINISHED) {
		stream_send(it);
		if (it->fd >= 0 && it->received.count)
			stream_reset_on_close(it);
		else if (it->sent.count) {
			if (it->watched)
				events_watch_stop(&it->watch);
			if (it->task.queued)
				loop_task_cancel(&it->task);
			it->watched = true;
			events_watch_start(&it->watch, it->fd, EPOLLOUT | (it->state == STREAM_OPEN ? EPOLLIN : 0u), stream_linger_ready);
			loop_timer_start(&it->linger, loop_now_us() + STREAM_LINGER_US, stream_lingered);
			return;
		}
	}
	stream_free(it);
}

void stream_destroy(stream *it)
{
	stream_send(it);
	stream_free(it);
}

/*
 * Streams on lwIP's own interface. What is received stays in lwIP's buffers until it is read, and tells the window then. What is
 * written is copied once, into the stream's ring, which lwIP's segments refer to until the peer has acknowledged them.
 *
 * lwIP's callbacks change the stream and no more; the owner is told from the loop, where it may close anything.
 */
#include "stream.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lwip/memp.h"
#include "lwip/tcp.h"

#include "instrumentation.h"
#include "loop.h"
#include "network.h"
#include "stream-connection.h"

/* As long as lwIP waits for the end of a peer. */
#define STREAM_LINGER_US (20 * 1000 * 1000)

/* The end is told apart from what came before it, as Linux does: promises that this settles, and tasks that it defers, come in between. */
#define STREAM_END_TURNS 2

/* What any TCP takes (RFC 9293, 3.7.1). */
#define STREAM_OWN_SEGMENT 536

#define stream_of(member, pointer) ((stream *)(void *)((char *)(pointer)-offsetof(stream, member)))

struct stream {
	struct tcp_pcb *connection; /* NULL before there is one, and once it is lost */
	stream_state state;
	uint32_t pending; /* events the task will tell */
	void *owner;      /* NULL while it waits at a listener */
	stream_event event;
	loop_task task;
	loop_timer linger;
	bool counted;  /* among the app's sockets */
	bool closed;   /* by its owner: it lingers */
	bool held;     /* keeps the device alive */
	bool closing;  /* our end follows what lwIP has */
	uint8_t turns; /* of the loop until the peer's end is told */
	bool nodelay;
	bool keepalive;
	uint32_t keepalive_idle_ms, keepalive_interval_ms, keepalive_count;
	network_address remote;
	struct pbuf *received;
	/* The ring: count bytes from start on, the first handed of which lwIP has. */
	uint32_t start, count, handed;
	uint8_t bytes[TCP_SND_BUF];
};

_Static_assert(sizeof(stream) <= NETWORK_STREAM_BYTES, "a stream fits into an element of its pool (lwipopts.h)");
/* Behind each pbuf's start there are its headers, before it the heap's own eight bytes; and one acknowledgement has room. */
_Static_assert(MEM_SIZE >= (MEMP_NUM_TCP_SEG + 1) * (8 + sizeof(struct pbuf) + PBUF_TRANSPORT),
	"the heap holds the headers of all segments (lwipopts.h)");

/* Closed ones that have something to send. */
static unsigned stream_lingering;

static void stream_run(loop_task *task);

/* ---- life ---- */

static stream *stream_allocate(void)
{
	stream *it = memp_malloc(MEMP_STREAM);
	if (it)
		memset(it, 0, offsetof(stream, bytes));
	return it;
}

static void stream_count(stream *it, bool counted)
{
	instrumentation_adjust(INSTRUMENTATION_NETWORK_SOCKETS, counted - it->counted);
	it->counted = counted;
}

stream *stream_new(void *owner, stream_event event)
{
	stream *it = stream_allocate();
	if (it) {
		stream_set_owner(it, owner, event);
		stream_count(it, true);
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

/* A connection keeps the device alive while something can still come of it. */
static void stream_hold(stream *it)
{
	bool hold = it->state == STREAM_CONNECTING || it->state == STREAM_OPEN || (it->state == STREAM_FINISHED && it->count);
	if (hold && !it->held)
		loop_hold();
	else if (!hold && it->held)
		loop_release();
	it->held = hold;
}

/* lwIP forgets the stream; what becomes of the connection is the caller's. */
static struct tcp_pcb *stream_detach(stream *it)
{
	struct tcp_pcb *connection = it->connection;
	it->connection = NULL;
	if (connection) {
		tcp_arg(connection, NULL);
		tcp_recv(connection, NULL);
		tcp_sent(connection, NULL);
		tcp_poll(connection, NULL, 0);
		tcp_err(connection, NULL);
	}
	return connection;
}

static void stream_free(stream *it)
{
	struct tcp_pcb *connection = stream_detach(it);
	if (connection)
		tcp_abort(connection);
	if (it->received)
		pbuf_free(it->received);
	loop_task_cancel(&it->task);
	loop_timer_stop(&it->linger);
	if (it->held)
		loop_release();
	stream_count(it, false);
	if (it->closed)
		stream_lingering--;
	memp_free(MEMP_STREAM, it);
}

/* The connection is lost: what waits to be sent has nowhere to go; what waits to be read stays. */
static void stream_lose(stream *it, int error)
{
	(void)error; /* for who debugs: the faces tell no reason */
	struct tcp_pcb *connection = stream_detach(it);
	if (connection)
		tcp_abort(connection);
	it->state = STREAM_FAILED;
	it->start = it->count = it->handed = 0;
	stream_hold(it);
}

void stream_fail(stream *it, int error)
{
	if (it->state == STREAM_FAILED)
		return;
	stream_lose(it, error);
	stream_notify(it, STREAM_ENDED);
}

/* ---- what lwIP tells ---- */

static void stream_linger(stream *it);

/* Adds what came to what waits, using up the room that is left at its end, so that many small segments take few buffers. */
static struct pbuf *stream_join(struct pbuf *waiting, struct pbuf *more)
{
	if (!waiting)
		return more;
	struct pbuf *last = waiting;
	while (last->next)
		last = last->next;
	const uint8_t *end = (const uint8_t *)last + LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf)) + PBUF_POOL_BUFSIZE;
	uint8_t *free = (uint8_t *)last->payload + last->len;
	bool pooled = pbuf_get_allocsrc(last) == PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL;
	if (!pooled || more->tot_len > end - free) {
		pbuf_cat(waiting, more);
		return waiting;
	}
	uint16_t count = more->tot_len;
	pbuf_copy_partial(more, free, count, 0);
	pbuf_free(more);
	last->len = (u16_t)(last->len + count);
	for (struct pbuf *each = waiting; each; each = each->next)
		each->tot_len = (u16_t)(each->tot_len + count);
	return waiting;
}

static void stream_finish(stream *it)
{
	it->turns = 0;
	it->state = STREAM_FINISHED;
	if (!it->closed)
		stream_notify(it, STREAM_ENDED);
	stream_hold(it);
}

static err_t stream_received(void *owner, struct tcp_pcb *connection, struct pbuf *bytes, err_t error)
{
	stream *it = owner;
	(void)error;
	if (!bytes) {
		if (!it->closed && it->pending)
			it->turns = STREAM_END_TURNS;
		else
			stream_finish(it);
	}
	else if (it->closed) {
		/* Nobody reads what comes after close. */
		tcp_recved(connection, bytes->tot_len);
		pbuf_free(bytes);
	}
	else {
		instrumentation_adjust(INSTRUMENTATION_NETWORK_BYTES_READ, bytes->tot_len);
		it->received = stream_join(it->received, bytes);
		stream_notify(it, STREAM_RECEIVED);
	}
	return ERR_OK;
}

static err_t stream_acknowledged(void *owner, struct tcp_pcb *connection, u16_t count)
{
	stream *it = owner;
	(void)connection;
	it->count -= count;
	it->handed -= count;
	/* An empty ring starts over, so that most of what is written does not wrap around. */
	it->start = it->count ? (it->start + count) % TCP_SND_BUF : 0;
	instrumentation_adjust(INSTRUMENTATION_NETWORK_BYTES_WRITTEN, count);
	if (it->closed)
		stream_linger(it);
	else
		stream_notify(it, STREAM_SENT);
	return ERR_OK;
}

/* lwIP had no memory for a segment: it may have some now. */
static err_t stream_retried(void *owner, struct tcp_pcb *connection)
{
	stream *it = owner;
	(void)connection;
	if (it->handed == it->count)
		return ERR_OK;
	if (it->closed)
		stream_linger(it);
	else
		loop_defer(&it->task, stream_run);
	return ERR_OK;
}

/* What the board sends to itself goes through the heap, a segment in one piece: where that is small, so are they. */
static void stream_fit(struct tcp_pcb *connection)
{
	if (ip_addr_cmp(&connection->local_ip, &connection->remote_ip))
		connection->mss = LWIP_MIN(connection->mss, STREAM_OWN_SEGMENT);
}

static err_t stream_connected(void *owner, struct tcp_pcb *connection, err_t error)
{
	stream *it = owner;
	(void)error;
	stream_fit(connection);
	it->state = STREAM_OPEN;
	stream_notify(it, STREAM_CONNECTED);
	return ERR_OK;
}

/* lwIP frees the connection itself. */
static void stream_lost(void *owner, err_t error)
{
	stream *it = owner;
	bool refused = it->state == STREAM_CONNECTING && error == ERR_RST;
	it->connection = NULL;
	if (it->closed) {
		stream_free(it);
		return;
	}
	if (it->state == STREAM_OPEN && it->pending) {
		it->start = it->count = it->handed = 0;
		it->turns = STREAM_END_TURNS;
		return;
	}
	stream_lose(it, refused ? ECONNREFUSED : network_errno(error));
	stream_notify(it, STREAM_ENDED);
}

/* ---- options ---- */

static void stream_set_options(stream *it)
{
	struct tcp_pcb *connection = it->connection;
	if (!connection)
		return;
	if (it->nodelay)
		tcp_nagle_disable(connection);
	else
		tcp_nagle_enable(connection);
	if (it->keepalive) {
		ip_set_option(connection, SOF_KEEPALIVE);
		if (it->keepalive_idle_ms)
			connection->keep_idle = it->keepalive_idle_ms;
		if (it->keepalive_interval_ms)
			connection->keep_intvl = it->keepalive_interval_ms;
		if (it->keepalive_count)
			connection->keep_cnt = it->keepalive_count;
	}
}

void stream_set_nodelay(stream *it, bool nodelay)
{
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

/* ---- connecting ---- */

static void stream_attach(stream *it, struct tcp_pcb *connection)
{
	it->connection = connection;
	tcp_arg(connection, it);
	tcp_recv(connection, stream_received);
	tcp_sent(connection, stream_acknowledged);
	tcp_poll(connection, stream_retried, 1);
	tcp_err(connection, stream_lost);
	stream_set_options(it);
}

int stream_connect(stream *it, const network_address *address)
{
	ip_addr_t ip;
	if (!network_to_ip(address, &ip)) {
		stream_fail(it, ENETUNREACH);
		return 0;
	}
	struct tcp_pcb *connection = tcp_new();
	if (!connection)
		return ENOMEM;
	it->remote = *address;
	stream_attach(it, connection);
	err_t error = tcp_connect(connection, &ip, address->port, stream_connected);
	if (error == ERR_OK) {
		it->state = STREAM_CONNECTING;
		stream_hold(it);
		return 0;
	}
	if (error == ERR_RTE || error == ERR_VAL) {
		stream_fail(it, network_errno(error));
		return 0;
	}
	tcp_abort(stream_detach(it));
	return network_errno(error);
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
	return it->connection && it->remote.family ? &it->remote : NULL;
}

/* ---- reading ---- */

uint32_t stream_readable(const stream *it)
{
	return it->received ? it->received->tot_len : 0;
}

void stream_read(stream *it, void *bytes, uint32_t count)
{
	if (!count)
		return;
	if (bytes)
		pbuf_copy_partial(it->received, bytes, (u16_t)count, 0);
	it->received = pbuf_free_header(it->received, (u16_t)count);
	if (it->connection)
		tcp_recved(it->connection, (u16_t)count);
}

uint32_t stream_find(const stream *it, uint8_t byte, uint32_t count)
{
	uint32_t at = 0;
	for (const struct pbuf *part = it->received; part && at < count; part = part->next) {
		uint32_t size = part->len < count - at ? part->len : count - at;
		const uint8_t *found = memchr(part->payload, byte, size);
		if (found)
			return at + (uint32_t)(found - (const uint8_t *)part->payload);
		at += size;
	}
	return count;
}

/* ---- writing ---- */

uint32_t stream_writable(const stream *it)
{
	return it->state == STREAM_FAILED ? 0 : TCP_SND_BUF - it->count;
}

bool stream_drained(const stream *it)
{
	return it->count == 0;
}

/* The bytes of the ring from offset on that lie together, at most count. */
static uint32_t stream_span(const stream *it, uint32_t offset, uint32_t count, uint32_t *at)
{
	*at = (it->start + offset) % TCP_SND_BUF;
	return count < TCP_SND_BUF - *at ? count : TCP_SND_BUF - *at;
}

void stream_write(stream *it, const void *bytes, uint32_t count)
{
	const uint8_t *from = bytes;
	while (count) {
		uint32_t at;
		uint32_t size = stream_span(it, it->count, count, &at);
		memcpy(it->bytes + at, from, size);
		it->count += size;
		from += size;
		count -= size;
	}
	if (it->state == STREAM_OPEN || it->state == STREAM_FINISHED)
		loop_defer(&it->task, stream_run);
	stream_hold(it);
}

/* What lwIP has no memory for is tried again when a segment is acknowledged, or a little later. */
static void stream_send(stream *it)
{
	if (!it->connection || it->state == STREAM_CONNECTING)
		return;
	while (it->handed < it->count) {
		uint32_t at;
		uint32_t size = stream_span(it, it->handed, it->count - it->handed, &at);
		u8_t more = it->handed + size < it->count ? TCP_WRITE_FLAG_MORE : 0;
		if (size > tcp_sndbuf(it->connection))
			size = tcp_sndbuf(it->connection);
		if (!size || tcp_write(it->connection, it->bytes + at, (u16_t)size, more) != ERR_OK)
			break;
		it->handed += size;
	}
	tcp_output(it->connection);
}

void stream_flush(stream *it)
{
	stream_send(it);
	stream_hold(it);
}

/* ---- events ---- */

void stream_notify(stream *it, uint32_t events)
{
	it->pending |= events;
	/* What comes before somebody takes the stream is told to the one who does. */
	if (it->owner)
		loop_defer(&it->task, stream_run);
}

/* The owner may have freed the stream when this returns. */
static void stream_run(loop_task *task)
{
	stream *it = stream_of(task, task);
	stream_send(it);
	stream_hold(it);
	if (it->turns && it->state == STREAM_OPEN) {
		if (it->pending || --it->turns)
			loop_defer(task, stream_run);
		else if (it->connection)
			stream_finish(it);
		else
			stream_fail(it, ECONNRESET);
	}
	uint32_t events = it->pending;
	it->pending = 0;
	if (events)
		it->event(it, events);
}

/* ---- streams of a listener ---- */

stream *stream_accept(struct tcp_pcb *connection)
{
	stream *it = stream_allocate();
	if (!it)
		return NULL;
	network_from_ip(&it->remote, &connection->remote_ip, connection->remote_port);
	it->state = STREAM_OPEN;
	stream_attach(it, connection);
	stream_fit(connection);
	/* Counts against the backlog until somebody takes it. */
	tcp_backlog_delayed(connection);
	stream_hold(it);
	return it;
}

void stream_take(stream *it, void *owner, stream_event event)
{
	if (it->connection)
		tcp_backlog_accepted(it->connection);
	stream_set_owner(it, owner, event);
	stream_count(it, true);
	stream_notify(it, 0);
}

void stream_drop(stream *it)
{
	stream_free(it);
}

/* ---- closing ---- */

static void stream_lingered(loop_timer *timer)
{
	stream_free(stream_of(linger, timer));
}

/* A closed stream: its end follows its last bytes, and it goes when the peer has them. */
static void stream_linger(stream *it)
{
	stream_send(it);
	if (it->handed == it->count && !it->closing)
		it->closing = tcp_shutdown(it->connection, 0, 1) == ERR_OK;
	if (it->count)
		return;
	(void)tcp_close(stream_detach(it)); /* lwIP's own from here on */
	stream_free(it);
}

void stream_close(stream *it)
{
	bool open = it->connection && (it->state == STREAM_OPEN || it->state == STREAM_FINISHED);
	/* What was written goes before a reset. */
	if (open)
		stream_send(it);
	if (open && !it->received) {
		/* For the app it is gone. */
		stream_count(it, false);
		it->closed = true;
		stream_lingering++;
		it->pending = 0;
		loop_task_cancel(&it->task);
		loop_timer_start(&it->linger, loop_now_us() + STREAM_LINGER_US, stream_lingered);
		stream_linger(it);
		return;
	}
	if (it->connection && it->state == STREAM_CONNECTING)
		(void)tcp_close(stream_detach(it));
	stream_free(it);
}

bool stream_lingers(void)
{
	return stream_lingering > 0;
}

void stream_destroy(stream *it)
{
	/* Nobody is going to read what came, and that is no reason to reset what was written. */
	stream_read(it, NULL, stream_readable(it));
	stream_close(it);
}

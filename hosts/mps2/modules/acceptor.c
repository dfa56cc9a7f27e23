#include "acceptor.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/tcp.h"

#include "loop.h"
#include "network.h"
#include "stream-connection.h"

/* A connection that nobody has taken yet. */
typedef struct {
	struct tcp_pcb *connection; /* NULL once it is lost */
	struct pbuf *received;
	bool finished;
} acceptor_waiting;

struct acceptor {
	struct tcp_pcb *listening;
	uint16_t port;
	uint32_t count;
	acceptor_waiting waiting[NETWORK_BACKLOG];
	void *owner;
	acceptor_incoming incoming;
	loop_task task;
};

#define acceptor_of(member, pointer) ((acceptor *)(void *)((char *)(pointer)-offsetof(acceptor, member)))

/* ---- connections that wait ---- */

static err_t acceptor_received(void *owner, struct tcp_pcb *connection, struct pbuf *bytes, err_t error)
{
	acceptor_waiting *it = owner;
	(void)connection;
	(void)error;
	if (bytes)
		it->received = stream_join(it->received, bytes);
	else
		it->finished = true;
	return ERR_OK;
}

static void acceptor_lost(void *owner, err_t error)
{
	acceptor_waiting *it = owner;
	(void)error;
	it->connection = NULL;
}

/* Tells lwIP where the connection waits. */
static void acceptor_place(acceptor_waiting *it)
{
	if (it->connection)
		tcp_arg(it->connection, it);
}

static void acceptor_tell(loop_task *task)
{
	acceptor *it = acceptor_of(task, task);
	if (it->count)
		it->incoming(it);
}

static err_t acceptor_accepted(void *owner, struct tcp_pcb *connection, err_t error)
{
	acceptor *it = owner;
	if (error != ERR_OK || !connection)
		return ERR_VAL; /* lwIP ran out of connections; the peer tries again */
	if (it->count == NETWORK_BACKLOG)
		return ERR_MEM; /* those that wait and are lost no longer count for lwIP */
	acceptor_waiting *place = &it->waiting[it->count++];
	*place = (acceptor_waiting){ .connection = connection };
	/* Counts against the backlog until somebody takes it. */
	tcp_backlog_delayed(connection);
	tcp_recv(connection, acceptor_received);
	tcp_err(connection, acceptor_lost);
	acceptor_place(place);
	if (it->count <= ACCEPTOR_BACKLOG)
		loop_defer(&it->task, acceptor_tell);
	return ERR_OK;
}

/* ---- the listener ---- */

static int acceptor_listen(acceptor *it, const network_address *address)
{
	struct tcp_pcb *connection = tcp_new();
	if (!connection)
		return ENOMEM;
	ip_set_option(connection, SOF_REUSEADDR);
	err_t error = tcp_bind(connection, IP4_ADDR_ANY, address->port ? address->port : network_free_port());
	/* Frees the connection it is given, and returns a smaller one. */
	it->listening = error == ERR_OK ? tcp_listen_with_backlog_and_err(connection, NETWORK_BACKLOG, &error) : NULL;
	if (!it->listening) {
		tcp_abort(connection);
		return network_errno(error);
	}
	it->port = it->listening->local_port;
	tcp_arg(it->listening, it);
	tcp_accept(it->listening, acceptor_accepted);
	return 0;
}

/* The board listens at all of its addresses, whichever was asked for. */
static bool acceptor_is_ours(const network_address *address)
{
	static const uint8_t none[4];
	network_address own;
	address_parse(&own, NETWORK_ADDRESS);
	return !memcmp(address->bytes, none, sizeof(none)) || address->bytes[0] == 127 ||
		   !memcmp(address->bytes, own.bytes, sizeof(none));
}

int acceptor_open(acceptor **result, const network_address *address, void *owner, acceptor_incoming incoming)
{
	if (!acceptor_is_ours(address))
		return EADDRNOTAVAIL;
	acceptor *it = calloc(1, sizeof(*it));
	if (!it)
		return ENOMEM;
	it->owner = owner;
	it->incoming = incoming;
	int error = acceptor_listen(it, address);
	if (error) {
		free(it);
		return error;
	}
	loop_hold();
	*result = it;
	return 0;
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
	return it->count < ACCEPTOR_BACKLOG ? it->count : ACCEPTOR_BACKLOG;
}

/* What is still of use of the one that waited longest. */
static acceptor_waiting acceptor_shift(acceptor *it)
{
	acceptor_waiting first = it->waiting[0];
	it->count--;
	for (uint32_t i = 0; i < it->count; i++) {
		it->waiting[i] = it->waiting[i + 1];
		acceptor_place(&it->waiting[i]);
	}
	return first;
}

static void acceptor_drop(acceptor_waiting *waiting)
{
	if (waiting->received)
		pbuf_free(waiting->received);
	if (waiting->connection) {
		tcp_err(waiting->connection, NULL);
		tcp_abort(waiting->connection);
	}
}

stream *acceptor_take(acceptor *it, void *owner, stream_event event)
{
	if (!it->count)
		return NULL;
	acceptor_waiting first = acceptor_shift(it);
	/* The next one comes into sight. */
	if (it->count >= ACCEPTOR_BACKLOG)
		loop_defer(&it->task, acceptor_tell);
	if (first.connection)
		tcp_backlog_accepted(first.connection);
	stream *taken = stream_new(owner, event);
	if (taken)
		stream_adopt(taken, first.connection, first.received, first.finished);
	else
		acceptor_drop(&first);
	return taken;
}

void acceptor_close(acceptor *it)
{
	loop_task_cancel(&it->task);
	while (it->count) {
		acceptor_waiting first = acceptor_shift(it);
		acceptor_drop(&first);
	}
	(void)tcp_close(it->listening);
	loop_release();
	free(it);
}

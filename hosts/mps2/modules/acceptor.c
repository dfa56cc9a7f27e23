#include "acceptor.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/tcp.h"

#include "loop.h"
#include "network.h"
#include "stream-connection.h"

struct acceptor {
	struct tcp_pcb *listening;
	uint16_t port;
	uint32_t count;
	stream *waiting[NETWORK_BACKLOG];
	void *owner;
	acceptor_incoming incoming;
	loop_task task;
};

#define acceptor_of(member, pointer) ((acceptor *)(void *)((char *)(pointer)-offsetof(acceptor, member)))

/* ---- connections that wait ---- */

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
	stream *accepted = stream_accept(connection);
	if (!accepted)
		return ERR_MEM;
	it->waiting[it->count++] = accepted;
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

static stream *acceptor_shift(acceptor *it)
{
	stream *first = it->waiting[0];
	memmove(it->waiting, it->waiting + 1, --it->count * sizeof(it->waiting[0]));
	return first;
}

stream *acceptor_take(acceptor *it, void *owner, stream_event event)
{
	if (!it->count)
		return NULL;
	stream *taken = acceptor_shift(it);
	/* The next one comes into sight. */
	if (it->count >= ACCEPTOR_BACKLOG)
		loop_defer(&it->task, acceptor_tell);
	stream_take(taken, owner, event);
	return taken;
}

void acceptor_close(acceptor *it)
{
	loop_task_cancel(&it->task);
	while (it->count)
		stream_drop(acceptor_shift(it));
	(void)tcp_close(it->listening);
	loop_release();
	free(it);
}

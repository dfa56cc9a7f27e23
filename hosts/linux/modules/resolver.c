#include "resolver.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "events.h"
#include "system-address.h"

/* lwIP has four entries for lookups under way (DNS_TABLE_SIZE); further names wait for a worker. */
#define RESOLVER_WORKERS 4

/* Worker threads need little: getaddrinfo and its modules fit easily. */
#define RESOLVER_STACK (256 * 1024)

#define lookup_of(member, pointer) ((resolver_lookup *)(void *)((char *)(pointer)-offsetof(resolver_lookup, member)))

typedef enum { LOOKUP_WAITING, LOOKUP_RUNNING, LOOKUP_POSTED } lookup_state;

struct resolver_lookup {
	loop_task task;
	resolver_lookup *next;
	lookup_state state;
	bool cancelled;
	bool found;
	void *owner;
	resolver_done done;
	network_address address;
	char host[];
};

/* Guards the queue, the number of workers, and the state and cancelled of every lookup. */
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static resolver_lookup *resolver_queue;
static int resolver_workers;

static void resolver_answer(loop_task *task)
{
	resolver_lookup *it = lookup_of(task, task);
	loop_release();
	if (!it->cancelled)
		it->done(it->owner, it->found ? &it->address : NULL);
	free(it);
}

/* RFC 6761, 6.4: names in .invalid have no address, and nobody need be asked. */
static bool resolver_is_invalid(const char *host)
{
	static const char suffix[] = ".invalid";
	size_t size = strlen(host), wanted = sizeof(suffix) - 1;
	return size > wanted && !strcasecmp(host + size - wanted, suffix);
}

static bool resolver_ask(const char *host, network_address *address)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *all, *each, *best = NULL;
	if (resolver_is_invalid(host) || getaddrinfo(host, NULL, &hints, &all))
		return false;
	for (each = all; each; each = each->ai_next) {
		if (each->ai_family == AF_INET) {
			best = each;
			break;
		}
		if (each->ai_family == AF_INET6 && !best)
			best = each;
	}
	bool found = best && system_address_get(best->ai_addr, address);
	freeaddrinfo(all);
	return found;
}

static void *resolver_work(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&resolver_lock);
	while (resolver_queue) {
		resolver_lookup *it = resolver_queue;
		resolver_queue = it->next;
		it->state = LOOKUP_RUNNING;
		pthread_mutex_unlock(&resolver_lock);
		bool found = resolver_ask(it->host, &it->address);
		pthread_mutex_lock(&resolver_lock);
		it->found = found;
		/* The loop waits for no cancelled lookup, and may have ended: it is freed here and not posted. */
		if (it->cancelled)
			free(it);
		else {
			it->state = LOOKUP_POSTED;
			events_post(&it->task, resolver_answer);
		}
	}
	resolver_workers--;
	pthread_mutex_unlock(&resolver_lock);
	return NULL;
}

static int resolver_hire(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error = pthread_attr_init(&attributes);
	if (error)
		return error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, RESOLVER_STACK);
	/* Signals are the main thread's, which waits for them. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&thread, &attributes, resolver_work, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (!error)
		resolver_workers++;
	return error;
}

resolver_lookup *resolver_start(const char *host, void *owner, resolver_done done)
{
	size_t size = strlen(host) + 1;
	resolver_lookup *it = calloc(1, sizeof(*it) + size);
	if (!it) {
		errno = ENOMEM;
		return NULL;
	}
	memcpy(it->host, host, size);
	it->owner = owner;
	it->done = done;
	if (address_parse(&it->address, host)) {
		it->found = true;
		it->state = LOOKUP_POSTED;
		loop_hold();
		loop_defer(&it->task, resolver_answer);
		return it;
	}
	pthread_mutex_lock(&resolver_lock);
	resolver_lookup **end = &resolver_queue;
	while (*end)
		end = &(*end)->next;
	*end = it;
	int error = resolver_workers < RESOLVER_WORKERS ? resolver_hire() : 0;
	if (error && resolver_workers == 0)
		*end = NULL; /* nobody will come for it */
	else
		error = 0;
	pthread_mutex_unlock(&resolver_lock);
	if (error) {
		free(it);
		errno = error;
		return NULL;
	}
	loop_hold();
	return it;
}

void resolver_cancel(resolver_lookup *it)
{
	pthread_mutex_lock(&resolver_lock);
	it->cancelled = true;
	if (it->state == LOOKUP_WAITING) {
		resolver_lookup **from = &resolver_queue;
		while (*from != it)
			from = &(*from)->next;
		*from = it->next;
		free(it);
	}
	else if (it->state == LOOKUP_POSTED) {
		/* Its task runs soon, releases the loop and frees it. */
		pthread_mutex_unlock(&resolver_lock);
		return;
	}
	pthread_mutex_unlock(&resolver_lock);
	loop_release();
}

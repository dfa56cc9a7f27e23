/*
 * Names by lwIP's DNS client. It has places for a few questions; further names wait for one.
 */
#include "resolver.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lwip/dns.h"

#include "loop.h"
#include "network.h"

#define lookup_of(member, pointer) ((resolver_lookup *)(void *)((char *)(pointer)-offsetof(resolver_lookup, member)))

typedef enum { LOOKUP_WAITING, LOOKUP_ASKED, LOOKUP_ANSWERED } lookup_state;

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

/* Names for which there was no place, the oldest first. */
static resolver_lookup *resolver_queue;

/* Asks for names that wait once lwIP's callback is over. */
static loop_task resolver_asker;
static void resolver_ask_waiting(loop_task *task);

static void resolver_answer(loop_task *task)
{
	resolver_lookup *it = lookup_of(task, task);
	loop_release();
	if (!it->cancelled)
		it->done(it->owner, it->found ? &it->address : NULL);
	free(it);
}

static void resolver_finish(resolver_lookup *it, const ip_addr_t *ip)
{
	if (ip) {
		it->found = true;
		it->address = (network_address){ .family = ADDRESS_IPV4 };
		memcpy(it->address.bytes, ip, 4);
	}
	it->state = LOOKUP_ANSWERED;
	loop_defer(&it->task, resolver_answer);
}

static void resolver_heard(const char *host, const ip_addr_t *ip, void *lookup)
{
	resolver_lookup *it = lookup;
	(void)host;
	if (it->cancelled)
		free(it);
	else
		resolver_finish(it, ip);
	/* lwIP is still busy with its table: a question asked now may get a place there that it goes on to answer. */
	loop_defer(&resolver_asker, resolver_ask_waiting);
}

static bool resolver_is(const char *host, const char *suffix)
{
	size_t size = strlen(host), wanted = strlen(suffix);
	return size >= wanted && !strcasecmp(host + size - wanted, suffix) && (size == wanted || host[size - wanted - 1] == '.');
}

/* RFC 6761, 6.3 and 6.4: localhost is this machine, names in .invalid have no address, and of neither anybody is asked. */
static bool resolver_knows(resolver_lookup *it)
{
	if (address_parse(&it->address, it->host) || (resolver_is(it->host, "localhost") && address_parse(&it->address, "127.0.0.1")))
		it->found = true;
	else if (!resolver_is(it->host, "invalid"))
		return false;
	it->state = LOOKUP_ANSWERED;
	loop_defer(&it->task, resolver_answer);
	return true;
}

/* False if lwIP has no place for it. */
static bool resolver_ask(resolver_lookup *it)
{
	ip_addr_t ip;
	it->state = LOOKUP_ASKED;
	err_t error = dns_gethostbyname(it->host, &ip, resolver_heard, it);
	if (error == ERR_OK)
		resolver_finish(it, &ip);
	else if (error == ERR_MEM)
		it->state = LOOKUP_WAITING;
	else if (error != ERR_INPROGRESS)
		resolver_finish(it, NULL); /* too long for a name */
	return error != ERR_MEM;
}

/* Every question that takes a place is told the answer, and that leads back here. */
static void resolver_ask_waiting(loop_task *task)
{
	(void)task;
	for (resolver_lookup *first, *next; (first = resolver_queue); resolver_queue = next) {
		next = first->next;
		if (!resolver_ask(first))
			break;
	}
}

static void resolver_wait(resolver_lookup *it)
{
	resolver_lookup **end = &resolver_queue;
	while (*end)
		end = &(*end)->next;
	it->next = NULL;
	it->state = LOOKUP_WAITING;
	*end = it;
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
	loop_hold();
	if (!resolver_knows(it)) {
		resolver_wait(it);
		resolver_ask_waiting(NULL);
	}
	return it;
}

void resolver_cancel(resolver_lookup *it)
{
	it->cancelled = true;
	if (it->state == LOOKUP_ANSWERED)
		return; /* its task runs soon, releases the loop and frees it */
	loop_release();
	if (it->state == LOOKUP_ASKED)
		return; /* lwIP cannot forget a question: what it hears in the end frees the lookup */
	resolver_lookup **from = &resolver_queue;
	while (*from != it)
		from = &(*from)->next;
	*from = it->next;
	free(it);
}

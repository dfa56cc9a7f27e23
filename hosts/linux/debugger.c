/*
 * The connection to xsbug, in debug builds: XSBUG_HOST=host[:port] names it, and without it there is none.
 * The engine speaks the protocol; here are its six calls for the bytes.
 */
#include "xsAll.h"

#ifdef mxDebug

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "device.h"
#include "events.h"
#include "failure.h"

#define DEBUGGER_PORT "5002"

static events_watch debugger_watch;

/* Commands that come while the app waits for events. Those that come while it runs are found by fxIsReadable. */
static void debugger_ready(events_watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	xsBeginHost(device_machine);
	{
		fxDebugCommand(the);
	}
	xsEndHost(device_machine);
}

static int debugger_open(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *addresses;
	if (getaddrinfo(host, port, &hints, &addresses))
		return -1;
	int fd = -1;
	for (const struct addrinfo *address = addresses; address && fd < 0; address = address->ai_next) {
		fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
		if (fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen)) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(addresses);
	return fd;
}

/* Only the app is debugged: the root has no code left to run. */
void fxConnect(txMachine *the)
{
	const char *variable = getenv("XSBUG_HOST");
	if (!the->sharedMachine || !variable || !*variable)
		return;
	char host[256];
	snprintf(host, sizeof(host), "%s", variable);
	/* An IPv6 address has more than one colon, and brackets where a port follows it. */
	char *name = host + (host[0] == '[');
	char *bracket = name > host ? strchr(name, ']') : NULL;
	char *colon = strchr(bracket ? bracket : name, ':');
	if (colon && strchr(colon + 1, ':'))
		colon = NULL;
	if (bracket)
		*bracket = 0;
	if (colon)
		*colon++ = 0;
	the->debugger = debugger_open(name, colon ? colon : DEBUGGER_PORT);
	if (the->debugger < 0)
		failure("no xsbug at %s (XSBUG_HOST=host[:port]). Start it, or unset XSBUG_HOST", variable);
	int yes = 1;
	setsockopt(the->debugger, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	events_watch_start(&debugger_watch, the->debugger, POLLIN, debugger_ready);
	loop_release(); /* a debugger does not keep the app alive */
}

void fxDisconnect(txMachine *the)
{
	if (the->debugger >= 0) {
		loop_hold();
		events_watch_stop(&debugger_watch);
		close(the->debugger);
		the->debugger = -1;
	}
}

txBoolean fxIsConnected(txMachine *the)
{
	return the->debugger >= 0;
}

txBoolean fxIsReadable(txMachine *the)
{
	if (the->debugger < 0)
		return 0;
	struct pollfd watched = { .fd = the->debugger, .events = POLLIN };
	return poll(&watched, 1, 0) > 0;
}

void fxReceive(txMachine *the)
{
	ssize_t count;
	do
		count = recv(the->debugger, the->debugBuffer, sizeof(the->debugBuffer) - 1, 0);
	while (count < 0 && errno == EINTR);
	if (count <= 0) {
		fxDisconnect(the);
		count = 0;
	}
	the->debugOffset = (txSize)count;
	the->debugBuffer[count] = 0;
}

void fxSend(txMachine *the, txBoolean more)
{
	const char *bytes = the->echoBuffer;
	size_t left = (size_t)the->echoOffset;
	while (left && the->debugger >= 0) {
		ssize_t count = send(the->debugger, bytes, left, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
		if (count > 0) {
			bytes += count;
			left -= (size_t)count;
		}
		else if (errno != EINTR)
			fxDisconnect(the);
	}
}

#endif

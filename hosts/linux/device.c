/*
 * The device: links the firmware, runs its main module, and serves its events until it ends.
 *
 *     xs-device [--report] <link file>
 *
 * Status: 0 when nothing is left to wait for; the app's own with device.exit(status); 1 after an error; 128 and the
 * signal's number after SIGINT or SIGTERM.
 */
/* Before device.h: see machine.c. */
#include "xsAll.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "device.h"
#include "events.h"
#include "failure.h"
#include "fault.h"
#include "firmware.h"
#include "flash-pages.h"
#include "report.h"

static volatile sig_atomic_t device_signal;

/* The first signal ends the loop. An app that is stuck in a loop of its own is ended a second later. */
static void device_on_alarm(int number)
{
	(void)number;
	_exit(128 + device_signal);
}

static void device_on_signal(int number)
{
	int error = errno;
	device_signal = number;
	loop_stop();
	alarm(1);
	errno = error;
}

static void device_catch_signals(void)
{
	struct sigaction action = { .sa_handler = device_on_signal };
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = device_on_alarm;
	sigaction(SIGALRM, &action, NULL);
}

int main(int count, char **arguments)
{
	const char *link_path = NULL;
	for (int i = 1; i < count; i++) {
		if (!strcmp(arguments[i], "--report"))
			report_on();
		else if (arguments[i][0] == '-' || link_path)
			failure("unexpected argument %s (usage: xs-device [--report] <link file>)", arguments[i]);
		else
			link_path = arguments[i];
	}
	if (!link_path)
		failure("no link file (usage: xs-device [--report] <link file>)");

	/* Whoever reads what the device prints wants each line when it is printed. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	flash_open();
	if (!events_open())
		failure("cannot open an epoll descriptor");
	device_catch_signals();
	fault_catch();
	firmware_use(firmware_build(link_path));
	flash_protect();
	device_run();
	return device_end(device_signal ? 128 + device_signal : 0);
}

void report_platform(void)
{
	/* What there is outside of the arena is the computer's. */
}

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
#include "flash.h"
#include "machine.h"
#include "memory.h"
#include "report.h"

static volatile sig_atomic_t device_signal;
static int device_status;
static bool device_exited;

void device_exit(int status)
{
	device_status = status;
	device_exited = true;
	loop_stop();
}

void device_counters(uint32_t words[DEVICE_COUNTERS])
{
	memory_counters counters;
	_Static_assert(sizeof(counters) == DEVICE_COUNTERS * sizeof(uint32_t), "a word for each counter");
	memory_read(device_machine, &counters);
	memcpy(words, &counters, sizeof(counters));
}

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
	machine_start(link_path);
	machine_run_main();
	loop_run();
	if (device_signal)
		device_status = 128 + device_signal;
	else if (!device_exited && !machine_main_started())
		failure("main did not run: a setup/ module exports a function that never called the one it was given, to say that it is "
				"done");
	report_print(device_status);
	if (fflush(stdout) || ferror(stdout))
		failure("what the app printed could not be written: is the disk full?");
	machine_stop();
	return device_status;
}

/* Before device.h: see firmware.c. */
#include "xsAll.h"

#include "device.h"
#include "failure.h"
#include "machine.h"
#include "memory.h"
#include "report.h"

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

void device_run(void)
{
	machine_start();
	machine_run_main();
	loop_run();
}

int device_end(int interrupted)
{
	if (interrupted)
		device_status = interrupted;
	else if (!device_exited && !machine_main_started())
		failure("main did not run: a setup/ module exports a function that never called the one it was given, to say that it is "
				"done");
	report_print(device_status);
	if (fflush(stdout) || ferror(stdout))
		failure("what the app printed could not be written: is the disk full?");
	machine_stop();
	return device_status;
}

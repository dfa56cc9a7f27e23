/*
 * The SDK's `time`, as ESP32 and Pico have it: `ticks` is a signed 32-bit count of milliseconds that rolls over, so
 * firmware that subtracts ticks instead of calling delta() shows its bug here too (after 24.8 days of uptime).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "device.h"

/* Seconds east of UTC that firmware asked for; until it does, the zone is the host's. */
static bool time_zone_set;
static int32_t time_zone;
static int32_t time_dst;

static uint32_t time_ticks(void)
{
	return (uint32_t)(loop_now_us() / 1000);
}

static void time_zone_read(void)
{
	time_t now = time(NULL);
	struct tm local, utc;

	if (time_zone_set)
		return;
	localtime_r(&now, &local);
	gmtime_r(&now, &utc);
	/* At most a day apart, perhaps across the end of a year. */
	int32_t days = local.tm_yday - utc.tm_yday;
	days = days > 1 ? -1 : days < -1 ? 1 : days;
	time_dst = local.tm_isdst > 0 ? 3600 : 0;
	time_zone = ((days * 24 + local.tm_hour - utc.tm_hour) * 60 + local.tm_min - utc.tm_min) * 60 - time_dst;
}

/* Date takes its offset from the C library, and that from TZ, where east is negative and a name has three letters. */
static void time_zone_apply(void)
{
	char zone[32];
	int32_t offset = time_zone + time_dst;
	unsigned distance = (unsigned)(offset < 0 ? -offset : offset);

	snprintf(
		zone, sizeof(zone), "<dev>%c%u:%02u:%02u", offset > 0 ? '-' : '+', distance / 3600, distance / 60 % 60, distance % 60);
	setenv("TZ", zone, 1);
	tzset();
	time_zone_set = true;
}

/* The new value of one part, with what the other one adds. */
static int32_t time_offset(xsMachine *the, int32_t other)
{
	xsNumberValue seconds = xsmcToNumber(xsArg(0));

	/* The C library reads no more from TZ. */
	if (!(seconds + other >= -86400 && seconds + other <= 86400))
		xsRangeError("an offset from UTC, summer time included, is at most a day");
	return (int32_t)seconds;
}

/* The clock belongs to the host, which keeps it: firmware that sets it from SNTP would set the same time. */
void xs_time_set(xsMachine *the)
{
	if (xsmcArgc)
		(void)xsmcToNumber(xsArg(0));
}

void xs_time_timezone_get(xsMachine *the)
{
	time_zone_read();
	xsmcSetInteger(xsResult, time_zone);
}

void xs_time_timezone_set(xsMachine *the)
{
	time_zone_read();
	time_zone = time_offset(the, time_dst);
	time_zone_apply();
}

void xs_time_dst_get(xsMachine *the)
{
	time_zone_read();
	xsmcSetInteger(xsResult, time_dst);
}

void xs_time_dst_set(xsMachine *the)
{
	time_zone_read();
	time_dst = time_offset(the, time_zone);
	time_zone_apply();
}

void xs_time_ticks(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)time_ticks());
}

void xs_time_delta(xsMachine *the)
{
	uint32_t start = (uint32_t)(xsmcArgc > 0 ? xsmcToInteger(xsArg(0)) : 0);
	uint32_t end = xsmcArgc > 1 ? (uint32_t)xsmcToInteger(xsArg(1)) : time_ticks();

	xsmcSetInteger(xsResult, (xsIntegerValue)(end - start));
}

void xs_time_microseconds(xsMachine *the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)loop_now_us());
}

/*
 * The device: the firmware's main module, run until it ends.
 *
 *     xs-device [--report] [--ports=port,…]      the firmware that is in flash
 *     xs-device --build <link file> <rom file>   makes one
 *
 * Status: as that of the Linux device (hosts/linux/device.c).
 */
/* Before device.h: see hosts/shared/firmware.c. */
#include "xsAll.h"

#include "clock.h"
#include "device.h"
#include "failure.h"
#include "maker.h"
#include "mpu.h"
#include "network.h"
#include "ram.h"
#include "report.h"
#include "rom.h"
#include "semihosting.h"

#define DEVICE_WORDS 8
#define DEVICE_PORTS 16
/* How long a device that ends waits for its last bytes to be taken. */
#define DEVICE_PATIENCE_MS 2000

static const char *const device_usage =
	"usage: xs-device [--report] [--ports=port,...], or xs-device --build <link file> <rom file>";

/* Puts the words of the command line into words, the program's name first, and returns how many there are. */
static int device_command_line(char *words[DEVICE_WORDS])
{
	static char line[256];
	const uintptr_t block[] = { (uintptr_t)line, sizeof(line) };
	if (semihosting_call(SEMIHOSTING_GET_CMDLINE, block))
		failure("the command line is longer than %d characters", (int)sizeof(line) - 1);
	int count = 0;
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		if (count == DEVICE_WORDS)
			failure("too many arguments: %s", device_usage);
		words[count++] = word;
	}
	return count;
}

static void device_ports(const char *text)
{
	uint16_t ports[DEVICE_PORTS];
	unsigned count = 0;
	for (char *end; *text && count < DEVICE_PORTS; text = *end ? end + 1 : end)
		ports[count++] = (uint16_t)strtoul(text, &end, 10);
	network_set_ports(ports, count);
}

static void device_option(const char *word)
{
	if (!strcmp(word, "--report"))
		report_on();
	else if (!strncmp(word, "--ports=", 8))
		device_ports(word + 8);
	else
		failure("unexpected argument %s: %s", word, device_usage);
}

int main(void);

int main(void)
{
	static char out[128], err[128];
	setvbuf(stdout, out, _IOLBF, sizeof(out));
	setvbuf(stderr, err, _IOLBF, sizeof(err));
	clock_open();
	char *words[DEVICE_WORDS];
	int count = device_command_line(words);
	if (count == 4 && !strcmp(words[1], "--build"))
		maker_run(words[2], words[3]);
	for (int i = 1; i < count; i++)
		device_option(words[i]);
	const firmware *it = rom_firmware();
	if (!it)
		failure("there is no firmware in flash: make one with --build");
	ram_limit(rom_ram());
	mpu_protect(rom_ram());
	if (!network_open())
		failure("there is no Ethernet chip: start QEMU with -nic user,model=lan9118");
	firmware_use(it);
	device_run();
	int status = device_end(0);
	/* Only now are the app's connections closed. */
	network_finish(DEVICE_PATIENCE_MS);
	return status;
}

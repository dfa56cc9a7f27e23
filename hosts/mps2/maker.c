#include "maker.h"

#include "board.h"
#include "natives.h"
#include "ram.h"
#include "rom.h"

/* What malloc is left with, beside the tables of the app's machine, for timers, sockets, regular expressions and digests; */
#define MAKER_MALLOC (5 * 1024)
/* and for mbedTLS beside it, in a firmware with TLS: a connection to a server whose chain has keys of P-256. */
#define MAKER_MALLOC_TLS (7 * 1024)

static const char *maker_link_path, *maker_rom_path;

static _Noreturn void maker_work(void)
{
	const firmware *made = firmware_build(maker_link_path);
	size_t malloc_bytes = MAKER_MALLOC + (natives_lookup("xs_tls_session") ? MAKER_MALLOC_TLS : 0);
	rom_write(made, made->image.ram, malloc_bytes, maker_rom_path);
	exit(0);
}

_Noreturn void maker_run(const char *link_path, const char *rom_path)
{
	maker_link_path = link_path;
	maker_rom_path = rom_path;
	ram_limit(BOARD_RAM_SIZE - MAKER_STACK);
	__asm volatile("msr msp, %0\n bx %1" : : "r"(maker_stack + MAKER_STACK), "r"(maker_work));
	__builtin_unreachable();
}

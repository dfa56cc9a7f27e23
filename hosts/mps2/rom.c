#include "rom.h"

#include "board.h"
#include "failure.h"
#include "flash.h"

#define ROM_MAGIC 0x534D4F52 /* ROMS */
#define ROM_ALIGNMENT 16

typedef struct __attribute__((aligned(ROM_ALIGNMENT))) rom_header {
	uint32_t magic;
	uint32_t size; /* all of it, this header included */
	uint32_t ram;
	uint32_t malloc_bytes;
	const firmware *firmware;
} rom_header;

/* The linker gives it the whole section; objcopy puts in what the maker wrote. */
__attribute__((section(".rom"), used, aligned(ROM_ALIGNMENT))) static union {
	rom_header header;
	uint8_t bytes[BOARD_ROM_SIZE];
} rom = { .header = { .magic = 0 } };

static size_t rom_taken = sizeof(rom_header);

void *flash_take(size_t size)
{
	size = (size + ROM_ALIGNMENT - 1) & ~(size_t)(ROM_ALIGNMENT - 1);
	if (size > sizeof(rom) - rom_taken)
		failure("flash full: the app's modules do not fit in %d MB", BOARD_ROM_SIZE >> 20);
	void *taken = rom.bytes + rom_taken;
	rom_taken += size;
	return taken;
}

void *flash_copy(const void *bytes, size_t size)
{
	return memcpy(flash_take(size), bytes, size);
}

char *flash_copy_string(const char *string)
{
	return flash_copy(string, strlen(string) + 1);
}

bool flash_contains(const void *address)
{
	return (uintptr_t)address - BOARD_CODE < BOARD_CODE_SIZE;
}

/* Through volatile: for the compiler, a constant that is zero stays zero. */
static const volatile rom_header *rom_read(void)
{
	return &rom.header;
}

const firmware *rom_firmware(void)
{
	return rom_read()->magic == ROM_MAGIC ? rom_read()->firmware : NULL;
}

size_t rom_ram(void)
{
	return rom_read()->ram;
}

size_t rom_size(void)
{
	return rom_read()->size;
}

size_t rom_malloc(void)
{
	return rom_read()->malloc_bytes;
}

void rom_write(const firmware *made, size_t ram, size_t malloc_bytes, const char *path)
{
	rom.header =
		(rom_header){ .magic = ROM_MAGIC, .size = rom_taken, .ram = ram, .malloc_bytes = malloc_bytes, .firmware = made };
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(rom.bytes, 1, rom_taken, file) != rom_taken || fclose(file))
		failure("cannot write the firmware to %s", path);
}

#include "mpu.h"

#include <stdint.h>

#include "board.h"
#include "failure.h"

#define MPU_TYPE (*(volatile uint32_t *)0xE000ED90)
#define MPU_CONTROL (*(volatile uint32_t *)0xE000ED94)
#define MPU_NUMBER (*(volatile uint32_t *)0xE000ED98)
#define MPU_BASE (*(volatile uint32_t *)0xE000ED9C)
#define MPU_SIZE (*(volatile uint32_t *)0xE000EDA0)
#define MPU_TYPE_REGIONS (MPU_TYPE >> 8 & 0xFF)

/* On, but not while a hard fault is explained; without the default map, so that what has no region is not there. */
#define MPU_ON 1u

static uint32_t mpu_next;

static void mpu_region(uint32_t base, uint32_t size)
{
	if (mpu_next == MPU_TYPE_REGIONS)
		failure("the MPU has too few regions for this size of RAM: take a multiple of 16 KB");
	MPU_NUMBER = mpu_next++;
	MPU_BASE = base;
	MPU_SIZE = size;
}

#if __ARM_ARCH >= 8

/* ARMv8-M: regions of any multiple of 32 bytes. */
#define MPU_READ_ONLY (2u << 1)
#define MPU_READ_WRITE 0u
#define MPU_NEVER_EXECUTE 1u
#define MPU_MEMORY 0u
#define MPU_DEVICE (1u << 1)
#define MPU_ATTRIBUTES (*(volatile uint32_t *)0xE000EDC0)

static void mpu_range(uint32_t base, uint32_t size, uint32_t access, uint32_t kind)
{
	mpu_region(base | access, ((base + size - 1) & ~31u) | kind | 1u);
}

static void mpu_regions(uint32_t ram)
{
	MPU_ATTRIBUTES = 0x0044; /* 0: memory that is not cached, 1: device */
	mpu_range(BOARD_CODE, BOARD_ROM - BOARD_CODE, MPU_READ_ONLY, MPU_MEMORY);
	mpu_range(BOARD_ROM, BOARD_ROM_SIZE, MPU_READ_ONLY | MPU_NEVER_EXECUTE, MPU_MEMORY);
	mpu_range(BOARD_PERIPHERALS, BOARD_PERIPHERALS_SIZE, MPU_READ_WRITE | MPU_NEVER_EXECUTE, MPU_DEVICE);
	mpu_range(BOARD_RAM, ram, MPU_READ_WRITE | MPU_NEVER_EXECUTE, MPU_MEMORY);
}

#else

/* ARMv7-M: regions of powers of two, an eighth of which can be left out. */
#define MPU_READ_ONLY (6u << 24)
#define MPU_READ_WRITE (3u << 24)
#define MPU_NEVER_EXECUTE (1u << 28)
#define MPU_MEMORY (1u << 17)
#define MPU_DEVICE (1u << 16)
#define MPU_EIGHTHS 8
#define MPU_LEAST 1024

/* A bit of `eighths` for each, the lowest for the first one. */
static void mpu_range(uint32_t base, uint32_t size, uint32_t eighths, uint32_t attributes)
{
	uint32_t without = ~eighths & 0xFFu;
	uint32_t exponent = 31u - (uint32_t)__builtin_clz(size);
	mpu_region(base, attributes | without << 8 | (exponent - 1) << 1 | 1u);
}

/* As many eighths of the power of two above it as fit, and the rest in the same way: each region takes three bits of the size. */
static void mpu_ram(uint32_t base, uint32_t size)
{
	uint32_t whole = MPU_LEAST;
	while (whole < size)
		whole *= 2;
	for (uint32_t left = size; left; whole /= MPU_EIGHTHS) {
		uint32_t eighths = left / (whole / MPU_EIGHTHS);
		if (!eighths)
			continue;
		mpu_range(base, whole, (1u << eighths) - 1, MPU_READ_WRITE | MPU_NEVER_EXECUTE | MPU_MEMORY);
		base += eighths * (whole / MPU_EIGHTHS);
		left -= eighths * (whole / MPU_EIGHTHS);
	}
}

static void mpu_regions(uint32_t ram)
{
	_Static_assert(BOARD_ROM - BOARD_CODE == BOARD_CODE_SIZE / MPU_EIGHTHS * 2, "code is the first two eighths");
	_Static_assert(BOARD_ROM_SIZE == BOARD_CODE_SIZE / MPU_EIGHTHS * 4, ".rom the next four");
	mpu_range(BOARD_CODE, BOARD_CODE_SIZE, 0x03, MPU_READ_ONLY | MPU_MEMORY);
	mpu_range(BOARD_CODE, BOARD_CODE_SIZE, 0x3C, MPU_READ_ONLY | MPU_NEVER_EXECUTE | MPU_MEMORY);
	mpu_range(BOARD_PERIPHERALS, BOARD_PERIPHERALS_SIZE, 0xFF, MPU_READ_WRITE | MPU_NEVER_EXECUTE | MPU_DEVICE);
	mpu_ram(BOARD_RAM, ram);
}

#endif

void mpu_protect(size_t ram)
{
	mpu_regions((uint32_t)ram);
	MPU_CONTROL = MPU_ON;
	__asm volatile("dsb\n isb" ::: "memory");
}

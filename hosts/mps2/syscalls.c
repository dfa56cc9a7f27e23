/*
 * What newlib asks of a system: files and the console by semihosting, memory behind what the linker laid out.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "loop.h"
#include "ram.h"
#include "semihosting.h"
#include "startup.h"

int _close(int fd);
int _fstat(int fd, struct stat *status);
int _getpid(void);
int _gettimeofday(struct timeval *now, void *zone);
int _isatty(int fd);
int _kill(int pid, int number);
_off_t _lseek(int fd, _off_t offset, int whence);
int _open(const char *path, int flags, int mode);
int _read(int fd, void *bytes, size_t count);
void *_sbrk(ptrdiff_t size);
int _write(int fd, const void *bytes, size_t count);

/* The three of the console, then those of files. 0: not open; otherwise the handle and 1. */
#define SYSCALLS_FILES 8
static int syscalls_handles[SYSCALLS_FILES];

static int syscalls_handle(int fd)
{
	if (fd < 0 || fd >= SYSCALLS_FILES)
		return -1;
	if (!syscalls_handles[fd] && fd <= STDERR_FILENO) {
		static const uint8_t modes[] = { SEMIHOSTING_RB, SEMIHOSTING_WB, SEMIHOSTING_AB };
		syscalls_handles[fd] = semihosting_open(":tt", modes[fd]) + 1;
	}
	return syscalls_handles[fd] - 1;
}

int _open(const char *path, int flags, int mode)
{
	(void)mode;
	int fd = STDERR_FILENO + 1;
	while (fd < SYSCALLS_FILES && syscalls_handles[fd])
		fd++;
	if (fd == SYSCALLS_FILES) {
		errno = EMFILE;
		return -1;
	}
	int handle = semihosting_open(path, flags & (O_WRONLY | O_RDWR) ? SEMIHOSTING_WB : SEMIHOSTING_RB);
	if (handle < 0) {
		errno = ENOENT;
		return -1;
	}
	syscalls_handles[fd] = handle + 1;
	return fd;
}

int _close(int fd)
{
	const uintptr_t block[] = { (uintptr_t)syscalls_handle(fd) };
	syscalls_handles[fd] = 0;
	return (int)semihosting_call(SEMIHOSTING_CLOSE, block);
}

int _read(int fd, void *bytes, size_t count)
{
	return (int)(count - semihosting_transfer(SEMIHOSTING_READ, syscalls_handle(fd), bytes, count));
}

int _write(int fd, const void *bytes, size_t count)
{
	size_t missing = semihosting_transfer(SEMIHOSTING_WRITE, syscalls_handle(fd), (void *)(uintptr_t)bytes, count);
	if (missing == count && count) {
		errno = EIO;
		return -1;
	}
	return (int)(count - missing);
}

_off_t _lseek(int fd, _off_t offset, int whence)
{
	int handle = syscalls_handle(fd);
	if (whence == SEEK_END) {
		const uintptr_t block[] = { (uintptr_t)handle };
		offset += (_off_t)semihosting_call(SEMIHOSTING_FLEN, block);
	}
	else if (whence != SEEK_SET) {
		errno = ESPIPE;
		return -1;
	}
	const uintptr_t block[] = { (uintptr_t)handle, (uintptr_t)offset };
	if (semihosting_call(SEMIHOSTING_SEEK, block)) {
		errno = EINVAL;
		return -1;
	}
	return offset;
}

int _isatty(int fd)
{
	return fd <= STDERR_FILENO;
}

int _fstat(int fd, struct stat *status)
{
	memset(status, 0, sizeof(*status));
	status->st_mode = _isatty(fd) ? S_IFCHR : S_IFREG;
	return 0;
}

/* The clock counts from the start of the board; when that was, the machine around it knows to a second. */
int _gettimeofday(struct timeval *now, void *zone)
{
	(void)zone;
	static uint32_t start_s;
	uint64_t since_us = loop_now_us();
	if (!start_s)
		start_s = (uint32_t)semihosting_call(SEMIHOSTING_TIME, NULL) - (uint32_t)(since_us / 1000000);
	now->tv_sec = (time_t)(start_s + since_us / 1000000);
	now->tv_usec = (suseconds_t)(since_us % 1000000);
	return 0;
}

/* There are no folders. */
char *getcwd(char *path, size_t size)
{
	(void)path;
	(void)size;
	return NULL;
}

void *_sbrk(ptrdiff_t size)
{
	void *start = ram_grow(size);
	if (!start) {
		errno = ENOMEM;
		return (void *)-1;
	}
	return start;
}

_Noreturn void _exit(int status)
{
	const uintptr_t block[] = { 0x20026 /* the application ended */, (uintptr_t)status };
	semihosting_call(SEMIHOSTING_EXIT_EXTENDED, block);
	for (;;)
		;
}

/* abort() and assert() of the libraries end here. */
int _kill(int pid, int number)
{
	(void)pid;
	_exit(128 + number);
}

int _getpid(void)
{
	return 1;
}

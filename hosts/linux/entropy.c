#include "entropy.h"

#include <errno.h>
#include <sys/random.h>

bool entropy_fill(void *bytes, size_t count)
{
	uint8_t *at = bytes;
	while (count) {
		ssize_t got = getrandom(at, count, 0);
		if (got > 0) {
			at += got;
			count -= (size_t)got;
		}
		else if (errno != EINTR)
			return false;
	}
	return true;
}

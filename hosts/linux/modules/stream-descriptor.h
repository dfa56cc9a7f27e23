/*
 * Streams of descriptors that are connected already.
 */
#ifndef STREAM_DESCRIPTOR_H
#define STREAM_DESCRIPTOR_H

#include "stream.h"

/* Takes over a descriptor, as accept gives it. */
void stream_adopt(stream *it, int fd);

#endif

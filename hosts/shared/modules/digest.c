/*
 * `Digest` of the SDK's `crypt`, computed by the host's library. On a board of the SDK the state of a digest is a chunk in the XS heap;
 * here it is the library's, outside of the arena, so a digest under way costs a hundred chunk bytes or two less there.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "hash.h"

typedef struct {
	const hash_algorithm *algorithm;
	hash *context; /* NULL once closed: a closed digest waits for the collector, its memory should not */
} digest_state;

void xs_digest_destructor(void *data);

/* The SDK's names and no others: the library knows more, but firmware that used them would not run on a board. */
static const hash_algorithm *digest_algorithm(const char *name)
{
	static const char *const names[] = { "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return hash_find(name);
	return NULL;
}

static digest_state *digest_get(xsMachine *the)
{
	digest_state *state = xsmcGetHostDataValidate(xsThis, (void *)xs_digest_destructor);

	if (!state)
		xsTypeError("crypt: this is no digest");
	return state;
}

static digest_state *digest_get_open(xsMachine *the)
{
	digest_state *state = digest_get(the);

	if (!state->context)
		xsUnknownError("crypt: the digest is closed");
	return state;
}

static void digest_begin(xsMachine *the, digest_state *state)
{
	hash_free(state->context);
	state->context = hash_new(state->algorithm);
	if (!state->context)
		xsUnknownError("crypt: no memory for a digest");
}

void xs_digest_destructor(void *data)
{
	digest_state *state = data;

	if (!state)
		return;
	hash_free(state->context);
	free(state);
}

void xs_digest(xsMachine *the)
{
	const char *name = xsmcArgc ? xsmcToString(xsArg(0)) : "";
	const hash_algorithm *algorithm = digest_algorithm(name);
	digest_state *state;

	if (!algorithm)
		xsUnknownError("crypt: unsupported digest %s", name);
	state = calloc(1, sizeof(digest_state));
	if (!state)
		xsUnknownError("crypt: no memory for a digest");
	state->algorithm = algorithm;
	xsmcSetHostData(xsThis, state);
	digest_begin(the, state);
}

void xs_digest_write(xsMachine *the)
{
	void *data;
	xsUnsignedValue size;

	if (xsStringType == xsmcTypeOf(xsArg(0))) {
		data = xsmcToString(xsArg(0));
		size = (xsUnsignedValue)strlen(data);
	}
	else
		xsmcGetBufferReadable(xsArg(0), &data, &size);
	hash_update(digest_get_open(the)->context, data, size);
}

/* With a true argument the digest of what was written so far, and it may be written further. */
void xs_digest_close(xsMachine *the)
{
	digest_state *state = digest_get_open(the);
	bool more = xsmcArgc && xsmcTest(xsArg(0));
	uint8_t result[HASH_MAX_SIZE];
	hash *finished = more ? hash_copy(state->context) : state->context;
	unsigned size = finished ? hash_finish(finished, result) : 0;

	hash_free(finished);
	if (!more)
		state->context = NULL;
	if (!size)
		xsUnknownError("crypt: no memory for a digest");
	xsmcSetArrayBuffer(xsResult, result, (xsIntegerValue)size);
}

void xs_digest_reset(xsMachine *the)
{
	digest_begin(the, digest_get(the));
}

void xs_digest_get_block_size(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)hash_block_size(digest_get(the)->algorithm));
}

void xs_digest_get_output_size(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)hash_output_size(digest_get(the)->algorithm));
}

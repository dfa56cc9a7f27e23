/*
 * `Digest` of the SDK's `crypt`, computed by OpenSSL. On a device the state of a digest is a chunk in the XS heap; here
 * it is OpenSSL's, outside of the arena, so a digest under way costs a hundred chunk bytes or two less than on a board.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "device.h"

typedef struct {
	const EVP_MD *algorithm;
	EVP_MD_CTX *context; /* NULL once closed: a closed digest waits for the collector, its memory should not */
} digest_state;

void xs_digest_destructor(void *data);

/* The SDK's names and no others: OpenSSL knows more, but firmware that used them would not run on a board. */
static const EVP_MD *digest_algorithm(const char *name)
{
	static const struct {
		const char *name;
		const EVP_MD *(*get)(void);
	} algorithms[] = {
		{ "MD5", EVP_md5 },
		{ "SHA1", EVP_sha1 },
		{ "SHA224", EVP_sha224 },
		{ "SHA256", EVP_sha256 },
		{ "SHA384", EVP_sha384 },
		{ "SHA512", EVP_sha512 },
	};

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (!strcmp(name, algorithms[i].name))
			return algorithms[i].get();
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
	if (!state->context)
		state->context = EVP_MD_CTX_new();
	if (!state->context || !EVP_DigestInit_ex(state->context, state->algorithm, NULL))
		xsUnknownError("crypt: OpenSSL cannot start this digest");
}

void xs_digest_destructor(void *data)
{
	digest_state *state = data;

	if (!state)
		return;
	EVP_MD_CTX_free(state->context);
	free(state);
}

void xs_digest(xsMachine *the)
{
	const char *name = xsmcArgc ? xsmcToString(xsArg(0)) : "";
	const EVP_MD *algorithm = digest_algorithm(name);
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
	EVP_DigestUpdate(digest_get_open(the)->context, data, size);
}

/* With a true argument the digest of what was written so far, and it may be written further. */
void xs_digest_close(xsMachine *the)
{
	digest_state *state = digest_get_open(the);
	bool more = xsmcArgc && xsmcTest(xsArg(0));
	unsigned char result[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (more) {
		EVP_MD_CTX *copy = EVP_MD_CTX_new();
		if (copy && EVP_MD_CTX_copy_ex(copy, state->context))
			EVP_DigestFinal_ex(copy, result, &size);
		EVP_MD_CTX_free(copy);
	}
	else {
		EVP_DigestFinal_ex(state->context, result, &size);
		EVP_MD_CTX_free(state->context);
		state->context = NULL;
	}
	if (!size)
		xsUnknownError("crypt: OpenSSL cannot finish this digest");
	xsmcSetArrayBuffer(xsResult, result, (xsIntegerValue)size);
}

void xs_digest_reset(xsMachine *the)
{
	digest_begin(the, digest_get(the));
}

void xs_digest_get_block_size(xsMachine *the)
{
	xsmcSetInteger(xsResult, EVP_MD_get_block_size(digest_get(the)->algorithm));
}

void xs_digest_get_output_size(xsMachine *the)
{
	xsmcSetInteger(xsResult, EVP_MD_get_size(digest_get(the)->algorithm));
}

#include "hash.h"

#include <openssl/evp.h>

/* Both are OpenSSL's own objects. */
static const EVP_MD *hash_md(const hash_algorithm *algorithm)
{
	return (const EVP_MD *)(const void *)algorithm;
}

static EVP_MD_CTX *hash_context(hash *it)
{
	return (EVP_MD_CTX *)(void *)it;
}

const hash_algorithm *hash_find(const char *name)
{
	return (const hash_algorithm *)(const void *)EVP_get_digestbyname(name);
}

unsigned hash_block_size(const hash_algorithm *algorithm)
{
	return (unsigned)EVP_MD_get_block_size(hash_md(algorithm));
}

unsigned hash_output_size(const hash_algorithm *algorithm)
{
	return (unsigned)EVP_MD_get_size(hash_md(algorithm));
}

hash *hash_new(const hash_algorithm *algorithm)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context && !EVP_DigestInit_ex(context, hash_md(algorithm), NULL)) {
		EVP_MD_CTX_free(context);
		context = NULL;
	}
	return (hash *)(void *)context;
}

hash *hash_copy(const hash *it)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	if (copy && !EVP_MD_CTX_copy_ex(copy, (const EVP_MD_CTX *)(const void *)it)) {
		EVP_MD_CTX_free(copy);
		copy = NULL;
	}
	return (hash *)(void *)copy;
}

void hash_free(hash *it)
{
	EVP_MD_CTX_free(hash_context(it));
}

void hash_update(hash *it, const void *bytes, size_t count)
{
	EVP_DigestUpdate(hash_context(it), bytes, count);
}

unsigned hash_finish(hash *it, uint8_t result[HASH_MAX_SIZE])
{
	_Static_assert(EVP_MAX_MD_SIZE <= HASH_MAX_SIZE, "the result has room");
	unsigned size = 0;
	return EVP_DigestFinal_ex(hash_context(it), result, &size) ? size : 0;
}

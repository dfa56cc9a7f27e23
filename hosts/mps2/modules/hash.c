#include "hash.h"

#include <stdlib.h>

#include "mbedtls/md.h"

static const mbedtls_md_info_t *hash_info(const hash_algorithm *algorithm)
{
	return (const mbedtls_md_info_t *)(const void *)algorithm;
}

struct hash {
	mbedtls_md_context_t context;
};

const hash_algorithm *hash_find(const char *name)
{
	return (const hash_algorithm *)(const void *)mbedtls_md_info_from_string(name);
}

/* mbedTLS keeps it to itself. FIPS 180-4, 1: the two long ones work on 1,024 bits, the others on 512. */
unsigned hash_block_size(const hash_algorithm *algorithm)
{
	return hash_output_size(algorithm) > 32 ? 128 : 64;
}

unsigned hash_output_size(const hash_algorithm *algorithm)
{
	return mbedtls_md_get_size(hash_info(algorithm));
}

static hash *hash_setup(const mbedtls_md_info_t *info)
{
	hash *it = malloc(sizeof(hash));
	if (!it)
		return NULL;
	mbedtls_md_init(&it->context);
	if (mbedtls_md_setup(&it->context, info, 0)) {
		hash_free(it);
		return NULL;
	}
	return it;
}

hash *hash_new(const hash_algorithm *algorithm)
{
	hash *it = hash_setup(hash_info(algorithm));
	if (it)
		mbedtls_md_starts(&it->context);
	return it;
}

hash *hash_copy(const hash *it)
{
	hash *copy = hash_setup(it->context.md_info);
	if (copy)
		mbedtls_md_clone(&copy->context, &it->context);
	return copy;
}

void hash_free(hash *it)
{
	if (it)
		mbedtls_md_free(&it->context);
	free(it);
}

void hash_update(hash *it, const void *bytes, size_t count)
{
	mbedtls_md_update(&it->context, bytes, count);
}

unsigned hash_finish(hash *it, uint8_t result[HASH_MAX_SIZE])
{
	return mbedtls_md_finish(&it->context, result) ? 0 : mbedtls_md_get_size(it->context.md_info);
}

/*
 * Hash functions, as the library has them that the host is built with.
 */
#ifndef HASH_H
#define HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_MAX_SIZE 64

typedef struct hash_algorithm hash_algorithm;
typedef struct hash hash;

/* By the name that the library has; NULL if it has none of it. */
const hash_algorithm *hash_find(const char *name);
unsigned hash_block_size(const hash_algorithm *algorithm);
unsigned hash_output_size(const hash_algorithm *algorithm);

/* NULL if there is no memory. */
hash *hash_new(const hash_algorithm *algorithm);
hash *hash_copy(const hash *it);
void hash_free(hash *it);

void hash_update(hash *it, const void *bytes, size_t count);
/* Returns the size of the result; 0 if the library failed. The hash can only be freed afterwards. */
unsigned hash_finish(hash *it, uint8_t result[HASH_MAX_SIZE]);

#endif

/*
 * malloc() and its kin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *volatile kept; /* keeps calls from being left out */

int main(void)
{
    char *block = malloc(4);
    memcpy(block, "abc", 4);
    block = realloc(block, 4000);
    assert(strcmp(block, "abc") == 0);
    block = realloc(block, 2);
    assert(block[0] == 'a' && block[1] == 'b');
    free(block);
    free(NULL);

    volatile size_t huge = SIZE_MAX / 2;
    errno = 0;
    kept = calloc(huge, 4);
    assert(kept == NULL && errno == ENOMEM);
    long *zeros = calloc(3, sizeof(*zeros));
    assert(zeros[0] == 0 && zeros[2] == 0);
    free(zeros);

    void *aligned = aligned_alloc(64, 128);
    assert((uintptr_t)aligned % 64 == 0);
    free(aligned);
    assert(posix_memalign(&aligned, 3, 8) == EINVAL);
    assert(posix_memalign(&aligned, 256, 8) == 0);
    assert((uintptr_t)aligned % 256 == 0);
    free(aligned);

    char *copy = strdup("text");
    char *part = strndup(copy, 2);
    assert(strcmp(copy, "text") == 0 && strcmp(part, "te") == 0);
    free(copy);
    free(part);
    return 0;
}

/*
 * The end of the program when memory runs out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/need.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void *need(void *memory, const char *what)
{
    assert(what != NULL);
    if (memory == NULL) {
        fprintf(stderr, "faultline: no memory for %s\n", what);
        exit(70);
    }
    return memory;
}

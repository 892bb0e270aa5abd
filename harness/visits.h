/*
 * How often each thread came to each point in the operation it is in.
 *
 * A fault that acted at a point acts there again in a run that was edited: at
 * the same visit of the same operation, whatever steps lie before it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_VISITS_H
#define HX_VISITS_H

#include "harness/fault.h"

enum {
    VISITS_MAX = 256 /* points by threads; beyond, each visit is the first */
};

struct visits {
    uint32_t count;
    struct visit {
        const char *point; /* borrowed, of the run */
        uint32_t thread;
        uint32_t operation;
        uint32_t times;
    } list[VISITS_MAX];
};

/* A run begins. */
void visits_begin(struct visits *visits);

/* The thread of `site` is at its point: which visit that is, from 1. */
uint32_t visits_count(struct visits *visits, const struct site *site);

#endif

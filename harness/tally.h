/*
 * What a search counts, on its way from a strategy to a report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TALLY_H
#define HX_TALLY_H

#include <stdbool.h>
#include <stdint.h>

/* What a search has done so far. */
struct search_tally {
    uint64_t executions; /* complete ones */
    uint64_t redundant;  /* cut off, or like one before */
    uint64_t blocked;    /* ended by a loop that was cut */
    bool cuts;           /* loops that wait are */
    uint64_t distinct;   /* by what each read reads and the order of writes */
    bool more;           /* ... or more: not all could be kept */
    bool all;            /* the search came to its end */
};

#endif

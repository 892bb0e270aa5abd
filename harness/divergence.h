/*
 * Divergence: where, and on account of what, a run differs from its repetition.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_DIVERGENCE_H
#define HX_DIVERGENCE_H

#include "harness/campaign.h"

enum {
    DIVERGENCE_MAX = 240 /* bytes of a text */
};

/*
 * Makes run `index` of the campaign again and again in a child: with the same
 * bytes in memory that nobody wrote, and once with other ones there.  Which
 * of them differ tells the source; the first step that does, the place.  Writes
 * a part of a sentence to `text`; "" if it does not come again.
 */
void divergence_find(const struct campaign_request *request, uint64_t index,
                     char text[DIVERGENCE_MAX]);

/* Writes `source`, and that step `at` (from 0) is the first that differs, with
 * its file and line if `pc` (0: none) has one. */
void divergence_tell(char text[DIVERGENCE_MAX], const char *source, uint32_t at,
                     uintptr_t pc);

#endif

/*
 * What the schedules of a campaign have shown: looked at while it runs, told in
 * its summary, and kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_REACHED_H
#define CLI_REACHED_H

#include "cli/keep.h"

/* Before the campaign: room for each of its workers.  Takes up what
 * keeping->before had seen, in a campaign that goes on. */
void reached_begin(struct keeping *keeping, struct campaign_request *campaign);

/* What was seen in the runs below `next`: so far, or of all; owned by the
 * caller.  NULL: nobody looks. */
struct reached *reached_so_far(const struct campaign_request *campaign,
                               uint64_t next);

/* After it: says in the summary what was seen, keeps it, and gives back the
 * room. */
void reached_end(struct keeping *keeping, struct campaign_request *campaign,
                 struct result *result);

#endif

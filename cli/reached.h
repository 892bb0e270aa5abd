/*
 * What the schedules of a campaign have shown, for its summary.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_REACHED_H
#define CLI_REACHED_H

#include "cli/examine.h"

/* Before the campaign: room for each of its workers, unless it is a search,
 * which draws no runs. */
void reached_begin(struct campaign_request *campaign);

/* After it: says in the summary what was seen, and gives back the room. */
void reached_end(struct campaign_request *campaign, struct result *result);

#endif

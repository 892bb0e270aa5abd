/*
 * Elsewhere: a share of a campaign's runs, made again at other addresses.
 *
 * Equal runs see equal pointers here, so that a program whose way depends on
 * addresses (a hash of a pointer, locks taken in the order of addresses, a
 * pointer printed into a value) passes every other comparison.  On another
 * machine, or when its globals are loaded elsewhere, it goes another way, and
 * its traces do not repeat.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_ELSEWHERE_H
#define HX_ELSEWHERE_H

#include "harness/campaign.h"
#include "harness/divergence.h"

/*
 * Makes one run in a hundred of those in `outcome` (at least one, at most 32,
 * spread evenly) twice in a child, by random schedules: as it was, and with
 * heap, stacks and globals elsewhere and the blocks of the heap in the opposite
 * order.  Nothing that is compared (schedule, steps, what operations returned,
 * how it ended) holds an address unless the program gave one away.  After a
 * search these are runs of what it searched: the operations of its first index.
 * Writes a sentence to `text` about the first run that goes another way; "" if
 * none does, or nothing was compared.
 */
void elsewhere_find(const struct campaign_request *request,
                    const struct campaign_outcome *outcome,
                    char text[DIVERGENCE_MAX]);

#endif

/*
 * Culprits: which run was it that took a worker down?
 *
 * Code that writes over our memory does not die of it at once: some later run
 * does.  So runs are made again in fresh processes, from ever later ones on,
 * until the last is found from which on it still dies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_CULPRIT_H
#define HX_CULPRIT_H

#include "harness/campaign.h"

/* Fills death->culprit, in a few seconds at most; UINT64_MAX: nobody dies. */
void culprit_find(const struct campaign_request *request,
                  struct campaign_death *death);

#endif

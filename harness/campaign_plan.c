/*
 * The plan of a campaign: how many runs, in blocks of how many.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/campaign_page.h"
#include "harness/sim/schedule/strategy.h"

#include <assert.h>

enum {
    BLOCK_MAX = 1024,  /* indices a worker takes at a time */
    BLOCK_SHARES = 16, /* blocks for each worker in a short campaign */
};

bool campaign_is_exhaustive(const struct campaign_request *request)
{
    const struct names *names = &request->scenario->schedule.strategy;
    const char *name = request->strategy != NULL ? request->strategy
                       : names->count == 1       ? names->name[0]
                                                 : NULL;
    const struct strategy *s = name == NULL ? NULL : strategy_find(name);
    return s != NULL && s->searches;
}

uint64_t campaign_planned(const struct campaign_request *request)
{
    uint64_t runs = request->last - request->first + 1;
    if (request->shards == 0) {
        return runs;
    }
    assert(request->shard < request->shards);
    return (runs + request->shards - 1 - request->shard) / request->shards;
}

uint64_t campaign_block(const struct campaign_request *request,
                        uint32_t workers)
{
    uint64_t runs = request->last - request->first + 1;
    uint64_t block = runs / ((uint64_t)workers * BLOCK_SHARES);
    if (block == 0) {
        return 1;
    }
    return block < BLOCK_MAX ? block : BLOCK_MAX;
}

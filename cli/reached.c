/*
 * What the schedules of a campaign have shown.
 *
 * Not told where it depends on how far the other workers were when one found a
 * failure or died, or where an earlier part of the campaign is not known or ran
 * other code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/reached.h"

#include "harness/child.h"
#include "harness/plugin.h"
#include "harness/reach_told.h"
#include "harness/runner.h"

#include <assert.h>
#include <stdlib.h>

/* A room for each worker, and one for what was seen before. */
#define ROOM (((size_t)CAMPAIGN_WORKERS_MAX + 1) * sizeof(struct reach))

/* Takes up what was seen before the campaign was cut.  False: it is not known.
 */
static bool take_up(struct keeping *k, const struct campaign_request *campaign,
                    const struct reach_book *book, struct reach *before)
{
    struct reached *kept = results_read_reach(k->results, k->before.row);
    bool same = kept != NULL && book->fingerprint != 0 &&
                kept->book->fingerprint == book->fingerprint &&
                kept->parts[0].next >= campaign->from;
    if (same) {
        kept->seen.first = campaign->first;
        reach_join(before, &kept->seen, campaign->from);
    }
    reached_free(kept);
    return same;
}

void reached_begin(struct keeping *k, struct campaign_request *campaign)
{
    assert(campaign->reach == NULL);
    struct reach *rooms = child_share(ROOM);
    struct reach_book *book = book_new(campaign->runner->plugin);
    for (uint32_t i = 0; i <= CAMPAIGN_WORKERS_MAX; i++) {
        rooms[i].book = book;
        rooms[i].first = campaign->first;
    }
    if (k->before.runs > 0 &&
        !take_up(k, campaign, book, &rooms[CAMPAIGN_WORKERS_MAX])) {
        child_unshare(rooms, ROOM);
        book_free(book);
        return;
    }
    campaign->reach = rooms;
}

/* The book that all rooms share. */
static struct reach_book *book_of(const struct campaign_request *campaign)
{
    union {
        const struct reach_book *lent;
        struct reach_book *own;
    } cast = {.lent = campaign->reach[0].book};
    return cast.own;
}

struct reached *reached_so_far(const struct campaign_request *campaign,
                               uint64_t next)
{
    if (campaign->reach == NULL) {
        return NULL;
    }
    struct reached *all = reached_new();
    all->book = book_empty();
    all->book->fingerprint = book_of(campaign)->fingerprint;
    all->seen.first = campaign->first;
    reach_join(&all->seen, &campaign->reach[CAMPAIGN_WORKERS_MAX], next);
    for (uint32_t i = 0; i < campaign->jobs; i++) {
        reach_join(&all->seen, &campaign->reach[i], next);
    }
    reached_add(all, (struct reach_part){.first = campaign->first,
                                         .next = next,
                                         .shard = campaign->shard,
                                         .shards = campaign->shards});
    return all;
}

/* All that was seen, with the code that it was seen in. */
static struct reached *see_all(const struct campaign_request *campaign,
                               const struct campaign_outcome *o)
{
    bool searches = campaign_is_exhaustive(campaign);
    struct reached *all = reached_so_far(
        campaign, searches ? campaign->first + o->runs : o->next);
    book_free(all->book);
    all->book = book_new(campaign->runner->plugin);
    book_fill(all->book, campaign->runner->plugin, &all->seen);
    if (searches) { /* of which each shard makes all */
        all->parts[0].shards = 0;
    }
    return all;
}

void reached_end(struct keeping *k, struct campaign_request *campaign,
                 struct result *result)
{
    const struct campaign_outcome *o = &result->outcome;
    assert(k != NULL && result != NULL);
    struct reached *all = NULL;
    bool searches = campaign_is_exhaustive(campaign);
    bool known = o->failures_count == 0 && o->deaths_count == 0 &&
                 (searches ? o->runs > 0 : o->next > campaign->first);
    if (campaign->reach != NULL && known) {
        all = see_all(campaign, o);
        reached_tell(all, &result->summary.reach, &result->reach_texts);
    }
    if (k->results != NULL) {
        results_write_reach(k->results, k->row, all);
    }
    reached_free(all);
    if (campaign->reach != NULL) {
        book_free(book_of(campaign));
        child_unshare(campaign->reach, ROOM);
    }
    campaign->reach = NULL;
}

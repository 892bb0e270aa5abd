/*
 * What the schedules of a campaign have shown, for its summary.
 *
 * Not told where it depends on how far the other workers were when one found a
 * failure, or of a part of the runs only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/reached.h"

#include "harness/child.h"
#include "harness/need.h"
#include "harness/reach.h"
#include "harness/runner.h"
#include "harness/symbols.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (CAMPAIGN_WORKERS_MAX * sizeof(struct reach))

void reached_begin(struct campaign_request *campaign)
{
    if (!campaign_is_exhaustive(campaign)) {
        campaign->reach = child_share(ROOM);
    }
}

/* The accesses in the code. */
struct sites {
    uint32_t count;
    uintptr_t pc[REACH_SITES];
};

/* Lines of the source, each once. */
struct lines {
    uint32_t count;
    struct source_place at[REACH_SITES];
};

static bool has_line(const struct lines *lines, const struct source_place *at)
{
    for (uint32_t i = 0; i < lines->count; i++) {
        if (lines->at[i].line == at->line &&
            strcmp(lines->at[i].path, at->path) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds the lines of the accesses that were made, or of those that were not. */
static void add_lines(struct symbols *symbols, struct lines *lines,
                      const struct reach *seen, const struct sites *sites,
                      bool made)
{
    for (uint32_t i = 0; i < sites->count; i++) {
        struct source_place place;
        if (reach_has(seen, sites->pc[i]) == made &&
            symbols_place(symbols, sites->pc[i], &place) &&
            place.path != NULL && place.file != NULL &&
            !has_line(lines, &place)) {
            assert(lines->count < REACH_SITES);
            lines->at[lines->count++] = place;
        }
    }
}

/* Names the lines of which no access was made. */
static void name_never(const struct reach *seen, const struct sites *sites,
                       struct result *result)
{
    struct summary_reach *r = &result->summary.reach;
    struct symbols *symbols = symbols_open();
    if (symbols == NULL) {
        return;
    }
    struct lines *made = need(calloc(1, sizeof(*made)), "lines");
    struct lines *never = need(calloc(1, sizeof(*never)), "lines");
    add_lines(symbols, made, seen, sites, true);
    add_lines(symbols, never, seen, sites, false);
    for (uint32_t i = 0; i < never->count; i++) {
        if (has_line(made, &never->at[i])) {
            continue;
        }
        if (r->never_count < SUMMARY_NEVER_MAX) {
            char *text = result->never_at[r->never_count];
            (void)snprintf(text, sizeof(result->never_at[0]), "%s:%u",
                           never->at[i].file, never->at[i].line);
            r->never_at[r->never_count++] = text;
        }
        r->never++;
    }
    free(made);
    free(never);
    symbols_free(symbols);
}

/* Of all accesses in the code, those that were made. */
static void count_sites(const struct campaign_request *campaign,
                        const struct reach *seen, struct result *result)
{
    struct summary_reach *r = &result->summary.reach;
    struct sites sites;
    uint32_t all =
        reach_find_sites(campaign->runner->plugin, sites.pc, REACH_SITES);
    uint32_t made = 0;
    sites.count = all < REACH_SITES ? all : REACH_SITES;
    for (uint32_t i = 0; i < sites.count; i++) {
        made += reach_has(seen, sites.pc[i]) ? 1 : 0;
    }
    r->sites = seen->sites_count;
    if (all == 0 || all > REACH_SITES) {
        r->full = r->full || all > REACH_SITES;
        return;
    }
    r->sites = made;
    r->sites_all = all;
    if (made < all) {
        name_never(seen, &sites, result);
    }
}

static void summarise(const struct campaign_request *campaign,
                      struct result *result)
{
    struct summary_reach *r = &result->summary.reach;
    const struct campaign_outcome *o = &result->outcome;
    struct reach *seen = need(calloc(1, sizeof(*seen)), "what was seen");
    for (uint32_t i = 0; i < CAMPAIGN_WORKERS_MAX; i++) {
        if (campaign->reach[i].looked > 0) {
            reach_join(seen, &campaign->reach[i]);
        }
    }
    uint64_t until = reach_new_until(seen);
    r->looked = seen->looked;
    r->pairs = seen->pairs_count;
    r->ways = seen->ways_count;
    r->full = seen->full;
    r->range = o->next - campaign->first;
    r->quiet = until == 0 || until > o->next ? 0 : o->next - until;
    count_sites(campaign, seen, result);
    free(seen);
}

void reached_end(struct campaign_request *campaign, struct result *result)
{
    const struct campaign_outcome *o = &result->outcome;
    if (campaign->reach == NULL) {
        return;
    }
    if (!o->resumed && o->failures_count == 0 && o->next > campaign->first) {
        summarise(campaign, result);
    }
    child_unshare(campaign->reach, ROOM);
    campaign->reach = NULL;
}

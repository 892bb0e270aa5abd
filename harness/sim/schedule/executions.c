/*
 * Every execution, once: by execution graphs where what a load reads is a
 * decision (graphs.c), and by orders of dependent events elsewhere (dpor.c), or
 * if the program turns out to do what graphs.c does not follow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/need.h"
#include "harness/sim/schedule/graphs.h"
#include "harness/sim/schedule/list.h"

#include <assert.h>
#include <stdlib.h>

struct executions {
    bool by_graphs;  /* the search in hand, or the last */
    bool ended;      /* the next run begins another, */
    uint32_t search; /* or one of another number */
    bool may_cut;    /* loops that wait, if the search by graphs meets some */
    struct ungraphed_cause cause; /* why it is not by graphs */
    struct graphs graphs;
    void *orders; /* the state of strategy_orders */
};

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    struct executions *x = self;
    if (x->orders == NULL) {
        x->orders = need(calloc(1, strategy_orders.size), "the search");
        x->ended = true;
    }
    if (x->ended || x->search != profile->search) {
        x->search = profile->search;
        x->cause = (struct ungraphed_cause){.why = profile->ungraphed};
        x->by_graphs = profile->offer != NULL && !profile->ordered;
        x->may_cut = profile->may_cut && !profile->cuts;
        x->ended = false;
        graphs_forget(&x->graphs);
        x->graphs.cuts = false;
    }
    x->by_graphs = x->by_graphs && profile->offer != NULL;
    if (x->by_graphs) {
        graphs_begin(&x->graphs, profile);
        return true;
    }
    return strategy_orders.begin(x->orders, profile, choice);
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct executions *x = self;
    return x->by_graphs ? graphs_pick(&x->graphs, moment)
                        : strategy_orders.pick(x->orders, moment, choice);
}

static uint32_t choose(void *self, uint32_t below)
{
    struct executions *x = self;
    return x->by_graphs ? graphs_choose(&x->graphs, below)
                        : strategy_orders.choose(x->orders, below);
}

static bool end(void *self)
{
    struct executions *x = self;
    if (!x->by_graphs) {
        bool more = strategy_orders.end(x->orders);
        x->ended = !more;
        return more;
    }
    bool more = graphs_end(&x->graphs);
    if (x->graphs.unfit) {
        /* Whoever goes round for nothing has graphs without end. */
        bool cuts = x->graphs.offer->loops && x->may_cut && !x->graphs.cuts;
        x->by_graphs = cuts;
        x->cause = x->graphs.cause;
        x->graphs.cuts = cuts;
        graphs_forget(&x->graphs);
        return true;
    }
    x->ended = !more;
    return more;
}

static bool complete(const void *self)
{
    const struct executions *x = self;
    return x->by_graphs ? x->ended && !x->graphs.cut
                        : strategy_orders.complete(x->orders);
}

static void tell(const void *self, struct search_tally *tally)
{
    const struct executions *x = self;
    if (x->by_graphs) {
        *tally = x->graphs.tally;
        tally->graphs = true;
    } else {
        strategy_orders.tally(x->orders, tally);
        tally->ungraphed = x->cause;
    }
}

static void release(void *self)
{
    struct executions *x = self;
    graphs_release(&x->graphs);
    if (x->orders != NULL) {
        strategy_orders.release(x->orders);
    }
    free(x->orders);
}

const struct strategy strategy_dpor = {
    .name = "dpor",
    .about = "every execution once, whatever the order of what is independent",
    .size = sizeof(struct executions),
    .attentive = true,
    .searches = true,
    .begin = begin,
    .pick = pick,
    .end = end,
    .complete = complete,
    .tally = tell,
    .release = release,
    .choose = choose,
};

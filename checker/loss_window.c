/*
 * The observed loss window, by bisection over what a crash may lose.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/loss_window.h"

#include "checker/losses.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_CRASH UINT32_MAX /* of a probe, instead of one */

/* A measurement. */
struct gauge {
    const struct fl_history *h;
    struct fl_options options;
    struct fl_search search;
    struct fl_loss_window *window;
    enum fl_status status;
    bool undecided;
};

/* A bound, of one crash (by its number) or of each. */
struct probe {
    uint32_t crash;
    uint32_t most;  /* operations */
    uint32_t since; /* stamp: what returned before it survives; of each crash
                     * it is 0 */
    bool timed;
    uint64_t ns; /* of each crash, if timed */
};

/* Sets the bounds of a decision. */
static void set_bounds(const struct gauge *g, struct fl_loss_bound *bounds,
                       const struct probe *probe)
{
    for (uint32_t c = 0; c < g->window->count; c++) {
        struct fl_loss_bound *bound = &bounds[c];
        if (probe->crash != EVERY_CRASH && probe->crash != c) {
            continue;
        }
        bound->most = probe->most;
        if (probe->since > bound->safe) {
            bound->safe = probe->since;
        }
    }
}

/* Whether the history is explained within a bound.  Trouble is kept, and reads
 * as no. */
static bool holds(struct gauge *g, const struct probe *probe)
{
    if (g->status != FL_OK || g->undecided) {
        return false;
    }
    g->options.loss_timed = probe->timed;
    g->options.loss_ns = probe->ns;
    struct fl_search *search = &g->search;
    search->nodes = 0;
    struct fl_losses *losses = fl_losses_new(g->h, &g->options, search);
    if (losses == NULL) {
        g->status = FL_NO_MEMORY;
        return false;
    }
    set_bounds(g, fl_losses_bounds(losses), probe);
    enum fl_end end = fl_losses_run(losses);
    fl_losses_free(losses);
    g->window->nodes += search->nodes;
    if (end == FL_END_NO_MEMORY) {
        g->status = FL_NO_MEMORY;
    } else if (end != FL_END_PASS && end != FL_END_VIOLATION) {
        g->undecided = true;
    }
    return end == FL_END_PASS;
}

/* The least number of operations that does, up to `most`, which does. */
static uint32_t least_operations(struct gauge *g, uint32_t crash, uint32_t most)
{
    uint32_t low = 0;
    assert(crash == EVERY_CRASH || crash < g->window->count);
    while (low < most) {
        uint32_t middle = low + (most - low) / 2;
        struct probe probe = {.crash = crash, .most = middle};
        if (holds(g, &probe)) {
            most = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* The operation that returned at stamp `at`, or FL_OPEN. */
static uint32_t returned_at(const struct fl_history *h, uint32_t at)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->operations[i].ret == at) {
            return i;
        }
    }
    return FL_OPEN;
}

/* The greatest stamp before which all may survive: what returned there must be
 * lost, or the crash is there. */
static void find_oldest(struct gauge *g, uint32_t crash, uint32_t begin)
{
    struct fl_loss *loss = &g->window->losses[crash];
    uint32_t low = begin; /* does */
    uint32_t high = loss->at;
    while (low < high) {
        uint32_t middle = high - (high - low) / 2;
        struct probe probe = {.crash = crash, .most = FL_OPEN, .since = middle};
        if (holds(g, &probe)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    loss->oldest = low == loss->at ? FL_OPEN : returned_at(g->h, low);
    if (loss->oldest != FL_OPEN && g->h->times != NULL) {
        loss->ns = g->h->times[loss->at] - g->h->times[low];
    }
}

/* The least age that the oldest operation lost has, whatever crash lost it: by
 * bisection over the nanoseconds for the least bound that does at all crashes
 * at once, which it is below. */
static uint64_t least_time(struct gauge *g)
{
    uint64_t low = 0;
    uint64_t high = 0;
    assert(g->h->times != NULL); /* the window is timed */
    if (g->h->times == NULL) {
        return 0;
    }
    for (uint32_t c = 0; c < g->window->count; c++) {
        uint64_t at = g->h->times[g->window->losses[c].at];
        high = at - g->h->times[0] >= high ? at - g->h->times[0] + 1 : high;
    }
    while (low < high && g->status == FL_OK && !g->undecided) {
        uint64_t middle = low + (high - low) / 2;
        struct probe probe = {
            .crash = EVERY_CRASH, .most = FL_OPEN, .timed = true, .ns = middle};
        if (holds(g, &probe)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low == 0 ? 0 : low - 1;
}

static void measure(struct gauge *g)
{
    struct fl_loss_window *w = g->window;
    struct probe anything = {.crash = EVERY_CRASH, .most = FL_OPEN};
    if (!holds(g, &anything)) {
        w->verdict = g->undecided ? FL_INCONCLUSIVE : FL_VIOLATION;
        return;
    }
    w->verdict = FL_PASS;
    uint32_t begin = 0;
    for (uint32_t c = 0; c < w->count; c++) {
        w->losses[c].least = least_operations(g, c, g->h->count);
        find_oldest(g, c, begin);
        begin = w->losses[c].at;
    }
    w->together = least_operations(g, EVERY_CRASH, g->h->count);
    w->together_ns = w->timed ? least_time(g) : 0;
    if (g->undecided) {
        w->verdict = FL_INCONCLUSIVE;
    }
}

enum fl_status fl_loss_measure(const struct fl_history *h,
                               const struct fl_options *options,
                               struct fl_loss_window **out)
{
    assert(options != NULL && fl_loses(options->criterion));
    uint32_t count = 0;
    for (uint32_t e = 0; e < h->events_count; e++) {
        count += h->events[e].kind == FL_EVENT_CRASH_ALL;
    }
    _Static_assert(_Alignof(struct fl_loss) <= _Alignof(struct fl_loss_window),
                   "losses may stand behind the window");
    struct fl_loss_window *window =
        calloc(1, sizeof(*window) + count * sizeof(window->losses[0]));
    struct gauge *g = calloc(1, sizeof(*g));
    if (window == NULL || g == NULL) {
        free(window);
        free(g);
        return FL_NO_MEMORY;
    }
    window->losses = (struct fl_loss *)(window + 1);
    window->timed = h->times != NULL;
    for (uint32_t e = 0; e < h->events_count; e++) {
        if (h->events[e].kind == FL_EVENT_CRASH_ALL) {
            window->losses[window->count] =
                (struct fl_loss){.at = h->events[e].at, .oldest = FL_OPEN};
            window->count++;
        }
    }
    *g = (struct gauge){.h = h, .options = *options, .window = window};
    g->options.loss_bounded = false;
    g->options.loss_timed = false;
    if (options->budget.milliseconds > 0) {
        g->search.deadline =
            fl_clock_read() + options->budget.milliseconds * 1000000ull;
    }
    measure(g);
    enum fl_status status = g->status;
    fl_search_release(&g->search);
    free(g);
    if (status != FL_OK) {
        free(window);
        return status;
    }
    *out = window;
    return FL_OK;
}

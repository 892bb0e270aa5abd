/*
 * The search for what survived, era by era.
 *
 * Of each era all configurations are listed: which operations took effect, and
 * the state, from each of the states that the era may begin in.  Each is a
 * consistent cut, since an operation is taken only after those that precede
 * it.  The strict reading keeps the states of all configurations from which
 * the era can be finished, as the beginnings of the next era.  The other must
 * choose one set of surviving operations for all later eras: sets are tried one
 * after the other, the greatest first, and depth first.
 *
 *     node   | state, parent, operation | bits of the operations |
 *
 * The bits are those of this era's operations that took effect and, of the cut
 * ones of earlier eras, those that did or did not survive.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/criterion.h"
#include "checker/era.h"
#include "checker/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLOCK_EVERY = 256 /* steps */
};

static bool is_must(const struct fl_losses *l, uint32_t i)
{
    return l->h->operations[i].ret != FL_OPEN;
}

uint32_t fl_era_least(const struct fl_losses *l, uint32_t e,
                      const uint64_t *words)
{
    uint32_t least = FL_OPEN;
    for (uint32_t i = 0; i < l->h->count; i++) {
        uint32_t ret = l->h->operations[i].ret;
        if (l->era_of[i] == e && !fl_has_bit(words, i) && ret < least) {
            least = ret;
        }
    }
    return least;
}

static enum fl_end spend(struct fl_losses *l)
{
    struct fl_search *s = l->search;
    if (s->budget.nodes > 0 && s->nodes >= s->budget.nodes) {
        return FL_END_NODES;
    }
    s->nodes++;
    if (s->nodes % CLOCK_EVERY != 0) {
        return FL_END_NOT_YET;
    }
    uint64_t held = fl_memo_held(l->memo);
    for (uint32_t e = 0; e < l->eras_count; e++) {
        held += l->eras[e].nodes.size + l->eras[e].words.size +
                l->eras[e].slots.size;
    }
    s->bytes = held > s->bytes ? held : s->bytes;
    if (s->budget.bytes > 0 && held > s->budget.bytes) {
        return FL_END_BYTES;
    }
    return s->deadline > 0 && fl_clock_read() >= s->deadline ? FL_END_TIME
                                                             : FL_END_NOT_YET;
}

/* Adds what operation `i` leads to from node `n` of era `e`. */
static enum fl_end take(struct fl_losses *l, uint32_t e, uint32_t n, uint32_t i)
{
    struct fl_era *era = &l->eras[e];
    struct fl_operation op = l->h->operations[i];
    op.client = fl_criterion_client(l->h, l->options->criterion, i);
    uint32_t from = fl_node_at(era, n)->state;
    uint32_t ways = 1;
    for (uint32_t way = 0; way < ways; way++) {
        enum fl_end end = spend(l);
        if (end != FL_END_NOT_YET) {
            return end;
        }
        size_t size;
        const void *bytes = fl_memo_bytes(l->memo, from, &size);
        memcpy(l->state, bytes, size);
        ways = fl_state_ways(&l->space, l->state, size, &op);
        if (way >= ways || !fl_state_go(&l->space, l->state, &size, &op, way)) {
            continue;
        }
        struct fl_node next = {.parent = n, .by = i};
        next.state = fl_memo_state(l->memo, l->state, size);
        if (next.state == UINT32_MAX) {
            return FL_END_NO_MEMORY;
        }
        if (!is_must(l, i) && next.state == from) {
            continue; /* leaving it out is as good */
        }
        memcpy(l->scratch, fl_words_at(l, era, n), l->words * sizeof(uint64_t));
        fl_set_bit(l->scratch, i);
        struct fl_step step = {.from = n};
        if (!fl_era_add(l, era, &next, &step.to) || !fl_era_step(era, step)) {
            return FL_END_NO_MEMORY;
        }
    }
    return FL_END_NOT_YET;
}

bool fl_era_enabled(const struct fl_losses *l, uint32_t e, uint32_t i,
                    uint32_t least)
{
    const struct fl_operation *op = &l->h->operations[i];
    if (l->era_of[i] == e) {
        return op->call < least;
    }
    return !l->strict && l->era_of[i] < e && op->ret == FL_OPEN;
}

/* Lists all configurations of era `e` from its first nodes. */
static enum fl_end list_era(struct fl_losses *l, uint32_t e)
{
    struct fl_era *era = &l->eras[e];
    l->reached = e;
    era->final = FL_OPEN;
    enum fl_end end = FL_END_NOT_YET;
    for (uint32_t n = 0; n < era->count && end == FL_END_NOT_YET; n++) {
        uint32_t least = fl_era_least(l, e, fl_words_at(l, era, n));
        if (least == FL_OPEN && era->final == FL_OPEN) {
            era->final = n;
        }
        for (uint32_t i = 0; i < l->h->count && end == FL_END_NOT_YET; i++) {
            if (!fl_has_bit(fl_words_at(l, era, n), i) &&
                fl_era_enabled(l, e, i, least)) {
                end = take(l, e, n, i);
            }
        }
    }
    if (end == FL_END_NOT_YET && l->watch != NULL &&
        !l->watch->listed(l->watch->context, l, e)) {
        return FL_END_NO_MEMORY;
    }
    return end;
}

/* Marks the nodes from which the era can be finished: steps lead to nodes that
 * stand behind theirs, and are listed in the order of where they begin. */
static void mark_live(struct fl_losses *l, uint32_t e)
{
    struct fl_era *era = &l->eras[e];
    const struct fl_step *steps = era->steps.data;
    for (uint32_t n = 0; n < era->count; n++) {
        fl_node_at(era, n)->live =
            fl_era_least(l, e, fl_words_at(l, era, n)) == FL_OPEN;
    }
    for (uint32_t k = era->steps_count; k-- > 0;) {
        assert(steps[k].from < steps[k].to);
        if (fl_node_at(era, steps[k].to)->live) {
            fl_node_at(era, steps[k].from)->live = true;
        }
    }
}

/* Whether the crash at the end of era `e` may lose what is not in `words`: not
 * too many, and nothing that is safe. */
static bool may_survive(const struct fl_losses *l, uint32_t e,
                        const uint64_t *words)
{
    const struct fl_loss_bound *bound = &l->bounds[e];
    uint32_t lost = 0;
    for (uint32_t i = 0; i < l->h->count; i++) {
        if (l->era_of[i] == e && is_must(l, i) && !fl_has_bit(words, i)) {
            lost++;
            if (lost > bound->most || l->h->operations[i].ret < bound->safe) {
                return false;
            }
        }
    }
    return true;
}

/* The strict reading: the next era begins in any state that a configuration
 * on the way to the end of this one has. */
static bool begin_strictly(struct fl_losses *l, uint32_t e)
{
    struct fl_era *next = &l->eras[e + 1];
    struct fl_era *era = &l->eras[e];
    fl_era_clear(next);
    memset(l->scratch, 0, l->words * sizeof(uint64_t));
    for (uint32_t n = 0; n < era->count; n++) {
        uint32_t to;
        struct fl_node first = {
            .state = fl_node_at(era, n)->state, .parent = n, .by = FL_OPEN};
        if (fl_node_at(era, n)->live &&
            may_survive(l, e, fl_words_at(l, era, n)) &&
            !fl_era_add(l, next, &first, &to)) {
            return false;
        }
    }
    return true;
}

/* Whether two nodes of era `e` have the same musts of it. */
static bool same_musts(const struct fl_losses *l, uint32_t e, const uint64_t *a,
                       const uint64_t *b)
{
    for (uint32_t i = 0; i < l->h->count; i++) {
        if (l->era_of[i] == e && is_must(l, i) &&
            fl_has_bit(a, i) != fl_has_bit(b, i)) {
            return false;
        }
    }
    return true;
}

/* Lists the sets that may survive era `e`: a node for each. */
static bool list_choices(struct fl_losses *l, uint32_t e)
{
    struct fl_era *era = &l->eras[e];
    if (!fl_block_reserve(&era->choices,
                          (era->count + 1ul) * sizeof(uint32_t))) {
        return false;
    }
    uint32_t *choices = era->choices.data;
    era->choices_count = 0;
    era->choice = 0;
    for (uint32_t n = era->count; n-- > 0;) { /* those with most come last */
        const uint64_t *words = fl_words_at(l, era, n);
        bool known = !may_survive(l, e, words);
        for (uint32_t k = 0; k < era->choices_count && !known; k++) {
            known = same_musts(l, e, words, fl_words_at(l, era, choices[k]));
        }
        if (!known) {
            choices[era->choices_count] = n;
            era->choices_count++;
        }
    }
    return true;
}

/* Writes the bits with which the next era begins if the musts of `words` are
 * what survived: the cut operations that took effect, and those of this era
 * that are not in the cut, since something before them is not. */
static void write_bits(struct fl_losses *l, uint32_t e, const uint64_t *words)
{
    uint32_t least = fl_era_least(l, e, words);
    memset(l->scratch, 0, l->words * sizeof(uint64_t));
    for (uint32_t i = 0; i < l->h->count; i++) {
        bool is_out = l->era_of[i] == e && l->h->operations[i].call > least;
        if (!is_must(l, i) && (is_out || fl_has_bit(words, i))) {
            fl_set_bit(l->scratch, i);
        }
    }
}

/* The other reading: the next era begins in any configuration with exactly the
 * musts of the choice. */
static bool begin_chosen(struct fl_losses *l, uint32_t e)
{
    struct fl_era *next = &l->eras[e + 1];
    struct fl_era *era = &l->eras[e];
    fl_era_clear(next);
    uint32_t chosen = ((const uint32_t *)era->choices.data)[era->choice];
    for (uint32_t n = 0; n < era->count; n++) {
        uint32_t to;
        struct fl_node first = {
            .state = fl_node_at(era, n)->state, .parent = n, .by = FL_OPEN};
        if (!same_musts(l, e, fl_words_at(l, era, n),
                        fl_words_at(l, era, chosen))) {
            continue;
        }
        write_bits(l, e, fl_words_at(l, era, n));
        if (!fl_era_add(l, next, &first, &to)) {
            return false;
        }
    }
    return true;
}

static enum fl_end run_strictly(struct fl_losses *l)
{
    for (uint32_t e = 0; e < l->eras_count; e++) {
        enum fl_end end = list_era(l, e);
        if (end != FL_END_NOT_YET) {
            return end;
        }
        if (l->eras[e].final == FL_OPEN) {
            return FL_END_VIOLATION;
        }
        if (e + 1 == l->eras_count) {
            break;
        }
        mark_live(l, e);
        if (!begin_strictly(l, e)) {
            return FL_END_NO_MEMORY;
        }
    }
    return FL_END_PASS;
}

static enum fl_end run_chosen(struct fl_losses *l)
{
    uint32_t e = 0;
    enum fl_end end = list_era(l, 0);
    while (end == FL_END_NOT_YET) {
        struct fl_era *era = &l->eras[e];
        bool is_new = era->choices_count == 0 && era->choice == 0;
        if (is_new && era->final != FL_OPEN && e + 1 == l->eras_count) {
            return FL_END_PASS;
        }
        if (is_new && era->final != FL_OPEN && !list_choices(l, e)) {
            return FL_END_NO_MEMORY;
        }
        if (era->choice < era->choices_count) {
            if (!begin_chosen(l, e)) {
                return FL_END_NO_MEMORY;
            }
            era->choice++;
            e++;
            end = list_era(l, e);
        } else if (e == 0) {
            return FL_END_VIOLATION;
        } else {
            e--;
        }
    }
    return end;
}

/* Begins the first era with the object as it is at first. */
static bool begin_first(struct fl_losses *l)
{
    memset(l->state, 0, fl_state_max(&l->space));
    memset(l->scratch, 0, l->words * sizeof(uint64_t));
    size_t size = fl_state_start(&l->space, l->state);
    struct fl_node first = {.parent = FL_OPEN, .by = FL_OPEN};
    first.state = fl_memo_state(l->memo, l->state, size);
    uint32_t to;
    return first.state != UINT32_MAX && fl_era_add(l, &l->eras[0], &first, &to);
}

enum fl_end fl_losses_run(struct fl_losses *l)
{
    if (!begin_first(l)) {
        return FL_END_NO_MEMORY;
    }
    enum fl_end end = l->strict ? run_strictly(l) : run_chosen(l);
    l->search->entries += l->eras[0].count;
    return end;
}

uint32_t fl_losses_order(const struct fl_losses *l, uint32_t *order)
{
    uint32_t count = 0;
    uint32_t e = l->reached;
    const struct fl_era *era = &l->eras[e];
    if (era->count == 0) {
        return 0;
    }
    uint32_t n = era->final != FL_OPEN ? era->final : era->count - 1;
    while (n != FL_OPEN) {
        const struct fl_node *node = fl_node_at(&l->eras[e], n);
        if (node->by != FL_OPEN) {
            order[count] = node->by;
            count++;
        } else if (e > 0) {
            e--;
        }
        n = node->parent;
    }
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t swapped = order[i];
        order[i] = order[count - 1 - i];
        order[count - 1 - i] = swapped;
    }
    assert(count <= l->h->count);
    return count;
}

static void count_eras(struct fl_losses *l)
{
    for (uint32_t i = 0; i < l->h->count; i++) {
        for (uint32_t k = 0; k < l->h->events_count; k++) {
            const struct fl_event *event = &l->h->events[k];
            l->era_of[i] += event->kind == FL_EVENT_CRASH_ALL &&
                            event->at < l->h->operations[i].call;
        }
    }
}

/* The first stamp that is less than loss_ns before the crash at stamp `at`;
 * what returned so long before it, or longer, is safe. */
static uint32_t first_recent(const struct fl_losses *l, uint32_t at)
{
    const uint64_t *times = l->h->times;
    uint32_t first = at;
    while (first > 0 && times[at] - times[first - 1] < l->options->loss_ns) {
        first--;
    }
    return first;
}

/* What each crash may lose: as the options say, and nothing that was there at
 * the last sync before it. */
static void fill_bounds(struct fl_losses *l)
{
    bool timed = l->options->loss_timed && l->h->times != NULL;
    uint32_t e = 0;
    uint32_t safe = 0;
    for (uint32_t k = 0; k < l->h->events_count; k++) {
        const struct fl_event *event = &l->h->events[k];
        if (event->kind == FL_EVENT_SYNC) {
            safe = event->at;
        } else if (event->kind == FL_EVENT_CRASH_ALL) {
            uint32_t recent = timed ? first_recent(l, event->at) : 0;
            l->bounds[e].most =
                l->options->loss_bounded ? l->options->loss_max : FL_OPEN;
            l->bounds[e].safe = recent > safe ? recent : safe;
            safe = 0;
            e++;
        }
    }
    assert(e + 1 == l->eras_count);
}

void fl_losses_watch(struct fl_losses *losses,
                     const struct fl_loss_watch *watch)
{
    losses->watch = watch;
}

struct fl_loss_bound *fl_losses_bounds(struct fl_losses *losses)
{
    return losses->bounds;
}

struct fl_losses *fl_losses_new(const struct fl_history *h,
                                const struct fl_options *options,
                                struct fl_search *search)
{
    struct fl_losses *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        return NULL;
    }
    *l = (struct fl_losses){.h = h,
                            .options = options,
                            .search = search,
                            .memo = &search->memo,
                            .words = h->count / FL_ERA_BITS + 1,
                            .eras_count = 1,
                            .strict = options->criterion == FL_BUFFERED_STRICT};
    for (uint32_t k = 0; k < h->events_count; k++) {
        l->eras_count += h->events[k].kind == FL_EVENT_CRASH_ALL;
    }
    fl_space_init(&l->space, h);
    fl_space_limit(&l->space, options->capacity, options->relax);
    l->eras = calloc(l->eras_count, sizeof(*l->eras));
    l->era_of = calloc(h->count + 1ul, sizeof(*l->era_of));
    l->bounds = calloc(l->eras_count, sizeof(*l->bounds));
    l->scratch = calloc(l->words, sizeof(*l->scratch));
    l->state = calloc(1, fl_state_max(&l->space) + FL_ERA_BITS);
    search->budget = options->budget;
    bool complete = l->eras != NULL && l->era_of != NULL && l->bounds != NULL &&
                    l->scratch != NULL && l->state != NULL &&
                    fl_memo_clear(l->memo);
    if (!complete) {
        fl_losses_free(l);
        return NULL;
    }
    count_eras(l);
    fill_bounds(l);
    return l;
}

void fl_losses_free(struct fl_losses *l)
{
    if (l == NULL) {
        return;
    }
    for (uint32_t e = 0; l->eras != NULL && e < l->eras_count; e++) {
        fl_era_release(&l->eras[e]);
    }
    free(l->eras);
    free(l->era_of);
    free(l->bounds);
    free(l->scratch);
    free(l->state);
    free(l);
}

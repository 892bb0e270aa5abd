/*
 * Open operations that are not open any more, once one looks at who saw them.
 *
 * Each open operation doubles the space of the search, as it may sit anywhere.
 * Two exact rules decide most of them beforehand:
 *
 *   promote  some returned operation took the value that only open `x` gives:
 *            then `x` took effect, before the earliest such return.
 *   delete   nobody took the value of open `x`, nobody open compares with it,
 *            and no result says that something was missed ("full", a failed
 *            compare-and-set): then any order with `x` is legal without it.
 *
 * A promoted compare-and-set took a value itself, and a deleted one compares
 * no more, so both rules are repeated until nothing changes.
 *
 * Promoting is exact.  Let only open `x` give v (it is not the initial value
 * either), and let returned `y` have taken v.  `y` must be in every order, and
 * can only take v while it is there; so `x` is in every legal order and stands
 * before `y`, and in particular before y returned: each legal order of the
 * history is one of the history in which `x` returned then.  The orders of
 * that one are orders of the first, as `x` was free to take effect.  An `x`
 * that compares gives v only if it succeeded, so that is its result.  An `x`
 * called after y returned stays open, and the search finds that nobody gave v.
 *
 * Deleting is exact.  An order without `x` is one of the history, as `x` was
 * free to be left out.  Take a legal order with `x`, and leave it out: its
 * value was never taken, so whoever answered from the object answers as
 * before; it was never compared with, so no open operation goes another way;
 * and nobody's answer was that something is not so, which alone could have
 * needed it.  That this holds of an object is what its model promises with
 * `values` (model.h).
 *
 * The verdicts with and without both are compared in tests/search_test.c and
 * tests/breadth_test.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/part.h"

#include <assert.h>
#include <string.h>

/* Who deals with one value. */
struct tally {
    fl_value value;
    uint32_t givers;      /* items that give it; the initial value counts */
    uint32_t first_taken; /* earliest return of an item that took it */
    bool compared;        /* an open item compares with it */
    bool used;
};

struct tallies {
    struct tally *slots;
    uint32_t slots_count;
    bool misses; /* some item's result says that something was not so */
};

static struct tally *find_tally(const struct tallies *t, fl_value value)
{
    assert(t->slots_count > 0);
    uint64_t hash = (uint64_t)value * 0x9e3779b97f4a7c15u;
    uint32_t at = (uint32_t)(hash >> 32) & (t->slots_count - 1);
    while (t->slots[at].used && t->slots[at].value != value) {
        at = (at + 1) & (t->slots_count - 1);
    }
    if (!t->slots[at].used) {
        t->slots[at] = (struct tally){
            .value = value, .first_taken = FL_OPEN, .used = true};
    }
    return &t->slots[at];
}

static void count_values(const struct fl_part *part, struct tallies *t)
{
    const struct fl_model *model = part->space.history->model;
    const struct fl_item *items = part->items.data;
    memset(t->slots, 0, t->slots_count * sizeof(*t->slots));
    t->misses = false;
    find_tally(t, part->space.initial)->givers++;
    for (uint32_t i = 0; i < part->count; i++) {
        struct fl_values about;
        model->values(&items[i].op, &about);
        t->misses = t->misses || about.misses;
        if (about.gives) {
            find_tally(t, about.given)->givers++;
        }
        if (about.takes) {
            struct tally *taken = find_tally(t, about.taken);
            uint32_t ret = items[i].op.ret;
            taken->compared = taken->compared || ret == FL_OPEN;
            taken->first_taken =
                ret < taken->first_taken ? ret : taken->first_taken;
        }
    }
}

/* An open call whose value somebody has taken returned before that. */
static bool close_item(struct fl_item *item, const struct tally *given,
                       const struct fl_model *model)
{
    /* An empty interval is a violation; the search finds it. */
    if (given->first_taken == FL_OPEN || given->givers != 1 ||
        given->first_taken <= item->op.call) {
        return false;
    }
    assert(item->op.result == FL_NONE);
    enum fl_kind kind = model->types[item->op.fn].result;
    item->op.ret = given->first_taken;
    item->op.result = kind == FL_KIND_BOOL ? 1 : FL_NONE;
    return true;
}

/* Applies both rules once.  Says whether anything changed. */
static bool settle_items(struct fl_part *part, const struct tallies *t)
{
    const struct fl_model *model = part->space.history->model;
    struct fl_item *items = part->items.data;
    bool changed = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < part->count; i++) {
        struct fl_item *item = &items[i];
        struct fl_values about = {0};
        if (item->op.ret == FL_OPEN) {
            model->values(&item->op, &about);
        }
        if (about.gives) {
            const struct tally *given = find_tally(t, about.given);
            if (given->first_taken == FL_OPEN && !given->compared &&
                !t->misses) {
                changed = true;
                continue; /* deleted */
            }
            changed = close_item(item, given, model) || changed;
        }
        items[kept] = *item;
        kept++;
    }
    assert(kept <= part->count);
    part->count = kept;
    return changed;
}

static bool has_open(const struct fl_part *part)
{
    const struct fl_item *items = part->items.data;
    for (uint32_t i = 0; i < part->count; i++) {
        if (items[i].op.ret == FL_OPEN) {
            return true;
        }
    }
    return false;
}

bool fl_part_promote(struct fl_part *part)
{
    const struct fl_model *model = part->space.history->model;
    bool applies = model->values != NULL && part->space.keys <= 1 &&
                   part->criterion != FL_RECOVERABLE && has_open(part);
    if (!applies) {
        return true; /* `succ` names items by index, which deleting moves */
    }
    struct tallies t = {.slots_count = 8};
    while (t.slots_count / 4 <= part->count) {
        t.slots_count *= 2;
    }
    if (!fl_block_reserve(&part->table, t.slots_count * sizeof(*t.slots))) {
        return false;
    }
    t.slots = part->table.data;
    bool changed = true;
    assert(t.slots_count > 2 * part->count);
    while (changed) {
        count_values(part, &t);
        changed = settle_items(part, &t);
    }
    return true;
}

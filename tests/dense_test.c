/*
 * Keys and stamps close together are counted, others are sorted: both must do
 * the same, down to the witness.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/metamorphic_fixture.h"

enum {
    HISTORIES = 6000,
    STRETCH = 1000, /* beyond what counts as close together */
    CROWD = 100,    /* operations that all overlap, */
    AFTER = 20      /* and some after them */
};

/* Moves keys and stamps of b->changed far apart, in the same order. */
static void stretch(struct bench *b)
{
    struct fl_history *h = b->changed;
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        op->key *= op->key == FL_NONE ? 1 : (fl_value)STRETCH * STRETCH;
        op->call = op->call * STRETCH + 7;
        op->ret = op->ret == FL_OPEN ? FL_OPEN : op->ret * STRETCH + 7;
    }
    for (uint32_t i = 0; i < h->events_count; i++) {
        h->events[i].at = h->events[i].at * STRETCH + 7;
    }
    h->stamps = h->stamps * STRETCH + 8;
}

static bool is_same_order(const struct bench *b, const struct fl_result *r)
{
    return r->order_count == b->order_count &&
           memcmp(r->order, b->order, r->order_count * sizeof(*b->order)) == 0;
}

/* Decides b->h, and the same stretched. */
static void compare(struct bench *b)
{
    enum fl_verdict verdict = decide(b, b->h);
    bool copied = copy_history(b);
    CU_ASSERT_FATAL(copied);
    stretch(b);
    const struct fl_result *r = NULL;
    enum fl_status status =
        fl_checker_decide(b->checker, b->changed, &b->options, &r);
    bool same = status == FL_OK && r->verdict == verdict &&
                (verdict != FL_PASS || is_same_order(b, r));
    b->tried += status == FL_OK && r->partitions > 1;
    b->passes += verdict == FL_PASS;
    b->violations += verdict == FL_VIOLATION;
    if (!same) {
        show_history(b->h, fl_verdict_name(verdict));
        b->wrong++;
    }
    fl_history_free(b->changed);
}

static void far_apart_is_decided_like_close_together(void)
{
    struct bench b;
    begin(&b, 0xde5e);
    for (uint32_t i = 0; i < HISTORIES && b.wrong < WRONG_MOST; i++) {
        make_history(&b, i);
        compare(&b);
    }
    printf("# %u pass, %u fail, %u in parts\n", b.passes, b.violations,
           b.tried);
    CU_ASSERT_EQUAL(b.wrong, 0);
    CU_ASSERT(b.passes >= HISTORIES / 5);
    CU_ASSERT(b.violations >= HISTORIES / 5);
    CU_ASSERT(b.tried >= HISTORIES / 50);
    end(&b);
}

/* The last to be called returns first: no stamp is where it will belong.  What
 * was put in last may come out first, as long as it is known that they
 * overlapped. */
static void returns_in_the_opposite_order_are_sorted(void)
{
    struct bench b;
    begin(&b, 1);
    b.options.decider = FL_DECIDER_MONITOR;
    fl_history_clear(b.h);
    b.h->model = fl_model_find("queue");
    CU_ASSERT_PTR_NOT_NULL_FATAL(b.h->model);
    for (uint32_t i = 0; i < CROWD + AFTER; i++) {
        uint32_t past = i < CROWD ? 0 : i - CROWD;
        struct fl_operation put = {.fn = FL_QUEUE_ENQUEUE,
                                   .args = {(fl_value)i},
                                   .result = FL_NONE,
                                   .call = i,
                                   .ret = 2 * CROWD - 1 - i};
        struct fl_operation take = {.fn = FL_QUEUE_DEQUEUE,
                                    .result = (fl_value)(CROWD - 1 - past),
                                    .call = 2 * CROWD + 2 * past,
                                    .ret = 2 * CROWD + 2 * past + 1};
        b.h->operations[i] = i < CROWD ? put : take;
        b.h->operations[i].client = i;
        b.h->operations[i].key = FL_NONE;
    }
    b.h->count = CROWD + AFTER;
    b.h->stamps = 2 * (CROWD + AFTER);
    compare(&b);
    CU_ASSERT_EQUAL(b.passes, 1);
    CU_ASSERT_EQUAL(b.wrong, 0);
    end(&b);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"far apart is decided like close together",
         far_apart_is_decided_like_close_together},
        {"returns in the opposite order are sorted",
         returns_in_the_opposite_order_are_sorted},
        {NULL, NULL},
    };
    return tap_run("dense", cases);
}

/*
 * Two histories made one: of different objects they pass together iff both do
 * (locality: Herlihy and Wing 1990); where one follows the other, the first
 * must pass.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/metamorphic_fixture.h"

enum {
    PAIRS = 6600
};

/* Appends the operations of `from` to b->changed, by other clients. */
static void append(struct bench *b, const struct fl_history *from, fl_value key,
                   uint32_t later)
{
    for (uint32_t i = 0; i < from->count; i++) {
        struct fl_operation op = from->operations[i];
        op.client += 1000;
        op.key = key == FL_NONE ? op.key : key + (op.key > 0 ? op.key : 0);
        op.call = op.call * 2 + later;
        op.ret = op.ret == FL_OPEN ? FL_OPEN : op.ret * 2 + 1 + later;
        b->changed->operations[b->changed->count++] = op;
    }
}

/* Makes two histories of one model, and of both one: side by side on objects
 * of their own, or, on one object, the second after the first. */
static enum fl_verdict decide_both(struct bench *b, uint32_t number,
                                   bool beside, enum fl_verdict *verdicts)
{
    make_history(b, number);
    verdicts[0] = decide(b, b->h);
    bool made = copy_history(b);
    uint32_t end_of_first = 2 * b->h->stamps + 2;
    CU_ASSERT_FATAL(made && fl_history_grow(b->changed, 256, 0));
    b->changed->count = 0;
    append(b, b->h, beside ? 10 : FL_NONE, 0);
    for (uint32_t i = 0; i < b->changed->count; i++) {
        b->changed->operations[i].client += 1000;
    }
    struct fl_options options = b->options;
    do {
        make_history(b, number);
    } while (b->h->count + b->changed->count > 120 ||
             b->h->initial != b->changed->initial);
    b->options = options;
    verdicts[1] = decide(b, b->h);
    append(b, b->h, beside ? 20 : FL_NONE, beside ? 0 : end_of_first);
    bool settled = fl_history_settle(b->changed);
    CU_ASSERT_FATAL(settled);
    return decide(b, b->changed);
}

/* Locality: the objects of a history are decided one by one. */
static void objects_side_by_side_pass_iff_each_does(void)
{
    struct bench b;
    begin(&b, 0x51de);
    for (uint32_t i = 0; i < PAIRS && b.wrong < WRONG_MOST; i++) {
        enum fl_verdict each[2];
        b.options.whole = false;
        enum fl_verdict both = decide_both(&b, i, true, each);
        bool passes = each[0] == FL_PASS && each[1] == FL_PASS;
        bool known = each[0] != FL_INCONCLUSIVE && each[1] != FL_INCONCLUSIVE &&
                     both != FL_INCONCLUSIVE;
        b.passes += known && passes;
        b.violations += known && !passes;
        if (known && passes != (both == FL_PASS)) {
            show_history(b.changed, fl_verdict_name(both));
            b.wrong++;
        }
        fl_history_free(b.changed);
    }
    printf("# %u pass, %u fail\n", b.passes, b.violations);
    CU_ASSERT_EQUAL(b.wrong, 0);
    CU_ASSERT(b.passes >= PAIRS / 5);
    CU_ASSERT(b.violations >= PAIRS / 5);
    end(&b);
}

/* What comes later cannot mend what came before. */
static void a_history_that_fails_fails_with_any_end(void)
{
    struct bench b;
    begin(&b, 0xe9d);
    for (uint32_t i = 0; i < PAIRS && b.wrong < WRONG_MOST; i++) {
        enum fl_verdict each[2];
        enum fl_verdict both = decide_both(&b, i, false, each);
        b.passes += both == FL_PASS;
        b.violations += each[0] == FL_VIOLATION;
        if (each[0] == FL_VIOLATION && both == FL_PASS) {
            show_history(b.changed, "the first part fails");
            b.wrong++;
        }
        fl_history_free(b.changed);
    }
    printf("# %u pass, %u fail\n", b.passes, b.violations);
    CU_ASSERT_EQUAL(b.wrong, 0);
    CU_ASSERT(b.violations >= PAIRS / 5);
    CU_ASSERT(b.passes >= PAIRS / 10);
    end(&b);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"objects side by side pass iff each does",
         objects_side_by_side_pass_iff_each_does},
        {"a history that fails fails with any end",
         a_history_that_fails_fails_with_any_end},
        {NULL, NULL},
    };
    return tap_run("locality", cases);
}

/*
 * The witness checker against the definition, spelled out: every operation
 * that returned is told once, an open one at most once, none stands behind one
 * that it precedes, and the model accepts each in turn.  Orders are true
 * witnesses, and true ones with a small lie.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/shapes.h"
#include "tests/show_history.h"
#include "tests/tap.h"

#include "checker/check.h"

enum {
    ORDERS = 60000,
    ORDER_MAX = DISTINCT_OPERATIONS_MAX + 4
};

struct bench {
    struct fl_history *h;
    struct fl_strings *strings;
    struct fl_checker *checker;
    uint64_t seed;
    uint32_t order[ORDER_MAX];
    uint32_t count;
    uint32_t held;
    uint32_t refused;
    uint32_t wrong;
};

static bool is_told_right(const struct bench *b)
{
    uint32_t told[DISTINCT_OPERATIONS_MAX] = {0};
    for (uint32_t k = 0; k < b->count; k++) {
        if (b->order[k] >= b->h->count) {
            return false;
        }
        told[b->order[k]]++;
    }
    for (uint32_t i = 0; i < b->h->count; i++) {
        bool is_open = b->h->operations[i].ret == FL_OPEN;
        if (told[i] > 1 || (told[i] == 0 && !is_open)) {
            return false;
        }
    }
    return true;
}

static bool holds_by_definition(const struct bench *b,
                                const struct fl_options *options)
{
    static _Alignas(16) unsigned char state[1 << 14];
    const struct fl_operation *ops = b->h->operations;
    struct fl_space space;
    if (!is_told_right(b)) {
        return false;
    }
    fl_space_init(&space, b->h);
    fl_space_limit(&space, options->capacity, options->relax);
    assert(fl_state_max(&space) <= sizeof(state));
    size_t size = fl_state_start(&space, state);
    for (uint32_t k = 0; k < b->count; k++) {
        const struct fl_operation *op = &ops[b->order[k]];
        for (uint32_t later = k + 1; later < b->count; later++) {
            if (ops[b->order[later]].ret < op->call) {
                return false;
            }
        }
        if (!fl_state_accepts(&space, state, &size, op)) {
            return false;
        }
    }
    return true;
}

/* One small lie, or none. */
static void lie(struct bench *b)
{
    uint32_t at = random_below(&b->seed, b->count);
    uint32_t other = random_below(&b->seed, b->count);
    uint32_t swapped = b->order[at];
    switch (random_below(&b->seed, 6)) {
    case 0: /* two change places */
        b->order[at] = b->order[other];
        b->order[other] = swapped;
        break;
    case 1: /* neighbours do */
        other = at + 1 < b->count ? at + 1 : at;
        b->order[at] = b->order[other];
        b->order[other] = swapped;
        break;
    case 2: /* one is told twice */
        memmove(b->order + at + 1, b->order + at,
                (b->count - at) * sizeof(*b->order));
        b->count++;
        break;
    case 3: /* one is left out */
        b->count--;
        memmove(b->order + at, b->order + at + 1,
                (b->count - at) * sizeof(*b->order));
        break;
    case 4: /* one that there is not */
        b->order[at] = b->h->count + other;
        break;
    default:
        break;
    }
}

static void take_history(struct bench *b, uint32_t number)
{
    uint32_t models = 0;
    while (fl_models[models] != NULL) {
        models++;
    }
    struct shape_wish wish = {
        .model = fl_models[number % models],
        .base = (enum shape_base)(number / models % BASES),
        .shape = number % 2 == 0 ? SHAPE_LEGAL : SHAPE_COARSE,
        .sound = true,
        .operations = 3 + random_below(&b->seed, 12),
        .clients = 1 + random_below(&b->seed, RANDOM_CLIENTS_MAX),
        .keys = 1 + random_below(&b->seed, 2),
        .distinct = random_below(&b->seed, 2),
        .strings = b->strings,
    };
    struct fl_options options = {0};
    if (wish.model->ways != NULL) {
        return; /* the replay above goes one way only */
    }
    shape_history(b->h, &wish, &b->seed);
    const struct fl_result *r;
    if (fl_checker_decide(b->checker, b->h, &options, &r) != FL_OK ||
        r->verdict != FL_PASS) {
        b->wrong++;
        show_history(b->h, "should pass");
        return;
    }
    memcpy(b->order, r->order, r->order_count * sizeof(*b->order));
    b->count = r->order_count;
    if (b->count > 0) {
        lie(b);
    }
    bool expected = holds_by_definition(b, &options);
    b->held += expected;
    b->refused += !expected;
    if (fl_witness_holds(b->h, &options, b->order, b->count) != expected) {
        show_history(b->h, expected ? "it holds" : "it does not hold");
        for (uint32_t k = 0; k < b->count; k++) {
            printf("#   then %u\n", b->order[k]);
        }
        b->wrong++;
    }
}

static void a_witness_holds_iff_the_definition_says_so(void)
{
    static struct bench b = {.seed = 0x317};
    b.h = fl_history_new(fl_models[0], DISTINCT_OPERATIONS_MAX, 0);
    b.strings = fl_strings_new();
    b.checker = fl_checker_new();
    CU_ASSERT_FATAL(b.h != NULL && b.strings != NULL && b.checker != NULL);
    b.h->strings = fl_strings_hold(b.strings);
    for (uint32_t i = 0; i < ORDERS && b.wrong < 5; i++) {
        take_history(&b, i);
    }
    printf("# %u orders hold, %u do not\n", b.held, b.refused);
    CU_ASSERT_EQUAL(b.wrong, 0);
    CU_ASSERT(b.held >= ORDERS / 5);
    CU_ASSERT(b.refused >= ORDERS / 5);
    fl_checker_free(b.checker);
    fl_strings_release(b.strings);
    fl_history_free(b.h);
}

/* a: [0, 5], b: [5, 9]: equal stamps mean concurrent, whoever reads the file
 * first; one less, and the first precedes the second. */
static void equal_stamps_are_concurrent(void)
{
    for (uint32_t between = 0; between < 2; between++) {
        struct fl_history *h = fl_history_new(fl_model_find("register"), 4, 0);
        CU_ASSERT_FATAL(h != NULL);
        h->operations[0] = (struct fl_operation){.client = 0,
                                                 .fn = 1,
                                                 .call = 0,
                                                 .ret = 5,
                                                 .key = FL_NONE,
                                                 .args = {7},
                                                 .result = FL_NONE};
        h->operations[1] = (struct fl_operation){.client = 1,
                                                 .fn = 0,
                                                 .call = 5 + between,
                                                 .ret = 9,
                                                 .key = FL_NONE,
                                                 .result = FL_NONE};
        h->count = 2;
        CU_ASSERT(fl_history_settle(h));
        struct fl_result *r = NULL;
        enum fl_status status = fl_check(h, NULL, &r);
        CU_ASSERT_FATAL(status == FL_OK);
        CU_ASSERT_EQUAL(r->verdict, between == 0 ? FL_PASS : FL_VIOLATION);
        fl_result_free(r);
        fl_history_free(h);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a witness holds iff the definition says so",
         a_witness_holds_iff_the_definition_says_so},
        {"equal stamps are concurrent", equal_stamps_are_concurrent},
        {NULL, NULL},
    };
    return tap_run("witness", cases);
}

/*
 * The verdict cache: histories with one key have one verdict, whatever they
 * are judged by.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/random_history.h"
#include "tests/tap.h"

#include "checker/check.h"
#include "harness/verdicts.h"

enum {
    HISTORIES = 40000, /* for each criterion */
    KEYS = 1 << 16,
};

/* A key that was seen, and its verdict. */
struct judged {
    struct history_hash key; /* 0, 0: none */
    enum fl_verdict verdict;
};

static struct judged seen[KEYS];

static struct judged *find(struct history_hash key)
{
    uint32_t slot = (uint32_t)key.high & (KEYS - 1);
    while (seen[slot].key.low != 0 &&
           (seen[slot].key.low != key.low || seen[slot].key.high != key.high)) {
        slot = (slot + 1) & (KEYS - 1);
    }
    return &seen[slot];
}

/* Few clients, few operations, few values: so that keys come again. */
static void draw(struct fl_history *h, const struct fl_model *model,
                 uint64_t *seed)
{
    struct random_wish wish = {.model = model,
                               .operations = 2 + random_below(seed, 2),
                               .clients = 2,
                               .keys = 1,
                               .crashes = true,
                               .changed = random_below(seed, 2)};
    random_history(h, &wish, seed);
}

static void one_key_has_one_verdict(enum fl_criterion criterion)
{
    const struct fl_model *model = fl_model_find("register");
    struct fl_history *h = fl_history_new(model, RANDOM_OPERATIONS_MAX, 8);
    struct fl_checker *checker = fl_checker_new();
    struct verdicts *cache = verdicts_new();
    struct fl_options options = {.criterion = criterion};
    uint64_t seed = 77;
    uint32_t again = 0;
    uint32_t clashes = 0;
    memset(seen, 0, sizeof(seen));
    for (uint32_t i = 0; i < HISTORIES; i++) {
        draw(h, model, &seed);
        const struct fl_result *result = NULL;
        enum fl_status status =
            fl_checker_decide(checker, h, &options, &result);
        if (status != FL_OK) {
            continue; /* events that the criterion does not know */
        }
        struct history_hash key = verdicts_hash(cache, h);
        struct judged *judged = find(key);
        again += judged->key.low != 0 ? 1 : 0;
        clashes +=
            judged->key.low != 0 && judged->verdict != result->verdict ? 1 : 0;
        *judged = (struct judged){.key = key, .verdict = result->verdict};
    }
    CU_ASSERT_EQUAL(clashes, 0);
    CU_ASSERT(again > HISTORIES / 10);
    verdicts_free(cache);
    fl_checker_free(checker);
    fl_history_free(h);
}

static void every_criterion_agrees_with_its_cache(void)
{
    for (int c = FL_LINEARIZABLE; c <= FL_BUFFERED_STRICT; c++) {
        one_key_has_one_verdict((enum fl_criterion)c);
    }
}

/* Histories that are recorded alike have one canonical key; and whatever is
 * changed in one is told. */
static void recorded_alike_is_alike(void)
{
    static struct history_hash canonical[KEYS];
    const struct fl_model *model = fl_model_find("register");
    struct fl_history *h = fl_history_new(model, RANDOM_OPERATIONS_MAX, 8);
    struct verdicts *cache = verdicts_new();
    uint64_t seed = 5;
    uint32_t again = 0;
    memset(seen, 0, sizeof(seen));
    for (uint32_t i = 0; i < HISTORIES; i++) {
        draw(h, model, &seed);
        struct history_hash key = verdicts_recorded(h);
        struct history_hash whole = verdicts_hash(cache, h);
        struct judged *judged = find(key);
        struct history_hash *known = &canonical[judged - seen];
        if (judged->key.low != 0) {
            again++;
            CU_ASSERT(known->low == whole.low && known->high == whole.high);
        }
        judged->key = key;
        *known = whole;
        verdicts_add_recorded(cache, key);
        CU_ASSERT_TRUE(verdicts_passed_recorded(cache, key));
    }
    CU_ASSERT(again > HISTORIES / 10);
    verdicts_free(cache);
    fl_history_free(h);
}

static bool is_same(struct history_hash a, struct history_hash b)
{
    return a.low == b.low && a.high == b.high;
}

static void every_field_and_every_moment_counts(void)
{
    struct verdicts *cache = verdicts_new();
    struct fl_history *h = fl_history_new(fl_model_find("register"), 2, 2);
    CU_ASSERT_TRUE_FATAL(fl_history_clock(h));
    const fl_value args[FL_ARGS_MAX] = {7, FL_NONE};
    h->now = 5;
    uint32_t ticket = fl_history_call(h, 0, 1, FL_NONE, args);
    h->now = 9;
    fl_history_return(h, ticket, 3);
    struct history_hash before = verdicts_recorded(h);
    struct fl_operation *op = &h->operations[0];
    const struct fl_operation kept = *op;
    const struct fl_operation changed[] = {
        {1, 1, 0, 1, FL_NONE, {7, FL_NONE}, 3, 0},
        {0, 0, 0, 1, FL_NONE, {7, FL_NONE}, 3, 0},
        {0, 1, 1, 0, FL_NONE, {7, FL_NONE}, 3, 0},
        {0, 1, 0, FL_OPEN, FL_NONE, {7, FL_NONE}, 3, 0},
        {0, 1, 0, 1, 0, {7, FL_NONE}, 3, 0},
        {0, 1, 0, 1, FL_NONE, {FL_NONE, 7}, 3, 0},
        {0, 1, 0, 1, FL_NONE, {7, 0}, 3, 0},
        {0, 1, 0, 1, FL_NONE, {7, FL_NONE}, 4, 0},
    };
    for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        *op = changed[i];
        CU_ASSERT_FALSE(is_same(before, verdicts_recorded(h)));
    }
    *op = kept;
    CU_ASSERT_TRUE(is_same(before, verdicts_recorded(h)));
    struct history_hash canonical = verdicts_hash(cache, h);
    h->times[1]++;
    CU_ASSERT_FALSE(is_same(before, verdicts_recorded(h)));
    CU_ASSERT_FALSE(is_same(canonical, verdicts_hash(cache, h)));
    fl_history_free(h);
    verdicts_free(cache);
}

/* What a client was told of its last operation is a part of the history. */
static void what_a_client_was_told_counts(void)
{
    static const struct fl_event told[] = {
        {.resolved = FL_RESOLVED_UNKNOWN, .result = FL_NONE},
        {.resolved = FL_RESOLVED_NOT_DONE, .result = FL_NONE},
        {.resolved = FL_RESOLVED_DONE, .result = 3},
        {.resolved = FL_RESOLVED_DONE, .result = 4},
    };
    struct history_hash canonical[4];
    struct history_hash recorded[4];
    struct verdicts *cache = verdicts_new();
    struct fl_history *h = fl_history_new(fl_model_find("register"), 2, 2);
    fl_history_event(h, FL_EVENT_RESOLVE, 0);
    for (size_t i = 0; i < 4; i++) {
        h->events[0].resolved = told[i].resolved;
        h->events[0].result = told[i].result;
        canonical[i] = verdicts_hash(cache, h);
        recorded[i] = verdicts_recorded(h);
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_FALSE(is_same(canonical[i], canonical[j]));
            CU_ASSERT_FALSE(is_same(recorded[i], recorded[j]));
        }
    }
    fl_history_free(h);
    verdicts_free(cache);
}

static void what_passed_is_known_and_nothing_else(void)
{
    struct verdicts *cache = verdicts_new();
    for (uint64_t i = 1; i <= 200000; i++) {
        struct history_hash key = {.low = i << 1 | 1, .high = i * i};
        struct history_hash other = {.low = i << 1 | 1, .high = i * i + 1};
        CU_ASSERT_FALSE(verdicts_passed(cache, key));
        verdicts_add(cache, key);
        CU_ASSERT_FALSE(verdicts_passed(cache, other));
    }
    verdicts_free(cache);
}

static void an_empty_history_has_a_key(void)
{
    struct verdicts *cache = verdicts_new();
    struct fl_history *h = fl_history_new(fl_model_find("register"), 2, 2);
    struct history_hash empty = verdicts_hash(cache, h);
    CU_ASSERT_FALSE(verdicts_passed(cache, empty));
    verdicts_add(cache, empty);
    CU_ASSERT_TRUE(verdicts_passed(cache, verdicts_hash(cache, h)));
    fl_history_event(h, FL_EVENT_CRASH, 0);
    CU_ASSERT_FALSE(verdicts_passed(cache, verdicts_hash(cache, h)));
    fl_history_free(h);
    verdicts_free(cache);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"histories with one key have one verdict",
         every_criterion_agrees_with_its_cache},
        {"what passed is known, and nothing else",
         what_passed_is_known_and_nothing_else},
        {"what was recorded alike has one key", recorded_alike_is_alike},
        {"every field and every moment counts",
         every_field_and_every_moment_counts},
        {"what a client was told counts", what_a_client_was_told_counts},
        {"an empty history has a key", an_empty_history_has_a_key},
        {NULL, NULL},
    };
    return tap_run("verdicts", cases);
}

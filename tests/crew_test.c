/*
 * Parts decided side by side: the answer must be the same, word for word, for
 * any number of threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/distinct_history.h"
#include "tests/tap.h"

#include "checker/check.h"

enum {
    HISTORIES = 600,
    KEYS_MAX = 12,
    PER_KEY_MAX = 24,
    CLIENTS_PER_KEY = 8,
    ROUNDS = 9 /* of overlapping writes in a part that takes several slices */
};

static const uint32_t jobs_tried[] = {2, 3, 8, 200};

/* Copies the operations of `part` into `h` as those of object `key`, in turns
 * with what is there: moments are shared, clients are not. */
static void add_object(struct fl_history *h, const struct fl_history *part,
                       fl_value key)
{
    for (uint32_t i = 0; i < part->count; i++) {
        struct fl_operation op = part->operations[i];
        op.key = key;
        op.client += (uint32_t)key * CLIENTS_PER_KEY;
        assert(h->count < h->max);
        h->operations[h->count] = op;
        h->count++;
    }
}

/* Makes a history of several objects; most of them are legal. */
static void make_history(struct fl_history *h, struct fl_history *part,
                         uint64_t *seed)
{
    static const char *const models[] = {"register", "kv", "queue", "stack"};
    const struct fl_model *model = fl_model_find(models[*seed % 4]);
    uint32_t keys = 2 + random_below(seed, KEYS_MAX - 1);
    fl_history_clear(h);
    h->model = model;
    for (uint32_t key = 0; key < keys; key++) {
        bool is_legal = random_below(seed, 8) > 0;
        struct distinct_wish wish = {
            .model = model,
            .operations = 4 + random_below(seed, PER_KEY_MAX - 4),
            .clients = 1 + random_below(seed, 4),
            .shape =
                is_legal ? SHAPE_LEGAL : (enum shape)random_below(seed, SHAPES),
            .strings = h->strings,
        };
        distinct_history(part, &wish, seed);
        add_object(h, part, key);
    }
    bool settled = fl_history_settle(h);
    assert(settled);
    (void)settled;
}

static bool is_same(const struct fl_result *a, const struct fl_result *b)
{
    return a->verdict == b->verdict && a->exhausted == b->exhausted &&
           a->blocked == b->blocked && a->partitions == b->partitions &&
           a->part == b->part && a->part_key == b->part_key &&
           a->nodes == b->nodes && a->entries == b->entries &&
           a->bytes == b->bytes && a->cuts == b->cuts &&
           strcmp(a->decider, b->decider) == 0 &&
           a->order_count == b->order_count &&
           memcmp(a->order, b->order, a->order_count * sizeof(*a->order)) == 0;
}

/* Decides `h` with one job, then with several; the results must be equal. */
static bool jobs_agree(const struct fl_history *h, struct fl_options options,
                       enum fl_verdict *verdict)
{
    struct fl_result *one = NULL;
    options.decider = FL_DECIDER_SEARCH;
    if (fl_check(h, &options, &one) != FL_OK) {
        return false;
    }
    *verdict = one->verdict;
    bool same = true;
    for (size_t k = 0; k < sizeof(jobs_tried) / sizeof(jobs_tried[0]); k++) {
        struct fl_result *many = NULL;
        options.jobs = jobs_tried[k];
        bool decided = fl_check(h, &options, &many) == FL_OK;
        same = same && decided && is_same(one, many);
        fl_result_free(many);
    }
    fl_result_free(one);
    return same;
}

static void any_number_of_jobs_answers_alike(void)
{
    struct fl_strings *strings = fl_strings_new();
    struct fl_history *h =
        fl_history_new(fl_models[0], KEYS_MAX * PER_KEY_MAX, 0);
    struct fl_history *part =
        fl_history_new(fl_models[0], DISTINCT_OPERATIONS_MAX, 0);
    CU_ASSERT_FATAL(strings != NULL && h != NULL && part != NULL);
    h->strings = fl_strings_hold(strings);
    part->strings = fl_strings_hold(strings);
    uint64_t seed = 0xc4e3;
    uint32_t verdicts[3] = {0};
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < HISTORIES; i++) {
        make_history(h, part, &seed);
        struct fl_options options = {.search = (enum fl_search_kind)(i % 3),
                                     .plain = i % 5 == 0};
        enum fl_verdict verdict = FL_INCONCLUSIVE;
        wrong += !jobs_agree(h, options, &verdict);
        verdicts[verdict]++;
    }
    printf("# %u pass, %u fail\n", verdicts[FL_PASS], verdicts[FL_VIOLATION]);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(verdicts[FL_PASS] > HISTORIES / 5);
    CU_ASSERT(verdicts[FL_VIOLATION] > HISTORIES / 5);
    fl_history_free(part);
    fl_history_free(h);
    fl_strings_release(strings);
}

/* Writes that overlap in pairs, then a read of what nobody wrote: the plain
 * search in depth tries them all. */
static void add_hard(struct fl_history *h, fl_value key, fl_value seen)
{
    fl_value args[FL_ARGS_MAX] = {0};
    uint32_t tickets[ROUNDS];
    for (uint32_t r = 0; r < ROUNDS; r++) {
        args[0] = r;
        tickets[r] = fl_history_call(h, (uint32_t)key * ROUNDS + r,
                                     FL_REGISTER_WRITE, key, args);
    }
    for (uint32_t r = 0; r < ROUNDS; r++) {
        fl_history_return(h, tickets[r], FL_NONE);
    }
    uint32_t read =
        fl_history_call(h, (uint32_t)key * ROUNDS, FL_REGISTER_READ, key, args);
    fl_history_return(h, read, seen);
}

/* Of two parts that fail in one round the first by key is told; and one that
 * fails at once is told though a harder one stands before it. */
static void the_first_that_fails_is_told(void)
{
    struct fl_history *h =
        fl_history_new(fl_model_find("register"), 8 * (ROUNDS + 1), 0);
    CU_ASSERT_FATAL(h != NULL);
    for (fl_value key = 0; key < 6; key++) {
        add_hard(h, key, key == 2 || key == 4 ? 99 : 1);
    }
    struct fl_options options = {.plain = true, .search = FL_SEARCH_DEPTH};
    for (uint32_t jobs = 1; jobs < 8; jobs++) {
        struct fl_result *r = NULL;
        options.jobs = jobs;
        CU_ASSERT_FATAL(fl_check(h, &options, &r) == FL_OK);
        CU_ASSERT_EQUAL(r->verdict, FL_VIOLATION);
        CU_ASSERT_EQUAL(r->part_key, 2);
        fl_result_free(r);
    }
    enum fl_verdict verdict;
    CU_ASSERT(jobs_agree(h, options, &verdict));
    fl_history_free(h);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"any number of jobs answers alike", any_number_of_jobs_answers_alike},
        {"the first that fails is told", the_first_that_fails_is_told},
        {NULL, NULL},
    };
    return tap_run("crew", cases);
}

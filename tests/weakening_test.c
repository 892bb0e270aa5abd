/*
 * The weaker forms of a broadcast: against the twin, which is asked of each
 * reader (and writer) under the atomic model; and what tells them apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/random_history.h"
#include "tests/tap.h"
#include "tests/twin.h"

#include "checker/check.h"
#include "checker/weakening.h"

enum {
    HISTORIES = 20000,
    FORMS = 4 /* the atomic one, and the three weaker ones */
};

/* The verdict of form `f`, 0 the atomic one; -1: it cannot be taken apart. */
static int decide(const struct fl_history *h, int f)
{
    const char *why = NULL;
    struct fl_history *views = f == 0
                                   ? fl_history_copy(h, NULL)
                                   : fl_weaken(fl_weakenings[f - 1], h, &why);
    if (views == NULL) {
        CU_ASSERT_PTR_NOT_NULL(why);
        return -1;
    }
    struct fl_result *result = NULL;
    enum fl_status status = fl_check(views, NULL, &result);
    CU_ASSERT_EQUAL_FATAL(status, FL_OK);
    int verdict = (int)result->verdict;
    CU_ASSERT(verdict != FL_PASS || fl_witness_holds(views, NULL, result->order,
                                                     result->order_count));
    fl_result_free(result);
    fl_history_free(views);
    return verdict;
}

static bool is_send(const struct fl_operation *op)
{
    return op->fn == FL_ACCUMULATOR_SEND;
}

/* The twin, of what `reader` did and `sender` (-1: anybody) sent. */
static bool twin_of_part(const struct fl_history *h, uint32_t reader,
                         int64_t sender)
{
    bool keep[RANDOM_OPERATIONS_MAX];
    uint64_t sent = 0;
    uint64_t others = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        bool from = sender < 0 || sender == (int64_t)op->client;
        keep[i] = is_send(op) ? from : op->client == reader;
        uint64_t bit = is_send(op) ? (uint64_t)1 << op->args[0] : 0;
        sent |= from ? bit : 0;
        others |= from ? 0 : bit;
    }
    struct fl_history *part = fl_history_copy(h, keep);
    assert(part != NULL);
    for (uint32_t i = 0; i < part->count; i++) {
        struct fl_operation *op = &part->operations[i];
        if (op->fn == FL_ACCUMULATOR_RECEIVE && op->ret != FL_OPEN) {
            op->result = (fl_value)((uint64_t)op->result & ~(others & ~sent));
        }
    }
    struct fl_options options = {0};
    bool passes = twin_passes(part, &options);
    fl_history_free(part);
    return passes;
}

/* The same of all readers (and, if asked, each writer). */
static bool twin_of_parts(const struct fl_history *h, bool by_writer)
{
    bool passes = true;
    for (uint32_t r = 0; r < RANDOM_CLIENTS_MAX; r++) {
        bool any = false; /* somebody sent */
        for (int64_t w = 0; w < RANDOM_CLIENTS_MAX && by_writer; w++) {
            bool sends = false;
            for (uint32_t i = 0; i < h->count; i++) {
                sends = sends || (is_send(&h->operations[i]) &&
                                  h->operations[i].client == w);
            }
            any = any || sends;
            passes = passes && (!sends || twin_of_part(h, r, w));
        }
        passes = passes && (any || twin_of_part(h, r, -1));
    }
    return passes;
}

/* What client `c` calls next: two send, the others receive or register. */
static uint32_t choose_function(uint32_t c, uint64_t *seed)
{
    if (c < 2) {
        return FL_ACCUMULATOR_SEND;
    }
    return random_below(seed, 12) == 0 ? FL_ACCUMULATOR_REGISTER
                                       : FL_ACCUMULATOR_RECEIVE;
}

/* Atoms of `called` for a reader that has `got`. */
static uint64_t choose_atoms(uint64_t called, uint64_t got, uint64_t *seed)
{
    uint64_t some = random_below(seed, 3) > 0 ? UINT64_MAX : random_next(seed);
    uint64_t old = random_below(seed, 20) == 0 ? 0 : got;
    return called & some & ~old;
}

/* Two writers and two readers; a receive gets some of the atoms whose send was
 * called and which its reader has not got yet, and sometimes one it has. */
static void make(struct fl_history *h, uint64_t *seed)
{
    uint32_t ticket[4] = {FL_OPEN, FL_OPEN, FL_OPEN, FL_OPEN};
    uint64_t called = 0;
    uint64_t got[4] = {0};
    uint32_t most = 4 + random_below(seed, 4);
    fl_history_clear(h);
    h->initial = 4 | (fl_value)random_below(seed, 4) / 3 << 1 | 8;
    for (uint32_t turn = 0; turn < 4 * most; turn++) {
        uint32_t c = random_below(seed, 4);
        if (ticket[c] == FL_OPEN && h->count < most) {
            uint32_t fn = choose_function(c, seed);
            const fl_value args[FL_ARGS_MAX] = {h->count};
            called |= fn == FL_ACCUMULATOR_SEND ? (uint64_t)1 << h->count : 0;
            ticket[c] = fl_history_call(h, c, fn, FL_NONE, args);
        } else if (ticket[c] != FL_OPEN) {
            bool gets = h->operations[ticket[c]].fn == FL_ACCUMULATOR_RECEIVE;
            uint64_t atoms = choose_atoms(called, got[c], seed);
            fl_history_return(h, ticket[c], gets ? (fl_value)atoms : FL_NONE);
            got[c] |= gets ? atoms : 0;
            ticket[c] = FL_OPEN;
        }
    }
}

static void forms_agree_with_the_twin(void)
{
    struct fl_history *h =
        fl_history_new(fl_model_find("accumulator"), RANDOM_OPERATIONS_MAX, 8);
    uint64_t seed = 0xacc;
    uint32_t apart[FORMS] = {0};
    uint32_t mixed = 0;
    assert(h != NULL);
    for (uint32_t i = 0; i < HISTORIES; i++) {
        make(h, &seed);
        int verdicts[FORMS];
        for (int f = 0; f < FORMS; f++) {
            verdicts[f] = decide(h, f);
        }
        CU_ASSERT_EQUAL(verdicts[1] == FL_PASS, twin_of_parts(h, false));
        if (verdicts[2] < 0) {
            mixed++;
        } else {
            CU_ASSERT_EQUAL(verdicts[2] == FL_PASS, twin_of_parts(h, true));
        }
        for (int f = 1; f < FORMS; f++) {
            CU_ASSERT(verdicts[f - 1] != FL_PASS ||
                      verdicts[f] != FL_VIOLATION);
            apart[f] +=
                verdicts[f - 1] == FL_VIOLATION && verdicts[f] == FL_PASS;
        }
    }
    printf("# passes only: reader %u, pair %u, once %u; not apart %u\n",
           apart[1], apart[2], apart[3], mixed);
    CU_ASSERT(apart[1] > 10 && apart[2] > 10 && apart[3] > 10);
    fl_history_free(h);
}

/* One operation of an example. */
struct line {
    uint32_t client;
    uint32_t fn;
    int64_t value; /* atom sent, or bits received */
    uint32_t call;
    uint32_t ret;
};

enum {
    SEND = FL_ACCUMULATOR_SEND,
    RECEIVE = FL_ACCUMULATOR_RECEIVE,
    LINES_MAX = 6
};

/* The strongest form that holds is number `strongest`. */
static const struct example {
    const char *what;
    int strongest;
    struct line lines[LINES_MAX]; /* ends with ret 0 */
} examples[] = {
    {"everybody gets it",
     0,
     {{0, SEND, 1, 0, 1}, {2, RECEIVE, 2, 2, 3}, {3, RECEIVE, 2, 4, 5}}},
    {"one reader has it, then another does not",
     1,
     {{0, SEND, 1, 0, 9}, {2, RECEIVE, 2, 1, 2}, {3, RECEIVE, 0, 3, 4}}},
    {"a later atom of another writer without the earlier one",
     2,
     {{0, SEND, 1, 1, 2}, {1, SEND, 2, 3, 4}, {2, RECEIVE, 4, 0, 5}}},
    {"a later atom of one writer without the earlier one",
     3,
     {{0, SEND, 1, 1, 2}, {0, SEND, 2, 3, 4}, {2, RECEIVE, 4, 0, 5}}},
    {"an atom twice",
     4,
     {{0, SEND, 1, 0, 1}, {2, RECEIVE, 2, 2, 3}, {2, RECEIVE, 2, 4, 5}}},
    {"an atom never", 4, {{0, SEND, 1, 0, 1}, {2, RECEIVE, 0, 2, 3}}},
    {"an atom that nobody sent",
     4,
     {{0, SEND, 1, 0, 1}, {2, RECEIVE, 10, 2, 3}, {3, RECEIVE, 2, 4, 5}}},
};

static void forms_are_told_apart(void)
{
    for (size_t k = 0; k < sizeof(examples) / sizeof(examples[0]); k++) {
        const struct example *e = &examples[k];
        struct fl_history *h =
            fl_history_new(fl_model_find("accumulator"), LINES_MAX, 0);
        assert(h != NULL);
        h->initial = 4 | 8;
        for (int i = 0; i < LINES_MAX && e->lines[i].ret > 0; i++) {
            const struct line *l = &e->lines[i];
            h->operations[h->count++] = (struct fl_operation){
                .client = l->client,
                .fn = l->fn,
                .call = l->call,
                .ret = l->ret,
                .key = FL_NONE,
                .args = {l->fn == SEND ? l->value : 0},
                .result = l->fn == SEND ? FL_NONE : l->value};
        }
        CU_ASSERT_FATAL(fl_history_settle(h));
        for (int f = 0; f < FORMS; f++) {
            int expected = f >= e->strongest ? FL_PASS : FL_VIOLATION;
            int verdict = decide(h, f);
            if (verdict != expected) {
                printf("# %s: form %d is %d\n", e->what, f, verdict);
            }
            CU_ASSERT_EQUAL(verdict, expected);
        }
        fl_history_free(h);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the weaker forms agree with the twin", forms_agree_with_the_twin},
        {"what tells them apart", forms_are_told_apart},
        {NULL, NULL},
    };
    return tap_run("weakening", cases);
}

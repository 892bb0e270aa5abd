/*
 * The explanation: known histories, their reasons, and the graph as a proof.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/phrase.h"
#include "tests/record_fixture.h"
#include "tests/tap.h"

static void treiber_is_explained_as_designed(void)
{
    struct fixture f;
    fixture_treiber(&f);
    const struct fl_explanation *e = f.explanation;
    CU_ASSERT_EQUAL(e->returned_count, 5);
    CU_ASSERT_EQUAL(e->prefix_returned, 4);
    CU_ASSERT_EQUAL(e->prefix_count, 4);
    CU_ASSERT_STRING_EQUAL(e->start_state, "[1 2 3]");
    CU_ASSERT_STRING_EQUAL(e->prefix_states[3], "[3]");
    CU_ASSERT_STRING_EQUAL(e->must, "3");
    CU_ASSERT_STRING_EQUAL(e->must_all, "3, 4 or 5");
    CU_ASSERT_STRING_EQUAL(e->got, "2");
    CU_ASSERT_STRING_EQUAL(e->hint,
                           "the value 2 was pushed once but popped twice");
    CU_ASSERT_EQUAL(e->configurations_count, 7);
    CU_ASSERT_EQUAL_FATAL(e->reasons_count, 4);
    CU_ASSERT_STRING_EQUAL(e->reasons[0].when, "before #4");
    CU_ASSERT_STRING_EQUAL(e->reasons[1].when,
                           "T2 push(5) took effect, before #4");
    CU_ASSERT_STRING_EQUAL(e->reasons[2].when,
                           "T2 push(5) took effect, after #4");
    CU_ASSERT_FALSE(e->reasons[3].enabled);
    CU_ASSERT_STRING_EQUAL(e->reasons[3].state, "[1 2 3]  [2 3]  [3]");
    CU_ASSERT_TRUE(e->complete);
    fixture_release(&f);
}

static bool is_done(const struct fl_configuration *c, uint32_t i)
{
    return (c->done[i / 64] >> (i % 64) & 1) != 0;
}

/* Whether `i` could be next in `c`, from the definition. */
static bool could_be_next(const struct fl_history *h,
                          const struct fl_configuration *c, uint32_t i)
{
    for (uint32_t j = 0; j < h->count; j++) {
        if (j != i && !is_done(c, j) &&
            h->operations[j].ret < h->operations[i].call) {
            return false;
        }
    }
    return !is_done(c, i);
}

/* What checker.md 7.4 asks of a proof, apart from the model's steps: every
 * enabled operation of every node is an edge or a refusal; none is final. */
static void check_proof(const struct fl_history *h,
                        const struct fl_explanation *e)
{
    for (uint32_t c = 0; c < e->configurations_count; c++) {
        uint32_t missing = 0;
        for (uint32_t i = 0; i < h->count; i++) {
            missing += !is_done(&e->configurations[c], i) &&
                       h->operations[i].ret != FL_OPEN;
            if (!could_be_next(h, &e->configurations[c], i)) {
                continue;
            }
            uint32_t found = 0;
            for (uint32_t k = 0; k < e->edges_count; k++) {
                found += e->edges[k].from == c && e->edges[k].by == i;
            }
            for (uint32_t k = 0; k < e->refusals_count; k++) {
                found += e->refusals[k].at == c && e->refusals[k].by == i;
            }
            CU_ASSERT_EQUAL(found, 1);
        }
        CU_ASSERT(missing > 0);
    }
}

static void graphs_are_complete_proofs(void)
{
    static void (*const make[])(struct fixture *) = {fixture_treiber,
                                                     fixture_abd, fixture_file};
    for (size_t k = 0; k < sizeof(make) / sizeof(make[0]); k++) {
        struct fixture f;
        make[k](&f);
        CU_ASSERT_TRUE(f.explanation->complete);
        check_proof(f.history, f.explanation);
        fixture_release(&f);
    }
}

/* One operation of a table-made history. */
struct row {
    uint32_t client;
    const char *name;
    fl_value arg;
    fl_value result;
    uint32_t call;
    uint32_t ret;
};

enum {
    ROWS_MAX = 6
};

static struct fl_history *make_history(const char *model,
                                       const struct row *rows)
{
    const struct fl_model *found = fl_model_find(model);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    struct fl_history *h = fl_history_new(found, ROWS_MAX, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    for (; rows->name != NULL; rows++) {
        int fn = fl_model_fn(found, rows->name);
        CU_ASSERT_FATAL(fn >= 0);
        h->operations[h->count] = (struct fl_operation){
            .client = rows->client,
            .fn = (uint32_t)fn,
            .call = rows->call,
            .ret = rows->ret,
            .key = FL_NONE,
            .args = {rows->arg, FL_NONE},
            .result = rows->result,
        };
        h->count++;
    }
    CU_ASSERT_TRUE(fl_history_settle(h));
    return h;
}

static void hints_name_the_broken_invariant(void)
{
    static const struct known {
        const char *model;
        struct row rows[ROWS_MAX];
        const char *hint;
    } table[] = {
        {"fifo_queue",
         {{0, "enqueue", 1, FL_NONE, 0, 1}, {0, "dequeue", FL_NONE, 5, 2, 3}},
         "5 was dequeued but never added"},
        {"fifo_queue",
         {{0, "enqueue", 1, FL_NONE, 0, 1},
          {0, "enqueue", 2, FL_NONE, 2, 3},
          {0, "dequeue", FL_NONE, 2, 4, 5}},
         "2 was dequeued while 1, which was enqueued before it, was still "
         "inside"},
        {"stack",
         {{0, "push", 1, FL_NONE, 0, 1},
          {0, "push", 2, FL_NONE, 2, 3},
          {0, "pop", FL_NONE, 1, 4, 5}},
         "1 was popped while 2, which was pushed after it, was still inside"},
        {"fifo_queue",
         {{0, "enqueue", 1, FL_NONE, 0, 1},
          {1, "dequeue", FL_NONE, FL_NONE, 2, 3}},
         "T1 dequeue() found nothing, although 1 had been enqueued and not "
         "dequeued yet"},
        {"register",
         {{0, "write", 1, FL_NONE, 0, 1},
          {0, "write", 2, FL_NONE, 2, 3},
          {1, "read", FL_NONE, 1, 4, 5}},
         "1 was overwritten by T0 write(2) before T1 read() began"},
        {"register",
         {{0, "write", 1, FL_NONE, 0, 1}, {1, "read", FL_NONE, 9, 2, 3}},
         "9 was read but never written"},
        {"set",
         {{0, "insert", 3, 1, 0, 1}, {1, "insert", 3, 1, 2, 3}},
         "3 was inserted twice but removed never"},
        {"bounded_queue",
         {{0, "enqueue", 1, 1, 0, 1}, {1, "enqueue", 2, 0, 2, 3}},
         "T1 enqueue(2) was refused, but no capacity was given, so it is never "
         "full"},
        {"multiset",
         {{0, "add", 1, FL_NONE, 0, 1},
          {0, "remove", FL_NONE, 1, 2, 3},
          {1, "remove", FL_NONE, 1, 4, 5}},
         "the value 1 was added once but removed twice"},
        {"multiset",
         {{0, "add", 1, FL_NONE, 0, 1},
          {0, "remove", FL_NONE, FL_NONE, 2, 3},
          {1, "remove", FL_NONE, 1, 4, 5}},
         "T0 remove() found nothing, although 1 had been added and not "
         "removed yet"},
    };
    for (size_t k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
        struct fl_history *h = make_history(table[k].model, table[k].rows);
        struct fl_explanation *e = NULL;
        CU_ASSERT_EQUAL(fl_explain(h, NULL, &e), FL_OK);
        if (e != NULL) {
            CU_ASSERT_STRING_EQUAL(e->hint, table[k].hint);
        }
        fl_explanation_free(e);
        fl_history_free(h);
    }
}

static void legal_histories_are_bad_input(void)
{
    static const struct row rows[] = {{0, "push", 1, FL_NONE, 0, 3},
                                      {1, "pop", FL_NONE, 1, 1, 2},
                                      {0, NULL, 0, 0, 0, 0}};
    struct fl_history *h = make_history("stack", rows);
    struct fl_explanation *e = NULL;
    CU_ASSERT_EQUAL(fl_explain(h, NULL, &e), FL_BAD_INPUT);
    CU_ASSERT_PTR_NULL(e);
    fl_history_free(h);
}

/* Explains `pushes` concurrent pushes, then a pop of nothing of theirs. */
static struct fl_explanation *explain_pushes(uint32_t pushes)
{
    struct fl_history *h = fl_history_new(fl_model_find("stack"), 20, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    fl_value args[FL_ARGS_MAX] = {0, FL_NONE};
    uint32_t tickets[16];
    for (uint32_t k = 0; k < pushes; k++) {
        args[0] = (fl_value)k + 1;
        tickets[k] = fl_history_call(h, k, FL_STACK_PUSH, FL_NONE, args);
    }
    for (uint32_t k = 0; k < pushes; k++) {
        fl_history_return(h, tickets[k], FL_NONE);
    }
    uint32_t pop = fl_history_call(h, 0, FL_STACK_POP, FL_NONE, args);
    fl_history_return(h, pop, 99);
    CU_ASSERT_TRUE(fl_history_settle(h));
    struct fl_explanation *e = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_explain(h, NULL, &e), FL_OK);
    fl_history_free(h);
    return e;
}

/* Too many answers are counted, not listed. */
static void answers_are_bounded(void)
{
    struct fl_explanation *e = explain_pushes(6);
    CU_ASSERT_STRING_EQUAL(e->must_all, "1, 2, 3, 4, 5 or 1 other");
    CU_ASSERT_TRUE(e->complete);
    CU_ASSERT_EQUAL(e->reasons_count, 8);
    CU_ASSERT(e->reasons_others > 0);
    fl_explanation_free(e);
}

/* Too many configurations: the spine is still right, and it is said. */
static void configurations_are_bounded(void)
{
    struct fl_explanation *e = explain_pushes(9);
    CU_ASSERT_FALSE(e->complete);
    CU_ASSERT_EQUAL(e->stuck, 9);
    CU_ASSERT_EQUAL(e->prefix_returned, 9);
    CU_ASSERT(e->configurations_count < 8192);
    CU_ASSERT(e->must[0] != '\0');
    fl_explanation_free(e);
}

/* A cut write may take effect late, unless the criterion sets a deadline. */
static void criteria_are_respected(void)
{
    struct fl_history *h = fl_history_new(fl_model_find("register"), 4, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    h->initial = 0;
    fl_value args[FL_ARGS_MAX] = {1, FL_NONE};
    fl_history_call(h, 0, FL_REGISTER_WRITE, FL_NONE, args);
    fl_history_event(h, FL_EVENT_CRASH, 0);
    uint32_t a = fl_history_call(h, 1, FL_REGISTER_READ, FL_NONE, args);
    fl_history_return(h, a, 0);
    uint32_t b = fl_history_call(h, 1, FL_REGISTER_READ, FL_NONE, args);
    fl_history_return(h, b, 1);
    CU_ASSERT_TRUE(fl_history_settle(h));
    struct fl_explanation *e = NULL;
    CU_ASSERT_EQUAL(fl_explain(h, NULL, &e), FL_BAD_INPUT);
    struct fl_options strict = {.criterion = FL_STRICT};
    CU_ASSERT_EQUAL(fl_explain(h, &strict, &e), FL_OK);
    fl_explanation_free(e);
    fl_history_free(h);
}

static void explanations_repeat_exactly(void)
{
    struct fixture a;
    struct fixture b;
    fixture_treiber(&a);
    fixture_treiber(&b);
    CU_ASSERT_EQUAL(a.explanation->edges_count, b.explanation->edges_count);
    CU_ASSERT_EQUAL(memcmp(a.explanation->configurations,
                           b.explanation->configurations,
                           a.explanation->configurations_count *
                               sizeof(*a.explanation->configurations)),
                    0);
    fixture_release(&a);
    fixture_release(&b);
}

static void phrases_stay_whole(void)
{
    char text[12];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, sizeof(text));
    fl_phrase_add(&phrase, "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4");
    CU_ASSERT_STRING_EQUAL(text, "\u00e4\u00e4\u00e4\u00e4...");
    fl_phrase_init(&phrase, text, sizeof(text));
    fl_phrase_add(&phrase, "a\nb\xff\xc3");
    CU_ASSERT_STRING_EQUAL(text, "a b??");
    CU_ASSERT_EQUAL(fl_text_columns("\u2717 x"), 3);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the example is explained as designed",
         treiber_is_explained_as_designed},
        {"graphs are complete proofs", graphs_are_complete_proofs},
        {"hints name the broken invariant", hints_name_the_broken_invariant},
        {"a legal history is bad input", legal_histories_are_bad_input},
        {"many answers are bounded", answers_are_bounded},
        {"many configurations are bounded", configurations_are_bounded},
        {"crash criteria are respected", criteria_are_respected},
        {"explanations repeat exactly", explanations_repeat_exactly},
        {"phrases are cut between characters", phrases_stay_whole},
        {NULL, NULL},
    };
    return tap_run("explain", cases);
}

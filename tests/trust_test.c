/*
 * Trust: whatever the checker can decide by, against judges that share nothing
 * with it, on random histories of six shapes and of every model.
 *
 * Each history is decided as it comes, without the reductions, without the
 * split, without both, by the search alone, and by a monitor where one can; by
 * the lattice, and if it is small enough by the twin.  All must agree; what is
 * legal by construction must pass; each pass brings a witness that holds, and
 * each violation a legal prefix and a smallest part that the judges refuse as
 * well.
 *
 * TRUST_HISTORIES says how many there are (200 000), TRUST_SEED which ones.
 * The counts are printed, and a run that hardly sees one of the verdicts
 * fails.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lattice.h"
#include "tests/shapes.h"
#include "tests/show_history.h"
#include "tests/tap.h"
#include "tests/twin.h"

#include "checker/check.h"

#include <time.h>

enum {
    HISTORIES = 200000,
    MODELS_MAX = 64,
    WRONG_MOST = 5,
    SHAPES_SIX = SHAPE_COARSE + 1,
    TWIN_MOST = 6,     /* operations that the twin is asked about */
    NODES = 1000000,   /* of one decision */
    MINIMISED_EACH = 4 /* one violation in so many is made small */
};

/* Who decides. */
static const struct way {
    const char *name;
    struct fl_options options;
} all_ways[] = {
    {"as it comes", {.decider = FL_DECIDER_AUTO}},
    {"by a monitor", {.decider = FL_DECIDER_MONITOR}},
    {"by the search", {.decider = FL_DECIDER_SEARCH}},
    {"plain", {.plain = true}},
    {"whole", {.whole = true, .decider = FL_DECIDER_SEARCH}},
    {"whole and plain", {.whole = true, .plain = true}},
};

enum {
    WAYS = sizeof(all_ways) / sizeof(all_ways[0])
};

struct tally {
    uint32_t histories;
    uint32_t passes;
    uint32_t violations;
};

struct bench {
    struct fl_history *h;
    struct fl_strings *strings;
    struct fl_checker *checker;
    uint64_t seed;
    struct tally models[MODELS_MAX];
    struct tally shapes[SHAPES_SIX];
    uint32_t models_count;
    uint32_t wide; /* the lattice does not know */
    uint32_t known;
    uint32_t twins;
    uint32_t witnesses;
    uint32_t monitored;
    uint32_t small;
    uint32_t wrong;
};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *wish = getenv(name);
    return wish == NULL ? otherwise : strtoull(wish, NULL, 0);
}

static void begin(struct bench *b, uint64_t seed)
{
    *b = (struct bench){.seed = seed ^ number_of("TRUST_SEED", 0) << 32};
    b->h = fl_history_new(fl_models[0], DISTINCT_OPERATIONS_MAX, 0);
    b->strings = fl_strings_new();
    b->checker = fl_checker_new();
    assert(b->h != NULL && b->strings != NULL && b->checker != NULL);
    b->h->strings = fl_strings_hold(b->strings);
    while (fl_models[b->models_count] != NULL) {
        b->models_count++;
    }
    assert(b->models_count <= MODELS_MAX);
}

static void end(struct bench *b)
{
    fl_checker_free(b->checker);
    fl_strings_release(b->strings);
    fl_history_free(b->h);
}

static bool complain(struct bench *b, const struct fl_history *h,
                     const char *what, const char *who)
{
    show_history(h, what);
    printf("#   %s\n", who);
    b->wrong++;
    return false;
}

/* Whether `order` is legal as far as it goes, and ahead of nothing that must
 * come before it in its part. */
static bool prefix_holds(const struct fl_history *h,
                         const struct fl_options *options,
                         const uint32_t *order, uint32_t count)
{
    static _Alignas(16) unsigned char state[LATTICE_STATE_MAX];
    struct fl_space space;
    fl_space_init(&space, h);
    fl_space_limit(&space, options->capacity, options->relax);
    if (space.history->model->ways != NULL || h->events_count > 0) {
        return true; /* which of its ways it went is not told; nor names */
    }
    size_t size = fl_state_start(&space, state);
    for (uint32_t k = 0; k < count; k++) {
        const struct fl_operation *op = &h->operations[order[k]];
        for (uint32_t later = k + 1; later < count; later++) {
            const struct fl_operation *other = &h->operations[order[later]];
            bool timeless = options->criterion == FL_SEQUENTIAL;
            if (other->ret < op->call &&
                (!timeless || other->client == op->client)) {
                return false;
            }
        }
        if (!fl_state_accepts(&space, state, &size, op)) {
            return false;
        }
    }
    return true;
}

/* Decides by one way; it must say what is expected, and prove it. */
static bool way_agrees(struct bench *b, const struct way *way,
                       const struct shape_wish *wish, enum fl_verdict expected)
{
    struct fl_options options = way->options;
    options.capacity = wish->capacity;
    options.relax = wish->relax;
    options.budget.nodes = NODES;
    const struct fl_result *r;
    if (fl_checker_decide(b->checker, b->h, &options, &r) != FL_OK) {
        return complain(b, b->h, "no memory", way->name);
    }
    if (r->verdict != expected) {
        return complain(b, b->h,
                        expected == FL_PASS ? "should pass" : "should fail",
                        way->name);
    }
    b->monitored += strncmp(r->decider, "monitor: ", 9) == 0;
    if (r->verdict == FL_PASS) {
        b->witnesses++;
        return fl_witness_holds(b->h, &options, r->order, r->order_count) ||
               complain(b, b->h, "the witness does not hold", way->name);
    }
    return prefix_holds(b->h, &options, r->order, r->order_count) ||
           complain(b, b->h, "the prefix does not hold", way->name);
}

/* What the judges say; they must agree, too. */
static enum lattice_answer judge(struct bench *b, const struct fl_history *h,
                                 const struct fl_options *options)
{
    enum lattice_answer answer = lattice_decide(h, options);
    if (h->count <= TWIN_MOST && answer != LATTICE_TOO_WIDE) {
        b->twins++;
        if (twin_passes(h, options) != (answer == LATTICE_PASSES)) {
            (void)complain(b, h, "the judges disagree", "");
        }
    }
    return answer;
}

static bool has_call(const struct fl_history *h, uint32_t call)
{
    bool found = false;
    for (uint32_t i = 0; i < h->count; i++) {
        found = found || h->operations[i].call == call;
    }
    return found;
}

/*
 * Whether the history, up to the last return of its part `small`, fails as
 * well: so the part says nothing that only came later.  Of models without
 * units, whose parts are prefixes without what changed nothing; that must not
 * come back as open operations, which might have changed something.
 */
static bool begins_to_fail(struct bench *b, const struct fl_history *small,
                           const struct fl_options *options)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < small->count; i++) {
        uint32_t ret = small->operations[i].ret;
        last = ret != FL_OPEN && ret > last ? ret : last;
    }
    struct fl_history *prefix = fl_history_copy(b->h, NULL);
    uint32_t kept = 0;
    for (uint32_t i = 0; prefix != NULL && i < b->h->count; i++) {
        struct fl_operation op = b->h->operations[i];
        bool is_late = op.ret != FL_OPEN && op.ret > last;
        bool is_left_out = is_late && !has_call(small, op.call) &&
                           fl_operation_inert(b->h->model, &op);
        if (is_late) {
            op.ret = FL_OPEN;
            op.result = FL_NONE;
        }
        prefix->operations[kept] = op;
        kept += op.call < last && !is_left_out;
    }
    bool fails = false;
    if (prefix != NULL) {
        prefix->count = kept;
        fails = lattice_decide(prefix, options) != LATTICE_PASSES;
    }
    fl_history_free(prefix);
    return fails;
}

/* The smallest part of a violation is one, and is a part of it. */
static void check_smallest(struct bench *b, const struct shape_wish *wish)
{
    struct fl_options options = {.capacity = wish->capacity,
                                 .relax = wish->relax};
    bool complete = false;
    struct fl_history *small = fl_minimise(b->h, &options, &complete);
    if (small == NULL || !complete || small->count > b->h->count) {
        (void)complain(b, b->h, "not made small", "");
    } else if (judge(b, small, &options) == LATTICE_PASSES) {
        show_history(b->h, "the whole");
        (void)complain(b, small, "the smallest part passes", "");
    } else if (small->model->unit == NULL &&
               !begins_to_fail(b, small, &options)) {
        show_history(b->h, "the whole");
        (void)complain(b, small, "a part of what passed until then", "");
    } else {
        b->small++;
    }
    fl_history_free(small);
}

static struct shape_wish make_wish(struct bench *b, uint32_t number)
{
    uint32_t round = number / b->models_count;
    struct shape_wish wish = {
        .model = fl_models[number % b->models_count],
        .base = (enum shape_base)(round / SHAPES_SIX % BASES),
        .shape = (enum shape)(round % SHAPES_SIX),
        .sound = random_below(&b->seed, 3) == 0,
        .operations = 3 + random_below(&b->seed, 6),
        .clients = 1 + random_below(&b->seed, RANDOM_CLIENTS_MAX),
        .keys = 1 + random_below(&b->seed, 4) / 3,
        .distinct = random_below(&b->seed, 2),
        .strings = b->strings,
    };
    if (wish.base == BASE_TURNS) {
        wish.capacity = random_below(&b->seed, 3);
        wish.relax = 1 + random_below(&b->seed, 3);
    }
    uint32_t size = random_below(&b->seed, 64);
    if (size < 8) {
        wish.operations = 9 + random_below(&b->seed, 8);
    } else if (size == 8 && wish.base == BASE_STRETCH) {
        wish.operations = 64 + random_below(&b->seed, 65);
        wish.clients = 2 + random_below(&b->seed, 2);
    }
    return wish;
}

static void take_history(struct bench *b, uint32_t number)
{
    struct shape_wish wish = make_wish(b, number);
    shape_history(b->h, &wish, &b->seed);
    struct fl_options options = {.capacity = wish.capacity,
                                 .relax = wish.relax};
    enum lattice_answer answer = judge(b, b->h, &options);
    if (answer == LATTICE_TOO_WIDE) {
        b->wide++;
        return;
    }
    bool passes = answer == LATTICE_PASSES;
    struct tally *tallies[2] = {&b->models[number % b->models_count],
                                &b->shapes[wish.shape]};
    for (int k = 0; k < 2; k++) {
        tallies[k]->histories++;
        tallies[k]->passes += passes;
        tallies[k]->violations += !passes;
    }
    if (shape_is_legal(&wish)) {
        b->known++;
        if (!passes) {
            (void)complain(b, b->h, "legal by construction", "the lattice");
        }
    }
    for (uint32_t w = 0; w < WAYS; w++) {
        if (!way_agrees(b, &all_ways[w], &wish,
                        passes ? FL_PASS : FL_VIOLATION)) {
            printf("#   history %u, capacity %u, relax %u\n", number,
                   wish.capacity, wish.relax);
        }
    }
    if (!passes && b->h->count <= 16 &&
        random_below(&b->seed, MINIMISED_EACH) == 0) {
        check_smallest(b, &wish);
    }
}

static void print_tally(const char *name, const struct tally *t)
{
    printf("# %-16s %8u histories %8u pass %8u fail\n", name, t->histories,
           t->passes, t->violations);
}

/* A real share of both verdicts, everywhere. */
static void judge_tallies(const struct bench *b)
{
    for (uint32_t m = 0; m < b->models_count; m++) {
        const struct tally *t = &b->models[m];
        print_tally(fl_models[m]->name, t);
        CU_ASSERT(t->violations >= t->histories / 10);
        CU_ASSERT(t->passes >= t->histories / 5);
    }
    for (uint32_t s = 0; s < SHAPES_SIX; s++) {
        const struct tally *t = &b->shapes[s];
        print_tally(shape_name((enum shape)s), t);
        bool legal = s == SHAPE_LEGAL;
        CU_ASSERT(legal ? t->violations == 0
                        : t->violations >= t->histories / 10);
        CU_ASSERT(t->passes >= t->histories / 5);
    }
}

static void all_that_decide_agree(void)
{
    static struct bench b;
    begin(&b, 0x7245);
    uint32_t wanted = (uint32_t)number_of("TRUST_HISTORIES", HISTORIES);
    time_t start = time(NULL);
    for (uint32_t i = 0; i < wanted && b.wrong < WRONG_MOST; i++) {
        take_history(&b, i);
    }
    CU_ASSERT_EQUAL(b.wrong, 0);
    judge_tallies(&b);
    printf("# %u histories, %u legal by construction, %u judged twice, %u too "
           "wide to judge, %ld s\n",
           wanted, b.known, b.twins, b.wide, (long)(time(NULL) - start));
    printf("# %u witnesses held, %u decisions by monitors, %u violations made "
           "small and confirmed\n",
           b.witnesses, b.monitored, b.small);
    CU_ASSERT(b.wide <= wanted / 100);
    CU_ASSERT(b.known >= wanted / 8);
    CU_ASSERT(b.witnesses >= wanted);
    CU_ASSERT(b.monitored >= wanted / 4);
    CU_ASSERT(b.small >= wanted / 50);
    end(&b);
}

/* Crash criteria, where most operations are alike: those that differ only in
 * who issued them, and in when that one crashed. */
static void crashes_among_likes_agree(void)
{
    static struct bench b;
    begin(&b, 0xc4a5);
    fl_history_free(b.h);
    b.h = fl_history_new(fl_models[0], RANDOM_OPERATIONS_MAX, 8);
    CU_ASSERT_FATAL(b.h != NULL);
    b.h->strings = fl_strings_hold(b.strings);
    uint32_t wanted = (uint32_t)number_of("TRUST_HISTORIES", HISTORIES) / 4;
    struct tally t = {0};
    for (uint32_t i = 0; i < wanted && b.wrong < WRONG_MOST; i++) {
        struct random_wish wish = {
            .model = fl_models[i % b.models_count],
            .operations = 3 + random_below(&b.seed, TWIN_MOST - 2),
            .clients = 2 + random_below(&b.seed, 2),
            .keys = 1 + random_below(&b.seed, 2),
            .crashes = true,
            .few = random_below(&b.seed, 2),
            .changed = random_below(&b.seed, 3) > 0,
            .strings = b.strings,
        };
        random_history(b.h, &wish, &b.seed);
        struct way way = {"crashes", {0}};
        way.options.criterion =
            (enum fl_criterion)(random_below(&b.seed, FL_DURABLE_STRICT + 1));
        way.options.whole = random_below(&b.seed, 4) == 0;
        bool passes = twin_passes(b.h, &way.options);
        t.histories++;
        t.passes += passes;
        t.violations += !passes;
        struct shape_wish none = {0};
        if (!way_agrees(&b, &way, &none, passes ? FL_PASS : FL_VIOLATION)) {
            printf("#   %s\n", fl_criterion_name(way.options.criterion));
        }
    }
    print_tally("crashes", &t);
    CU_ASSERT_EQUAL(b.wrong, 0);
    CU_ASSERT(t.violations >= t.histories / 10);
    CU_ASSERT(t.passes >= t.histories / 5);
    end(&b);
}

/* Sequential consistency has a search of its own. */
static void the_sequential_search_agrees(void)
{
    static struct bench b;
    begin(&b, 0x5e9);
    uint32_t wanted = (uint32_t)number_of("TRUST_HISTORIES", HISTORIES) / 8;
    struct tally t = {0};
    for (uint32_t i = 0; i < wanted && b.wrong < WRONG_MOST; i++) {
        struct shape_wish wish = make_wish(&b, i);
        wish.operations = wish.operations > 10 ? 10 : wish.operations;
        shape_history(b.h, &wish, &b.seed);
        struct way way = {"sequential", {.criterion = FL_SEQUENTIAL}};
        struct fl_options options = way.options;
        options.capacity = wish.capacity;
        options.relax = wish.relax;
        enum lattice_answer answer = lattice_decide(b.h, &options);
        if (answer == LATTICE_TOO_WIDE) {
            b.wide++;
            continue;
        }
        bool passes = answer == LATTICE_PASSES;
        t.histories++;
        t.passes += passes;
        t.violations += !passes;
        for (int plain = 0; plain < 2; plain++) {
            way.options.plain = plain;
            (void)way_agrees(&b, &way, &wish, passes ? FL_PASS : FL_VIOLATION);
        }
    }
    print_tally("sequential", &t);
    CU_ASSERT_EQUAL(b.wrong, 0);
    CU_ASSERT(t.violations >= t.histories / 10);
    CU_ASSERT(t.passes >= t.histories / 5);
    CU_ASSERT(b.wide <= wanted / 100);
    end(&b);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"all that decide agree", all_that_decide_agree},
        {"crashes among likes agree", crashes_among_likes_agree},
        {"the sequential search agrees", the_sequential_search_agrees},
        {NULL, NULL},
    };
    return tap_run("trust", cases);
}

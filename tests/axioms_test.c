/*
 * The memory models against their axioms.
 *
 * Random programs of a few atomic accesses and fences, a mutex and a
 * semaphore: the twin makes every order of the instructions, lets each load
 * read from every store before it and each store take every place in its
 * modification order, and keeps what the axioms allow.  The engine's search
 * must find exactly these outcomes, and run each execution (who reads from
 * whom, and the modification orders) once.  The twin knows no views, no
 * buffers, no messages and no sleep; it draws relations and looks for cycles:
 *
 * - sc: program order, reads-from, modification order and from-reads together
 *   (Alglave, Maranget, Tautschnig, "Herding cats", TOPLAS 2014);
 * - tso: the same without program order from stores to later loads, but for
 *   those of one location, and for what a fence or an update parts;
 * - c11: happens-before and coherence as C17 defines them, release sequences
 *   too; and C++20's condition on the order of all seq_cst, which is the order
 *   of execution here, as docs/memory.md says.
 *
 * $AXIOMS_PROGRAMS makes more of them, $AXIOMS_SEED other ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/axioms_fixture.h"
#include "tests/litmus_fixture.h"
#include "tests/tap.h"

enum {
    PROGRAMS = 30,
    RUNS_MAX = 400000,
    DRAWN = 200, /* runs by chance of each */
    GRAPHS_MAX = 1 << 14,
    SCHEDULED_MAX = 30, /* executions of which all schedules are tried */
};

/* A model: its axioms, and how the engine is asked for it. */
struct column_of_axioms {
    enum axioms axioms;
    bool inserts; /* stores may come before what was executed earlier */
    bool c20;     /* release sequences without stores of the same thread */
    const char *settings;
};

/* What the twin has found. */
struct executions {
    struct outcomes outcomes;
    uint32_t races;
    uint32_t count;
    uint64_t graphs[GRAPHS_MAX]; /* by hash; 0: free */
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static enum order draw_order(uint64_t *random, uint64_t kind)
{
    static const enum order orders[] = {ORDER_RELAXED, ORDER_SEQ_CST,
                                        ORDER_ACQ_REL, ORDER_ACQUIRE,
                                        ORDER_RELEASE};
    uint64_t draw = next_random(random);
    switch (kind) {
    case KIND_LOAD:
        return draw % 3 == 2 ? ORDER_ACQUIRE : orders[draw % 3];
    case KIND_STORE:
        return draw % 3 == 2 ? ORDER_RELEASE : orders[draw % 3];
    case KIND_COMPARE:
        return orders[draw % 3];
    case KIND_FENCE:
        return orders[1 + draw % 4];
    default:
        return orders[draw % 5];
    }
}

/* `dense`: mostly compare-and-swaps of one location. */
static uint64_t draw_instruction(uint64_t *random, bool dense)
{
    static const uint64_t kinds[] = {
        KIND_LOAD,    KIND_LOAD,    KIND_LOAD,    KIND_STORE,   KIND_STORE,
        KIND_STORE,   KIND_ADD,     KIND_SWAP,    KIND_COMPARE, KIND_FENCE,
        KIND_COMPARE, KIND_COMPARE, KIND_COMPARE, KIND_SWAP};
    uint64_t kind =
        kinds[(dense ? 5 : 0) + next_random(random) % (dense ? 9 : 10)];
    uint64_t value = 1 + next_random(random) % 3;
    uint64_t location = next_random(random) % (dense ? 1 : 2);
    return value << 9 | (uint64_t)draw_order(random, kind) << 6 |
           location << 4 | kind;
}

/* A try of the mutex, a post of the semaphore or a try to wait for it. */
static uint64_t draw_move(uint64_t *random)
{
    uint64_t draw = next_random(random) % 3;
    return draw == 0 ? KIND_TRY : (draw + 1) << 9 | KIND_COUNT;
}

/* One in two of its instructions is such a move, if it has `objects`; and if it
 * `locks`, some of them are made with the mutex. */
static uint64_t draw_thread(uint64_t *random, uint64_t length, bool dense,
                            bool objects, bool locks)
{
    uint64_t code = 0;
    uint32_t n = 0;
    uint64_t from = locks ? next_random(random) % length : length;
    uint64_t to = from + (from + 1 < length ? next_random(random) % 2 : 0);
    for (uint64_t k = 0; k < length; k++) {
        if (k == from) {
            code |= (uint64_t)KIND_LOCK << (n++ * LITMUS_BITS);
        }
        bool moves = objects && next_random(random) % 2 == 0;
        code |= (moves ? draw_move(random) : draw_instruction(random, dense))
                << (n++ * LITMUS_BITS);
        if (locks && k == to) {
            code |= (uint64_t)KIND_UNLOCK << (n++ * LITMUS_BITS);
        }
    }
    return code;
}

/* Two threads of up to four instructions, three of three, four of two; or of
 * one less, beside the mutex, where there are objects. */
static struct litmus_program draw_program(uint64_t *random)
{
    struct litmus_program p = {
        .threads = 2 + (uint32_t)(next_random(random) % 3), .alone = true};
    bool dense = next_random(random) % 2 == 0;
    bool objects = next_random(random) % 3 == 0;
    for (uint32_t i = 0; i < p.threads; i++) {
        bool locks = objects && next_random(random) % 2 == 0;
        uint64_t length = 6 - p.threads - (locks ? 1 : next_random(random) % 2);
        p.code[i] = draw_thread(random, length, dense, objects, locks);
    }
    return p;
}

/* As the twin reads it. */
static void take_program(struct twin *t, const struct litmus_program *p)
{
    t->threads = p->threads;
    for (uint32_t i = 0; i < p->threads; i++) {
        t->length[i] = 0;
        for (uint64_t c = p->code[i]; c != 0; c >>= LITMUS_BITS) {
            t->code[i][t->length[i]++] =
                (struct instruction){.kind = (enum kind)(c & 15),
                                     .order = (enum order)(c >> 6 & 7),
                                     .location = (uint32_t)(c >> 4 & 3),
                                     .value = (uint32_t)(c >> 9 & 7)};
        }
    }
}

static void keep_execution(const struct twin *t, void *context)
{
    struct executions *all = context;
    char text[OUTCOME_SIZE];
    twin_outcome(t, text, sizeof(text));
    outcomes_note(&all->outcomes, text);
    all->races += twin_races(t) ? 1 : 0;
    uint64_t graph = twin_graph(t);
    uint64_t at = graph % GRAPHS_MAX;
    while (all->graphs[at] != 0 && all->graphs[at] != graph) {
        at = (at + 1) % GRAPHS_MAX;
    }
    if (all->graphs[at] == 0) {
        all->graphs[at] = graph;
        all->count++;
    }
    if (all->count == GRAPHS_MAX) {
        abort();
    }
}

/* Whether all of `a` are in `b`; says which are not. */
static bool is_within(const struct outcomes *a, const struct outcomes *b,
                      const char *what)
{
    bool within = true;
    for (uint32_t i = 0; i < a->count; i++) {
        if (!outcomes_have(b, a->text[i])) {
            printf("# %s: %s\n", what, a->text[i]);
            within = false;
        }
    }
    return within;
}

/* Whether some thread tries what may be refused. */
static bool has_tries(const struct twin *t)
{
    for (uint32_t i = 0; i < t->threads; i++) {
        for (uint32_t k = 0; k < t->length[i]; k++) {
            if (t->code[i][k].kind >= KIND_TRY) {
                return true;
            }
        }
    }
    return false;
}

/* Whether the search ran as many executions as there are, each once.  By
 * orders each run may be one of several of one graph, and a try is a change
 * even if it is refused. */
static bool counts_well(const struct search_tally *t, const struct twin *twin,
                        uint32_t count)
{
    if (t->ungraphed.why != UNGRAPHED_NOT) {
        return t->executions >= count &&
               (t->distinct == count || t->distinct == 0);
    }
    bool more = !t->graphs && has_tries(twin);
    return more ? t->executions >= count && t->distinct >= count
                : t->executions == count && t->distinct == count;
}

static void complain(const struct column_of_axioms *c, const struct twin *t,
                     const struct search_tally *tally, uint32_t count)
{
    char text[400];
    twin_text(t, text, sizeof(text));
    printf("# %s: %s\n# %" PRIu32 " executions; ran %" PRIu64 ", %" PRIu64
           " of them distinct\n",
           c->settings, text, count, tally->executions, tally->distinct);
}

/* Whether a thread reads one place three times: then a search of schedules
 * takes it to wait, until the place is written or nobody else can go on. */
static bool seems_to_wait(const struct twin *t)
{
    for (uint32_t i = 0; i < t->threads; i++) {
        uint32_t reads[4] = {0}; /* words, the mutex, the semaphore */
        for (uint32_t k = 0; k < t->length[i]; k++) {
            const struct instruction *c = &t->code[i][k];
            bool word = c->kind == KIND_LOAD || c->kind == KIND_COMPARE;
            uint32_t place = word                    ? c->location
                             : c->kind == KIND_TRY   ? 2u
                             : c->kind == KIND_COUNT ? 3u
                                                     : UINT32_MAX;
            if (place < 4 && ++reads[place] == 3) {
                return true;
            }
        }
    }
    return false;
}

/* Whether trying every schedule finds the same. */
static bool schedules_agree(const struct column_of_axioms *c,
                            const struct litmus_program *p,
                            const struct outcomes *allowed)
{
    static struct outcomes found;
    bool all = litmus_search_by("exhaustive", p, c->settings, RUNS_MAX, &found);
    return is_within(&found, allowed, "by schedules, and forbidden") &&
           (!all || is_within(allowed, &found, "allowed, by no schedule"));
}

/* Whether the search finds what the twin does, and chance nothing else. */
static bool agrees(const struct column_of_axioms *c,
                   const struct litmus_program *p, bool *all)
{
    static struct twin twin;
    static struct executions there;
    static struct outcomes found;
    static struct outcomes drawn;
    take_program(&twin, p);
    twin.axioms = c->axioms;
    twin.inserts = c->inserts;
    twin.c20 = c->c20;
    memset(&there, 0, sizeof(there));
    twin_explore(&twin, keep_execution, &there);
    *all = litmus_search_by("dpor", p, c->settings, RUNS_MAX, &found);
    litmus_draw(p, c->settings, DRAWN, NULL, &drawn);
    const struct outcomes *allowed = &there.outcomes;
    bool few = p->threads == 2 && there.count <= SCHEDULED_MAX &&
               !seems_to_wait(&twin);
    bool good = is_within(&found, allowed, "found, and forbidden") &&
                is_within(&drawn, allowed, "drawn, and forbidden") &&
                (!*all || (is_within(allowed, &found, "allowed, not found") &&
                           counts_well(&found.tally, &twin, there.count))) &&
                (!few || schedules_agree(c, p, allowed));
    if (!good) {
        complain(c, &twin, &found.tally, there.count);
    }
    return good;
}

/* What draws hit too rarely: who heads which release sequence, and the orders
 * of a compare-and-swap that fails. */
static const char *const known[] = {
    "Wy1.rlx Wx1.rel Wx2.rlx / Rx.acq Ry.rlx",
    "Wy1.rlx Wx1.rel Wx2.rlx / Ux1.rlx / Rx.acq Ry.rlx",
    "Wy1.rlx Wx1.rel Wx2.rlx / Wx3.rlx / Rx.acq Ry.rlx",
    "Wy1.rlx F.rel Wx1.rlx Wx2.rlx / Rx.rlx F.acq Ry.rlx",
    "Wy1.rlx Wx1.rel / Cx2.ar Ry.rlx",
    "Wy1.rlx Wx1.rel / Cx2.rlx Ry.rlx",
    "Wx1.rlx Cy2.sc Ry.rlx / Wy1.rlx Cx2.sc Rx.rlx",
    "Rx.acq Ry.rlx / Xy2.acq Wx3.rel Wx2.rlx / Rx.acq Rx.rlx Wx2.sc",
    "Ry.acq / Ry.acq / Cy1.sc / Xy2.ar Xy3.ar",
    "S0 S0 / S0 / S1",
    "T / L T N / T Rx",
    "T T S1 / S0 L Cx2 N",
};

static void compare(const struct column_of_axioms *c, uint64_t seed)
{
    uint64_t random = seed + from_environment("AXIOMS_SEED", 0) * 977;
    uint64_t programs = from_environment("AXIOMS_PROGRAMS", PROGRAMS);
    uint64_t whole = 0;
    bool all = false;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct litmus_program p = litmus_parse(known[i], &column_relaxed);
        p.alone = true;
        CU_ASSERT(agrees(c, &p, &all) && all);
    }
    for (uint64_t i = 0; i < programs; i++) {
        struct litmus_program p = draw_program(&random);
        CU_ASSERT(agrees(c, &p, &all));
        whole += all ? 1 : 0;
    }
    CU_ASSERT(whole > programs * 9 / 10);
}

static void under_sc(void)
{
    compare(&(struct column_of_axioms){.axioms = AXIOMS_SC,
                                       .inserts = true,
                                       .settings = "memory: sc"},
            88172645463325252u);
}

static void under_tso(void)
{
    compare(&(struct column_of_axioms){.axioms = AXIOMS_TSO,
                                       .inserts = true,
                                       .settings = "memory: tso"},
            1181783497276652981u);
}

static void under_c11(void)
{
    compare(&(struct column_of_axioms){.axioms = AXIOMS_C11,
                                       .settings = "memory: c11"},
            4101842887655102017u);
}

static void under_c11_with_inserted_stores(void)
{
    compare(&(struct column_of_axioms){.axioms = AXIOMS_C11,
                                       .inserts = true,
                                       .settings = "memory: c11\n  mo: insert"},
            2685821657736338717u);
}

static void with_release_sequences_of_c20(void)
{
    compare(&(struct column_of_axioms){.axioms = AXIOMS_C11,
                                       .c20 = true,
                                       .settings = "memory: c11\n  "
                                                   "release_sequence: c20"},
            3935559000370003845u);
}

/* Half plain accesses of one word, half what may order them. */
static struct litmus_program draw_racing(uint64_t *random)
{
    struct litmus_program p = {
        .threads = 2 + (uint32_t)(next_random(random) % 2), .alone = true};
    for (uint32_t i = 0; i < p.threads; i++) {
        uint64_t length = 6 - p.threads - next_random(random) % 2;
        for (uint32_t k = 0; k < length; k++) {
            uint64_t draw = next_random(random) % 8;
            uint64_t code =
                draw < 2    ? KIND_PLAIN_WRITE
                : draw == 2 ? KIND_PLAIN_READ
                : draw == 3 ? (draw_order(random, KIND_FENCE) << 6 | KIND_FENCE)
                            : draw_instruction(random, false);
            p.code[i] |= code << (k * LITMUS_BITS);
        }
    }
    return p;
}

/* Whether the search finds a race exactly if there is one, and chance none
 * where there is not. */
static bool agrees_on_races(const struct litmus_program *p, bool *races)
{
    static struct twin twin;
    static struct executions there;
    static struct outcomes found;
    static struct outcomes drawn;
    take_program(&twin, p);
    twin.axioms = AXIOMS_C11;
    memset(&there, 0, sizeof(there));
    twin_explore(&twin, keep_execution, &there);
    *races = there.races > 0;
    (void)litmus_search_by("dpor", p, "memory: c11", RUNS_MAX, &found);
    litmus_draw(p, "memory: c11", DRAWN, NULL, &drawn);
    bool good = *races == (found.races > 0) && (*races || drawn.races == 0);
    if (!good) {
        char text[400];
        twin_text(&twin, text, sizeof(text));
        printf("# %s: %" PRIu32 " executions race; found in %" PRIu64
               " runs, drawn in %" PRIu64 "\n",
               text, there.races, found.races, drawn.races);
    }
    return good;
}

static void races_are_those_of_happens_before(void)
{
    uint64_t random =
        2862933555777941757u + from_environment("AXIOMS_SEED", 0) * 977;
    uint64_t programs = 3 * from_environment("AXIOMS_PROGRAMS", PROGRAMS);
    uint64_t racing = 0;
    for (uint64_t i = 0; i < programs; i++) {
        struct litmus_program p = draw_racing(&random);
        bool races = false;
        CU_ASSERT(agrees_on_races(&p, &races));
        racing += races ? 1 : 0;
    }
    CU_ASSERT(racing > programs / 10 && racing < programs * 9 / 10);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"under sc", under_sc},
        {"under tso", under_tso},
        {"under c11", under_c11},
        {"under c11 with inserted stores", under_c11_with_inserted_stores},
        {"with release sequences of c20", with_release_sequences_of_c20},
        {"races are those of happens-before",
         races_are_those_of_happens_before},
        {NULL, NULL},
    };
    return tap_run("axioms", cases);
}

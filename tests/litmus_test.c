/*
 * Litmus tests: each shape in each memory model, by exhaustion and by chance.
 *
 * What is allowed must be found by both, within 100 000 runs of chance; what is
 * forbidden, by neither.  The table is that of the literature (Alglave,
 * Maranget, Tautschnig, "Herding cats", TOPLAS 2014, for the shapes; RC11 for
 * what C11 says), and of what docs/memory.md promises.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/litmus_fixture.h"
#include "tests/tap.h"

enum {
    RUNS_MAX = 4000000, /* of one search */
    DRAWN_MAX = 100000,
    DRAWN_SOME = 500, /* where it must not be found */
};

/* One shape.  The verdicts are for sc, tso, c11 with all accesses relaxed,
 * release and acquire, seq_cst: 'a' allowed, '-' forbidden, ' ' not asked; 'i'
 * allowed, but only with `mo: insert`. */
struct shape {
    const char *name;
    const char *program;
    const char *outcome;
    const char *verdicts;
};

static const struct shape shapes[] = {
    {"SB", "Wx1 Ry / Wy1 Rx", "00", "-aaa-"},
    {"SB with two sc fences", "Wx1 F Ry / Wy1 F Rx", "00", "-----"},
    {"SB with one sc fence", "Wx1 F Ry / Wy1 Rx", "00", "-aaa-"},
    {"MP", "Wx1 Wy1 / Ry Rx", "10", "--a--"},
    {"MP rel + fence", "Wx1 Wy1.rel / Ry.rlx F.acq Rx", "10", "-----"},
    {"MP fence + acq", "Wx1 F.rel Wy1.rlx / Ry.acq Rx", "10", "-----"},
    {"MP rel + rlx", "Wx1.rlx Wy1.rel / Ry.rlx Rx.rlx", "10", "--aaa"},
    {"LB", "Rx Wy1 / Ry Wx1", "11", "-----"},
    {"IRIW", "Wx1 / Wy1 / Rx Ry / Ry Rx", "1010", "--aa-"},
    {"IRIW rel + sc loads", "Wx1.rel / Wy1.rel / Rx.sc Ry.sc / Ry.sc Rx.sc",
     "1010", "-----"},
    {"IRIW sc fences", "Wx1 / Wy1 / Rx F Ry / Ry F Rx", "1010", "-----"},
    {"2+2W", "Wx1 Wy2 / Wy1 Wx2", " 11", "--ii-"},
    {"S", "Wx2 Wy1 / Ry Wx1", "1 2", "--i--"},
    {"R", "Wx1 Wy1 / Wy2 Rx", "0 .2", "-aaa-"},
    {"CoRR", "Wx1 / Wx2 / Rx Rx / Rx Rx", "1221", "-----"},
    {"CoWR", "Wx1 Rx / Wx2", "2 1", "-----"},
    {"CoRW", "Rx Wx1 / Wx2", "2 2", "-----"},
    {"CoWW", "Wx1 Wx2", " 1", "-----"},
    {"WRC", "Wx1 / Rx Wy1 / Ry Rx", "110", "--a--"},
    {"WRC rel, acq on y", "Wx1.rlx / Rx.rlx Wy1.rel / Ry.acq Rx.rlx", "110",
     "-----"},
    {"ISA2", "Wx1 Wy1 / Ry Wz1 / Rz Rx", "110", "--a--"},
    {"Z6.0", "Wx1 Wy1 / Wy2 Wz1 / Rz Rx", "10 .2", "--aa-"},
    {"RWC", "Wx1 / Rx Ry / Wy1 Rx", "100", "-aaa-"},
    {"RWC sc fences", "Wx1 / Rx F Ry / Wy1 F Rx", "100", "-----"},
    {"W+RWC", "Wx1 Wz1 / Rz Ry / Wy1 Rx", "100", "-aaa-"},
    {"Z6.U", "Wx1.sc Wy1.rel / Uy1.sc Ry.rlx / Wy3.sc Rx.sc", "130", "-----"},
    {"relseq", "Wx1 Wy1 / Uy1.rlx / Ry Rx", "120", "--a--"},
    {"F-F", "Wx1.rlx F.rel Wy1.rlx / Ry.rlx F.acq Rx.rlx", "10", "-----"},
    {"dekker", "Xx1 Ry / Xy1 Rx", "0000", "--aa-"},
    {"two adds", "Ux1 / Ux1", "00", "-----"},
    {"add and store", "Ux1 / Wx5", "0 6", "-----"},
    {"add lost", "Ux1 / Wx5", "5 5", "-----"},
};

static const char *const columns[] = {"sc", "tso", "rlx", "ra", "seq_cst"};

static const struct column *column_of(uint32_t i)
{
    return i == 3 ? &column_ra : i == 4 ? &column_sc : &column_relaxed;
}

static const char *settings_of(uint32_t i, bool inserts)
{
    return i == 0    ? "memory: sc"
           : i == 1  ? "memory: tso"
           : inserts ? "memory: c11\n  mo: insert"
                     : "memory: c11";
}

static bool is_allowed(const struct shape *shape, uint32_t column, bool inserts)
{
    char verdict = shape->verdicts[column];
    return verdict == 'a' || (verdict == 'i' && inserts);
}

/* By a search of everything. */
static void expect_by(const char *strategy, const struct shape *shape,
                      uint32_t column, bool inserts)
{
    static struct outcomes set;
    struct litmus_program p = litmus_parse(shape->program, column_of(column));
    bool allowed = is_allowed(shape, column, inserts);
    bool all = litmus_search_by(strategy, &p, settings_of(column, inserts),
                                RUNS_MAX, &set);
    bool found = outcomes_have(&set, shape->outcome);
    if (!all || found != allowed || set.races != 0) {
        printf("# %s, %s%s: %s %s in %" PRIu64 " runs of %s%s\n", shape->name,
               columns[column], inserts ? " insert" : "", shape->outcome,
               found ? "found" : "not found", set.runs, strategy,
               all ? "" : ", not exhausted");
        CU_FAIL("another outcome");
    }
}

/* By two searches of everything, and by chance.  The plain one makes some
 * hundred thousand runs of each shape of four threads, so there it is left to
 * the other, which must see what it sees: see search_agree_check. */
static void expect(const struct shape *shape, uint32_t column, bool inserts)
{
    static struct outcomes set;
    struct litmus_program p = litmus_parse(shape->program, column_of(column));
    const char *settings = settings_of(column, inserts);
    bool allowed = is_allowed(shape, column, inserts);
    expect_by("dpor", shape, column, inserts);
    if (p.threads < LITMUS_THREADS) {
        expect_by("exhaustive", shape, column, inserts);
    }
    uint64_t drawn = allowed ? DRAWN_MAX : DRAWN_SOME;
    litmus_draw(&p, settings, drawn, shape->outcome, &set);
    if (outcomes_have(&set, shape->outcome) != allowed) {
        printf("# %s, %s%s: by chance %s in %" PRIu64 " runs\n", shape->name,
               columns[column], inserts ? " insert" : "",
               allowed ? "not found" : "found", set.runs);
        CU_FAIL("another outcome by chance");
    }
}

static void expect_all(uint32_t column, bool inserts)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (shapes[i].verdicts[column] != ' ') {
            expect(&shapes[i], column, inserts);
        }
    }
}

static void under_sc_only_interleavings(void)
{
    expect_all(0, false);
}

static void under_tso_late_stores(void)
{
    expect_all(1, false);
}

static void relaxed_accesses(void)
{
    expect_all(2, false);
}

static void releases_and_acquires(void)
{
    expect_all(3, false);
}

static void seq_cst_accesses(void)
{
    expect_all(4, false);
}

/* Of four threads nothing new is to be expected, and much is to be tried. */
static void with_stores_before_newer_ones(void)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        uint32_t threads =
            litmus_parse(shapes[i].program, &column_relaxed).threads;
        for (uint32_t column = 2; column < 5 && threads < 4; column++) {
            if (shapes[i].verdicts[column] != ' ') {
                expect(&shapes[i], column, true);
            }
        }
    }
}

/* Later stores of the same thread belong to a release sequence of C17, and not
 * of C++20. */
static void release_sequences_of_two_standards(void)
{
    static struct outcomes set;
    struct litmus_program p = litmus_parse(
        "Wx1.rlx Wy1.rel Wy2.rlx / Ry.acq Rx.rlx", &column_relaxed);
    CU_ASSERT_TRUE(litmus_search(&p, "memory: c11", RUNS_MAX, &set));
    CU_ASSERT_FALSE(outcomes_have(&set, "20"));
    CU_ASSERT_TRUE(outcomes_have(&set, "00"));
    CU_ASSERT_TRUE(litmus_search(&p, "memory: c11\n  release_sequence: c20",
                                 RUNS_MAX, &set));
    CU_ASSERT_TRUE(outcomes_have(&set, "20"));
}

/* In a row of reads of what has long been overwritten, the newest comes. */
static void staleness_has_a_bound(void)
{
    static struct outcomes set;
    struct litmus_program p =
        litmus_parse("Wx1 / Rx Rx Rx Rx / Wy1 Ry", &column_relaxed);
    CU_ASSERT_TRUE(
        litmus_search(&p, "memory: c11\n  stale_max: 0", RUNS_MAX, &set));
    CU_ASSERT_TRUE(outcomes_have(&set, "0000"));
    uint64_t plain = set.runs;
    CU_ASSERT_TRUE(
        litmus_search(&p, "memory: sc\n  races: report", RUNS_MAX, &set));
    CU_ASSERT_EQUAL(set.runs, plain); /* nothing else was a choice */
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"under sc only interleavings", under_sc_only_interleavings},
        {"under tso late stores", under_tso_late_stores},
        {"relaxed accesses", relaxed_accesses},
        {"releases and acquires", releases_and_acquires},
        {"seq_cst accesses", seq_cst_accesses},
        {"with stores before newer ones", with_stores_before_newer_ones},
        {"release sequences of two standards",
         release_sequences_of_two_standards},
        {"staleness has a bound", staleness_has_a_bound},
        {NULL, NULL},
    };
    return tap_run("litmus", cases);
}

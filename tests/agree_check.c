/*
 * Agreement: exploring, recording, replaying and repeating a run are one run.
 *
 * For every scenario of the project many runs are made in each mode and
 * compared: end, steps, switches, virtual time, history; and where the modes
 * promise it, the digest of every access.  $AGREE_RUNS makes more of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "tests/check_tap.h"

#include <glob.h>
#include <string.h>

enum {
    RUNS = 120,   /* of each scenario */
    OPS_MAX = 512 /* of a history */
};

/* What must be the same. */
struct seen {
    enum run_end end;
    uint64_t steps;
    uint64_t switches;
    uint64_t preemptions;
    uint64_t time;
    uint64_t digest;
    uint32_t count;
    uint32_t events;
    struct fl_operation operations[OPS_MAX];
};

static glob_t files;

static void keep(const struct run_outcome *o, struct seen *seen)
{
    const struct fl_history *h = o->history;
    *seen = (struct seen){.end = o->end,
                          .steps = o->steps,
                          .switches = o->switches,
                          .preemptions = o->preemptions,
                          .time = o->time,
                          .digest = o->digest,
                          .count = h->count < OPS_MAX ? h->count : OPS_MAX,
                          .events = h->events_count};
    memcpy(seen->operations, h->operations,
           seen->count * sizeof(seen->operations[0]));
}

/* Compares but for the digest, which takes in accesses only when recording. */
static void compare(const char *what, uint64_t index, const struct seen *a,
                    const struct seen *b)
{
    ck_assert_msg(a->end == b->end, "run %lu, %s: '%s' became '%s'",
                  (unsigned long)index, what, run_end_name(a->end),
                  run_end_name(b->end));
    ck_assert_msg(a->steps == b->steps && a->switches == b->switches &&
                      a->preemptions == b->preemptions && a->time == b->time,
                  "run %lu, %s: %lu steps, %lu switches, %lu ns became %lu, "
                  "%lu, %lu",
                  (unsigned long)index, what, (unsigned long)a->steps,
                  (unsigned long)a->switches, (unsigned long)a->time,
                  (unsigned long)b->steps, (unsigned long)b->switches,
                  (unsigned long)b->time);
    ck_assert_msg(a->count == b->count && a->events == b->events &&
                      memcmp(a->operations, b->operations,
                             a->count * sizeof(a->operations[0])) == 0,
                  "run %lu, %s: another history", (unsigned long)index, what);
}

static void run(struct runner *r, const struct run_request *request,
                struct seen *seen)
{
    struct run_outcome o;
    runner_run(r, request, &o);
    keep(&o, seen);
}

/* The clock on the wall ends a loop without a point, so where is chance. */
static bool is_chance(const struct seen *seen)
{
    return seen->end == RUN_STUCK;
}

/* `searches`: the next run of an exhaustive search is the next schedule, so
 * that it can be recorded, and not explored again. */
static void agree_once(struct runner *r, uint64_t seed, uint64_t index,
                       bool searches)
{
    static struct seen first;
    static struct seen other;
    static struct seen recorded;
    struct run_request request = {.seed = seed, .index = index};
    run(r, &request, &first);
    if (is_chance(&first)) {
        return;
    }
    for (int again = 0; again < 2 && !searches; again++) {
        request.second = again == 1;
        run(r, &request, &other);
        compare("explored again", index, &first, &other);
        ck_assert_uint_eq(first.digest, other.digest);
    }
    request.second = false;
    request.mode = RUN_RECORD;
    run(r, &request, &recorded);
    compare("recorded", index, &first, &recorded);
    struct trace *trace = runner_trace(r);
    struct run_request replay = {.mode = RUN_REPLAY, .trace = trace};
    run(r, &replay, &other);
    compare("replayed", index, &recorded, &other);
    ck_assert_uint_eq(recorded.digest, other.digest);
    replay.mode = RUN_TOLERANT;
    run(r, &replay, &other);
    compare("replayed tolerantly", index, &recorded, &other);
    ck_assert_uint_eq(recorded.digest, other.digest);
    trace_free(trace);
}

static uint64_t runs_wanted(void)
{
    const char *more = getenv("AGREE_RUNS");
    return more == NULL ? RUNS : strtoul(more, NULL, 10);
}

START_TEST(all_modes_make_the_same_run)
{
    struct scenario *s = scenario_load(files.gl_pathv[_i], stderr);
    ck_assert_ptr_nonnull(s);
    if (s->skip == NULL) {
        struct runner *r = runner_new(s, NULL, stderr);
        ck_assert_ptr_nonnull(r);
        bool searches = s->schedule.strategy.count == 1 &&
                        strcmp(s->schedule.strategy.name[0], "exhaustive") == 0;
        for (uint64_t i = 1; i <= runs_wanted(); i++) {
            agree_once(r, searches ? 1 : 1 + i % 3, searches ? 1 : i, searches);
        }
        runner_free(r);
    }
    scenario_free(s);
}
END_TEST

int main(void)
{
    if (glob("scenarios/*.yaml", 0, NULL, &files) != 0) {
        return check_tap_skip_all("no scenarios: not at the root");
    }
    Suite *suite = suite_create("agree");
    TCase *modes = tcase_create("modes");
    tcase_set_timeout(modes, 600);
    tcase_add_loop_test(modes, all_modes_make_the_same_run, 0,
                        (int)files.gl_pathc);
    suite_add_tcase(suite, modes);
    int status = check_tap_run(suite);
    globfree(&files);
    return status;
}

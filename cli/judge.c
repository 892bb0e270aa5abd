/*
 * Judging a campaign.
 *
 * A timeout is never a pass: when more than one run in a hundred had no
 * verdict, the scenario is inconclusive.  A fault rule that never acted and a
 * point that was never reached are named, since a pass without them says less
 * than it seems to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/judge.h"

#include "harness/symbols.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

enum {
    UNDECIDED_SHARE = 100, /* one run in so many may have no verdict */
    SOURCE_TEXT_MAX = 300,
};

static void conclude(struct result *result, enum summary_status status,
                     enum code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void conclude(struct result *result, enum summary_status status,
                     enum code code, const char *format, ...)
{
    result->summary.status = status;
    result->code = code;
    va_list list;
    va_start(list, format);
    (void)vsnprintf(result->reason, sizeof(result->reason), format, list);
    va_end(list);
    result->summary.reason = result->reason[0] == '\0' ? NULL : result->reason;
}

static void warn(struct result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void warn(struct result *result, const char *format, ...)
{
    uint32_t i = result->summary.warnings_count;
    if (i == WARNINGS_MAX) {
        return;
    }
    va_list list;
    va_start(list, format);
    (void)vsnprintf(result->warning_texts[i], sizeof(result->warning_texts[i]),
                    format, list);
    va_end(list);
    result->warnings[i] = result->warning_texts[i];
    result->summary.warnings_count = i + 1;
}

static bool has_name(const struct names *names, const char *name)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (strcmp(names->name[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a rule of the scenario acts at the named point. */
static bool is_wanted(const struct scenario *scenario, const char *point)
{
    assert(point != NULL);
    for (uint32_t r = 0; r < scenario->rules_count; r++) {
        const struct rule *rule = &scenario->rules[r];
        for (uint32_t w = 0; w < rule->when_count; w++) {
            if (has_name(&rule->when[w].point, point) ||
                has_name(&rule->when[w].event, point)) {
                return true;
            }
        }
    }
    return false;
}

/* What never happened, by name. */
static void warn_of_vacuity(struct result *result,
                            const struct fl_algorithm *algorithm)
{
    const struct scenario *scenario = result->scenario;
    for (uint32_t r = 0; r < scenario->rules_count; r++) {
        if (result->outcome.fired[r] == 0) {
            const char *kind = scenario->rules[r].kind;
            bool blind =
                !result->tells_weak && strcmp(kind, "cas_spurious_fail") == 0;
            warn(result, "rule %" PRIu32 " (%s) never fired%s", r + 1, kind,
                 blind ? ": not available with this compiler, which makes no "
                         "difference between weak and strong"
                       : "");
        }
    }
    for (uint32_t p = 0;
         algorithm->points != NULL && algorithm->points[p] != NULL &&
         p < CAMPAIGN_POINTS_MAX;
         p++) {
        if (result->outcome.reached[p] == 0) {
            warn(result, "point %s was never reached%s", algorithm->points[p],
                 is_wanted(scenario, algorithm->points[p])
                     ? ", and a rule waits for it"
                     : "");
        }
    }
}

/* Behaviours of a weak memory that a pass does not speak of. */
static void warn_of_limits(struct result *result)
{
    if ((result->outcome.untried & UNTRIED_STORES) != 0) {
        warn(result, "some loads could not read all the stores that they may: "
                     "the 16 newest of a location are kept");
    }
    if ((result->outcome.untried & UNTRIED_LOCATIONS) != 0) {
        warn(result, "some loads could read nothing but the newest store: 512 "
                     "locations of a run have a history");
    }
}

/* Threads that are never out of step: livelocks to the letter. */
static void warn_of_steps(struct result *result)
{
    if ((result->outcome.untried & UNTRIED_STEPS) != 0) {
        warn(result, "some runs were cut where threads try each other's locks, "
                     "let go and try again in step, for ever, as std::lock() "
                     "may: any other schedule ends that; progress: "
                     "deadlock_free tells it as a livelock");
    }
}

/* What was asked to be left out of a search, and could not be. */
static void warn_of_savings(struct result *result, bool exhaustive)
{
    enum apart apart =
        exhaustive ? result->outcome.tally.saved.apart : APART_NO_SEARCH;
    if (result->scenario->schedule.symmetry == SYMMETRY_ON &&
        apart > APART_UNASKED) {
        warn(result, "symmetry: none: %s", tally_apart(apart));
    }
    enum unpruned unpruned =
        exhaustive ? result->outcome.tally.saved.unpruned : UNPRUNED_NO_SEARCH;
    if (result->scenario->schedule.prune_states &&
        unpruned > UNPRUNED_UNASKED) {
        warn(result, "prune: no run is cut: %s", tally_unpruned(unpruned));
    }
    if (result->outcome.tally.saved.full) {
        warn(result, "prune: the first half a million states are known, and "
                     "later ones explored as often as they are met");
    }
}

/* What graphs do not say of the program, and where it does it first. */
static void tell_ungraphed(struct result *result, bool exhaustive)
{
    const struct ungraphed_cause *cause = &result->outcome.tally.ungraphed;
    if (!exhaustive || cause->why == UNGRAPHED_NOT) {
        return;
    }
    char text[SOURCE_TEXT_MAX];
    const char *at = NULL;
    struct source_place place = {0};
    struct symbols *symbols = cause->pc == 0 ? NULL : symbols_open();
    if (symbols != NULL && symbols_place(symbols, cause->pc, &place) &&
        place.file != NULL) {
        (void)snprintf(text, sizeof(text), "%s:%u", place.file, place.line);
        at = text;
    }
    tally_ungraphed(cause->why, at, result->ungraphed,
                    sizeof(result->ungraphed));
    result->summary.ungraphed = result->ungraphed;
    symbols_free(symbols);
}

/* The inconclusive end met most often. */
static const char *name_undecided(const struct campaign_outcome *outcome)
{
    uint32_t most = RUN_UNDECIDED;
    for (uint32_t e = 0; e < RUN_ENDS; e++) {
        if (run_end_verdict((enum run_end)e) == FL_INCONCLUSIVE &&
            outcome->ends[e] > outcome->ends[most]) {
            most = e;
        }
    }
    return run_end_name((enum run_end)most);
}

/* The code under test took a worker down: which run was it? */
static void judge_death(struct result *result,
                        const struct campaign_death *death)
{
    char how[80];
    assert(death->signal >= 0 && death->code >= 0);
    if (death->signal != 0) {
        (void)snprintf(how, sizeof(how), "signal %d, SIG%s", death->signal,
                       sigabbrev_np(death->signal));
    } else {
        (void)snprintf(how, sizeof(how), "exit code %d", death->code);
    }
    if (death->culprit == UINT64_MAX) {
        conclude(result, SUMMARY_ERROR, CODE_INTERNAL,
                 "a worker died in run %" PRIu64 " (%s), which does not come "
                 "again; repeat all with --seed %s --jobs 1",
                 death->index, how, result->seed);
    } else if (death->culprit != death->index) {
        conclude(result, SUMMARY_ERROR, CODE_INTERNAL,
                 "a worker died in run %" PRIu64 " (%s) of what run %" PRIu64
                 " had done to our memory; repeat both with --seed %s --first "
                 "%" PRIu64 " -n %" PRIu64 " --jobs 1",
                 death->index, how, death->culprit, result->seed,
                 death->culprit, death->index - death->culprit + 1);
    } else {
        conclude(result, SUMMARY_ERROR, CODE_INTERNAL,
                 "a worker died in run %" PRIu64 " (%s); repeat it with "
                 "--seed %s --first %" PRIu64 " -n 1",
                 death->index, how, result->seed, death->index);
    }
}

/* The first run of each kind without a verdict, and how to look at it. */
static void warn_of_open(struct result *result)
{
    const struct campaign_outcome *o = &result->outcome;
    for (uint32_t i = 0; i < o->open_count; i++) {
        const struct campaign_open *open = &o->open[i];
        bool kept = open->found[0] != '\0';
        warn(result, "run %" PRIu64 " has no verdict: %s%s%s%s%s%s",
             open->index, run_end_name(open->end),
             open->detail[0] == '\0' ? "" : ": ", open->detail,
             kept ? "; faultline replay " : "", open->found,
             kept ? "/original.trace.json" : "");
    }
}

/* Trouble that leaves no answer.  False: there was none. */
static bool judge_trouble(struct result *result)
{
    const struct campaign_outcome *o = &result->outcome;
    if (o->deaths_count > 0 && o->deaths[0].signal == SIGKILL) {
        conclude(result, SUMMARY_INCONCLUSIVE, CODE_INCONCLUSIVE,
                 "a worker was killed in run %" PRIu64
                 " (out of memory, or it did not move for half a minute)",
                 o->deaths[0].index);
        return true;
    }
    if (o->deaths_count > 0) {
        judge_death(result, &o->deaths[0]);
        return true;
    }
    if (o->forked) {
        conclude(result, SUMMARY_ERROR, CODE_INTERNAL,
                 "run %" PRIu64 " left a second process, by a call that is not "
                 "simulated; repeat it with --seed %s --first %" PRIu64 " -n 1",
                 o->forked_index, result->seed, o->forked_index);
        return true;
    }
    if (o->unsteady) {
        conclude(result, SUMMARY_ERROR, CODE_DIVERGED,
                 "not deterministic: run %" PRIu64
                 " of seed %s differs when it is repeated%s%s",
                 o->unsteady_index, result->seed,
                 result->divergence[0] == '\0' ? "" : ": ", result->divergence);
        return true;
    }
    return false;
}

/* Failures were found. */
static void judge_failures(struct result *result)
{
    assert(result->outcome.failures_count > 0);
    const struct campaign_outcome *o = &result->outcome;
    result->summary.end = run_end_name(o->failures[0].end);
    for (uint32_t i = 0; i < o->failures_count && i < FINDINGS_MAX; i++) {
        const struct finding *finding = &result->findings[i];
        if (finding->end == RUN_DIVERGED) {
            conclude(result, SUMMARY_ERROR, CODE_DIVERGED,
                     "the replay of run %" PRIu64 " diverged: %s",
                     o->failures[i].index, finding->detail);
            return;
        }
    }
    if (result->scenario->expect == EXPECT_VIOLATION) {
        conclude(result, SUMMARY_PASSED, CODE_PASS, "%s", "");
    } else {
        conclude(result, SUMMARY_FAILED, CODE_VIOLATION, "%s", "");
    }
}

/* None was found: how much does that say? */
static void judge_silence(struct result *result, bool exhaustive)
{
    assert(result->outcome.failures_count == 0);
    const struct campaign_outcome *o = &result->outcome;
    uint64_t undecided = result->summary.undecided;
    if (o->runs == 0) {
        conclude(result, SUMMARY_INCONCLUSIVE, CODE_INCONCLUSIVE,
                 "the time budget ended before the first run");
    } else if (result->scenario->expect == EXPECT_VIOLATION) {
        conclude(result, SUMMARY_FAILED, CODE_VIOLATION,
                 "a violation is expected, and none was found in %" PRIu64
                 " runs",
                 o->runs);
    } else if (undecided * UNDECIDED_SHARE > o->runs) {
        conclude(result, SUMMARY_INCONCLUSIVE, CODE_INCONCLUSIVE,
                 "%" PRIu64 " of %" PRIu64 " runs have no verdict, most: %s%s",
                 undecided, o->runs, name_undecided(o),
                 o->given_up ? "; given up" : "");
    } else if (exhaustive && !o->exhausted) {
        conclude(result, SUMMARY_INCONCLUSIVE, CODE_INCONCLUSIVE,
                 "the exhaustive search did not come to its end in %" PRIu64
                 " schedules",
                 o->runs);
    } else {
        conclude(result, SUMMARY_PASSED, CODE_PASS, "%s", "");
    }
}

void judge(struct result *result, const struct fl_algorithm *algorithm,
           bool exhaustive)
{
    assert(result != NULL && algorithm != NULL);
    const struct campaign_outcome *o = &result->outcome;
    struct scenario_summary *s = &result->summary;
    s->expected = result->scenario->expect == EXPECT_VIOLATION;
    s->schedules = o->runs;
    s->undecided = run_ends_undecided(o->ends);
    s->exhausted = o->exhausted;
    s->tally = o->tally;
    s->preemptions =
        o->tally.executions > 0 ? SUMMARY_UNBOUNDED : s->preemptions;
    s->rate = o->milliseconds == 0 ? 0 : o->runs * 1000 / o->milliseconds;
    if (result->elsewhere[0] != '\0') {
        warn(result, "%s", result->elsewhere);
    }
    tell_ungraphed(result, exhaustive);
    if (!judge_trouble(result)) {
        if (o->failures_count > 0) {
            judge_failures(result);
        } else {
            judge_silence(result, exhaustive);
            if (!o->resumed) {
                warn_of_vacuity(result, algorithm);
            }
            warn_of_limits(result);
            warn_of_steps(result);
            if (result->plainly[0] != '\0') {
                warn(result, "%s", result->plainly);
            }
            warn_of_savings(result, exhaustive);
            warn_of_open(result);
        }
    }
    for (uint32_t i = 0; i < FINDINGS_MAX; i++) {
        if (result->findings[i].undrawn) {
            warn(result, "no drawings as .svg: there is no working 'dot'; try: "
                         "apt install graphviz");
            break;
        }
    }
    if (o->interrupted) {
        result->code = code_worse(result->code, CODE_INTERRUPTED);
    }
}

enum code judge_kept(enum summary_status status)
{
    switch (status) {
    case SUMMARY_PASSED:
        return CODE_PASS;
    case SUMMARY_FAILED:
        return CODE_VIOLATION;
    case SUMMARY_INCONCLUSIVE:
        return CODE_INCONCLUSIVE;
    case SUMMARY_SKIPPED:
        return CODE_SKIPPED;
    case SUMMARY_ERROR:
        return CODE_INTERNAL;
    }
    assert(false); /* all are in the table */
    return CODE_INTERNAL;
}

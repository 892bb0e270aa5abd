/*
 * The summary of a campaign: what its reports need to know of each scenario.
 *
 * The campaign fills it; the terminal, JUnit and JSON-lines reports are read
 * off it, so that all of them say the same.  Plain data; all texts are
 * borrowed and must outlive it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SUMMARY_H
#define HX_SUMMARY_H

#include "harness/tally.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* `preemptions` of a search without a bound. */
#define SUMMARY_UNBOUNDED UINT32_MAX

/* What became of a scenario.  As everywhere three-valued, and two more for
 * those that did not run. */
enum summary_status {
    SUMMARY_PASSED,
    SUMMARY_FAILED,
    SUMMARY_INCONCLUSIVE, /* a budget ran out: `reason` names it */
    SUMMARY_SKIPPED,      /* did not run: `reason` says why */
    SUMMARY_ERROR,        /* our own trouble or bad input: `reason` */
};

/* One distinct failure: a signature. */
struct summary_failure {
    const char *signature; /* hex */
    const char *kind;      /* run_end_name(): "not linearizable" */
    const char *message;   /* one line: "T1 pop() returned 2; must return 3,
                            * 4 or 5 (treiber.c:37)"; summary_message() */
    const char *directory; /* "out/treiber_stack/5f3a"; or NULL */
    const char *trace;     /* the file in it to replay; NULL: trace.json */
    const char *file;      /* of the decisive step, or NULL */
    uint32_t line;         /* 0 if not known */
    uint64_t schedule;     /* which of the campaign found it, from 1 */
    uint64_t times;        /* how often it was met, at least 1 */
    uint64_t bucket;       /* before shrinking: equal ones are one failure of a
                            * campaign; 0: not known */
};

enum {
    SUMMARY_MEMBERS_MAX = 32,
    SUMMARY_NEVER_MAX = 6
};

/* A strategy that made some of the schedules. */
struct summary_member {
    const char *name;
    uint64_t schedules;
};

/* What a share of the schedules showed. */
struct summary_reach {
    uint64_t looked;    /* schedules in it; 0: nothing is known */
    uint32_t sites;     /* atomic accesses of the code that were made */
    uint32_t sites_all; /* ... of so many; 0: not known */
    uint32_t pairs;     /* of a store and who read it, by code */
    uint32_t ways;      /* in which all reads did, in whole schedules */
    bool ways_full;     /* there were more, of ways, */
    bool full;          /* and of the others, than are kept account of */
    uint64_t range;     /* schedules that were made, */
    uint64_t quiet;     /* and so many since the last that showed a new one */
    uint32_t never;     /* lines whose accesses were never made; the first: */
    uint32_t never_count;
    const char *never_at[SUMMARY_NEVER_MAX]; /* "stack.c:19" */
};

/* One scenario's result. */
struct scenario_summary {
    const char *name;
    const char *path;    /* of its file, or NULL */
    const char *subject; /* "treiber_stack, variant aba"; or NULL */
    enum summary_status status;
    const char *end;      /* run_end_name() of the worst run, or NULL */
    const char *reason;   /* inconclusive, skipped, error: why; else NULL */
    const char *seed;     /* as typed: "0x5eed1a" */
    bool expected;        /* violation expected, and the status judges that */
    uint64_t schedules;   /* run */
    uint64_t planned;     /* 0 = no number was set */
    uint64_t undecided;   /* of the schedules run, those without a verdict */
    bool exhausted;       /* all schedules within `preemptions` were run, or */
    uint32_t preemptions; /* (SUMMARY_UNBOUNDED) all executions, */
    struct search_tally tally; /* so many, as far as it is known */
    const char *ungraphed;     /* why the search is not one over graphs, though
                                * it could have been; or NULL */
    uint64_t fault_seeds;      /* of a search: the faults that act were drawn
                                * by so many seeds; 0: none can act */
    uint64_t rate;             /* schedules per second; 0 = not known */
    uint64_t wall_ms;
    /* Who made these schedules, the most first; none: not known. */
    struct summary_member members[SUMMARY_MEMBERS_MAX];
    uint32_t members_count;
    struct summary_reach reach;
    /* How near to a bound single operations came, in all these schedules: own
     * steps, operations of others that overtook one, and which schedule met
     * the most first; 0: not known. */
    uint64_t steps_most;
    uint64_t steps_schedule;
    uint64_t overtaken_most;
    uint64_t overtaken_schedule;
    const char *steps_trace; /* that run, to be repeated; NULL: not kept */
    const char *overtaken_trace;
    bool asks_progress; /* the scenario asks for it: for the terminal, too */
    const struct summary_failure *failures; /* distinct ones */
    uint32_t failures_count;
    uint32_t failures_others; /* distinct ones beyond the limit, not listed */
    /* "rule 2 (crash) never fired", "point cas_head was never reached" */
    const char *const *warnings;
    uint32_t warnings_count;
};

/* What became of a failure that was known before. */
enum known_state {
    KNOWN_FAILING, /* as recorded */
    KNOWN_FIXED,   /* the same run passes now */
    KNOWN_STALE,   /* it goes another way, or cannot be made any more */
};

/* One trace of a corpus. */
struct summary_known {
    const char *path;
    const char *scenario; /* NULL: it cannot be read */
    const char *kind;     /* how it ended when it was recorded, or NULL */
    const char *detail;   /* one line; or "" */
    enum known_state state;
    bool expected; /* it fails, and its scenario expects that */
};

/* A whole campaign. */
struct campaign_summary {
    const char *version;   /* of the tool: "0.1.0" */
    const char *timestamp; /* of its start, ISO 8601: "2026-11-20T20:30:00Z";
                            * or NULL */
    const char *seed;
    const struct scenario_summary *scenarios;
    uint32_t scenarios_count;
    const struct summary_known *known; /* tried before the scenarios */
    uint32_t known_count;
    bool brief; /* one line on the terminal */
    uint64_t wall_ms;
    uint32_t workers;
    bool interrupted;
    int exit_code;
};

/* Numbers of scenarios by status. */
struct summary_counts {
    uint32_t passed;
    uint32_t failed;
    uint32_t inconclusive;
    uint32_t skipped;
    uint32_t errors;
    uint64_t schedules;
};

struct fl_record;

/* How many scenarios of `campaign` passed, failed, ... */
struct summary_counts summary_count(const struct campaign_summary *campaign);

/*
 * Writes the one-line message of a failure into `text`, cut at `max` bytes:
 * "T1 pop() returned 2; must return 3, 4 or 5 (treiber.c:37)", or the first
 * sentence of its reason.  Returns `text`.
 */
const char *summary_message(const struct fl_record *record, char *text,
                            size_t max);

/*
 * Writes who made the schedules into `text`, cut at `max` bytes: "stall 718,
 * round_robin 63, ..."; "" where that is not known.  Returns `text`.
 */
const char *summary_members(const struct scenario_summary *scenario, char *text,
                            size_t max);

/* Writes what the schedules of a pass showed, on a line or two, if that is
 * known: a part of summary_scenario(). */
void summary_write_reach(const struct scenario_summary *scenario, FILE *out);

/*
 * Writes the result of one scenario, as one line, and one for each warning:
 *
 *   pass  two_lock_queue  not violated in 2 000 000 schedules   4.1 s
 *
 * Where unexpected failures were reported before, it is the line below those
 * reports, without a FAIL of its own; several are listed with their replays.
 *
 * A pass never says "proved", except that an exhausted search says that all
 * schedules with so many preemptions were tried, or all executions of this
 * program up to the bounds that the scenario states.
 */
void summary_scenario(const struct scenario_summary *scenario, bool colour,
                      FILE *out);

/* Writes the last line: "1 failed, 11 passed, 0 skipped in 41.7 s (12
 * scenarios, 96 310 schedules, 4 workers)   exit 1". */
void summary_campaign(const struct campaign_summary *campaign, bool colour,
                      FILE *out);

#endif

/*
 * Finished campaigns: written as summaries, read back, and joined.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/results_file.h"

#include "harness/need.h"
#include "harness/reach_told.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What a summary is read from; the order of read_row() and read_failure(). */
#define RUN_COLUMNS                                                     \
    "id, name, path, subject, status, \"end\", reason, seed, expected," \
    " schedules, planned, undecided, exhausted, preemptions, wall_ms,"  \
    " executions, redundant, graphs"
#define FAILURE_COLUMNS                                                        \
    "signature, kind, message, directory, trace, file, line, schedule, times," \
    " bucket"

static void write_failures(struct results *r, int64_t row,
                           const struct scenario_summary *summary)
{
    sqlite3_stmt *s =
        results_prepare(r, "INSERT INTO failures (run, " FAILURE_COLUMNS
                           ") VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; s != NULL && i < summary->failures_count; i++) {
        const struct summary_failure *f = &summary->failures[i];
        (void)sqlite3_bind_int64(s, 1, row);
        results_bind_text(s, 2, f->signature);
        results_bind_text(s, 3, f->kind);
        results_bind_text(s, 4, f->message);
        results_bind_text(s, 5, f->directory);
        results_bind_text(s, 6, f->trace);
        results_bind_text(s, 7, f->file);
        results_bind_number(s, 8, f->line);
        results_bind_number(s, 9, f->schedule);
        results_bind_number(s, 10, f->times);
        results_bind_number(s, 11, f->bucket);
        (void)results_step(r, s);
        (void)sqlite3_reset(s);
    }
    (void)sqlite3_finalize(s);
}

void results_finish(struct results *r, int64_t row,
                    const struct scenario_summary *summary, bool done)
{
    assert(r != NULL && summary != NULL);
    if (row == 0) {
        return;
    }
    results_run_text(r, "BEGIN");
    sqlite3_stmt *s = results_prepare(
        r, "UPDATE runs SET subject = ?, status = ?, \"end\" = ?, reason = ?,"
           " expected = ?, schedules = ?, undecided = ?, exhausted = ?,"
           " preemptions = ?, wall_ms = ?, done = ?, executions = ?,"
           " redundant = ?, graphs = ? WHERE id = ?");
    if (s != NULL) {
        results_bind_text(s, 1, summary->subject);
        results_bind_number(s, 2, summary->status);
        results_bind_text(s, 3, summary->end);
        results_bind_text(s, 4, summary->reason);
        results_bind_number(s, 5, summary->expected);
        results_bind_number(s, 6, summary->schedules);
        results_bind_number(s, 7, summary->undecided);
        results_bind_number(s, 8, summary->exhausted);
        results_bind_number(s, 9, summary->preemptions);
        results_bind_number(s, 10, summary->wall_ms);
        results_bind_number(s, 11, done);
        results_bind_number(s, 12, summary->tally.executions);
        results_bind_number(s, 13, summary->tally.redundant);
        results_bind_number(s, 14, /* 0: not known */
                            summary->tally.more ? 0 : summary->tally.distinct);
        (void)sqlite3_bind_int64(s, 15, row);
        (void)results_step(r, s);
        (void)sqlite3_finalize(s);
    }
    if (done) { /* one that goes on keeps its failures by index */
        results_forget(r, row);
        write_failures(r, row, summary);
        results_write_peaks(r, row, summary);
    }
    results_run_text(r, "COMMIT");
}

char *results_copy_text(sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    return text == NULL ? NULL : need(strdup(text), "results");
}

static enum summary_status read_status(uint64_t number)
{
    static const enum summary_status all[] = {SUMMARY_PASSED, SUMMARY_FAILED,
                                              SUMMARY_INCONCLUSIVE,
                                              SUMMARY_SKIPPED, SUMMARY_ERROR};
    return number < sizeof(all) / sizeof(all[0]) ? all[number] : SUMMARY_ERROR;
}

static void read_row(sqlite3_stmt *s, struct scenario_summary *into)
{
    *into = (struct scenario_summary){
        .name = results_copy_text(s, 1),
        .path = results_copy_text(s, 2),
        .subject = results_copy_text(s, 3),
        .status = read_status(results_number(s, 4)),
        .end = results_copy_text(s, 5),
        .reason = results_copy_text(s, 6),
        .seed = results_copy_text(s, 7),
        .expected = results_number(s, 8) != 0,
        .schedules = results_number(s, 9),
        .planned = results_number(s, 10),
        .undecided = results_number(s, 11),
        .exhausted = results_number(s, 12) != 0,
        .preemptions = (uint32_t)results_number(s, 13),
        .wall_ms = results_number(s, 14),
        .tally = {.executions = results_number(s, 15),
                  .redundant = results_number(s, 16),
                  .distinct = results_number(s, 17)},
    };
    into->rate =
        into->wall_ms == 0 ? 0 : into->schedules * 1000 / into->wall_ms;
}

static void read_failure(sqlite3_stmt *s, struct summary_failure *into)
{
    *into = (struct summary_failure){
        .signature = results_copy_text(s, 0),
        .kind = results_copy_text(s, 1),
        .message = results_copy_text(s, 2),
        .directory = results_copy_text(s, 3),
        .trace = results_copy_text(s, 4),
        .file = results_copy_text(s, 5),
        .line = (uint32_t)results_number(s, 6),
        .schedule = results_number(s, 7),
        .times = results_number(s, 8),
        .bucket = results_number(s, 9),
    };
}

/* A borrowed text that is ours after all. */
static void free_text(const char *text)
{
    union {
        const char *given;
        char *owned;
    } cast = {.given = text};
    free(cast.owned);
}

static void free_failure(const struct summary_failure *f)
{
    free_text(f->signature);
    free_text(f->kind);
    free_text(f->message);
    free_text(f->directory);
    free_text(f->trace);
    free_text(f->file);
}

void results_summary_free(struct results_summary *summary)
{
    assert(summary != NULL);
    struct scenario_summary *s = &summary->summary;
    for (uint32_t i = 0; i < s->failures_count; i++) {
        free_failure(&summary->failures[i]);
    }
    free(summary->failures);
    free_text(s->name);
    free_text(s->path);
    free_text(s->subject);
    free_text(s->end);
    free_text(s->reason);
    free_text(s->seed);
    free_text(s->steps_trace);
    free_text(s->overtaken_trace);
    reached_free(summary->reached);
    free(summary->texts);
    *summary = (struct results_summary){0};
}

static bool is_same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && a[0] != '\0' && strcmp(a, b) == 0;
}

/* Adds a failure.  Of one that is there already, by what it shrank to or by
 * its bucket, the first schedule speaks for all, as in an undivided run. */
static void add_failure(struct results_summary *into,
                        struct summary_failure failure)
{
    struct scenario_summary *s = &into->summary;
    for (uint32_t i = 0; i < s->failures_count; i++) {
        struct summary_failure *same = &into->failures[i];
        if (!is_same_text(failure.signature, same->signature) &&
            (failure.bucket == 0 || failure.bucket != same->bucket)) {
            continue;
        }
        uint64_t times = same->times + failure.times;
        if (failure.schedule < same->schedule) {
            struct summary_failure later = *same;
            *same = failure;
            failure = later;
        }
        same->times = times;
        free_failure(&failure);
        return;
    }
    size_t size = (s->failures_count + 1) * sizeof(into->failures[0]);
    /* clang-tidy takes a summary that was moved into the list of them for the
     * one that is read into the same variable next. */
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc)
    into->failures = need(realloc(into->failures, size), "results");
    into->failures[s->failures_count++] = failure;
    s->failures = into->failures;
}

static void read_failures(struct results *r, int64_t row,
                          struct results_summary *into)
{
    sqlite3_stmt *s =
        results_prepare(r, "SELECT " FAILURE_COLUMNS
                           " FROM failures WHERE run = ? ORDER BY schedule");
    if (s == NULL) {
        return;
    }
    (void)sqlite3_bind_int64(s, 1, row);
    while (results_step(r, s)) {
        struct summary_failure failure;
        read_failure(s, &failure);
        add_failure(into, failure);
    }
    (void)sqlite3_finalize(s);
}

bool results_summary(struct results *r, int64_t row,
                     struct results_summary *summary)
{
    assert(r != NULL && summary != NULL);
    *summary = (struct results_summary){0};
    sqlite3_stmt *s =
        results_prepare(r, "SELECT " RUN_COLUMNS " FROM runs WHERE id = ?");
    if (s == NULL) {
        return false;
    }
    (void)sqlite3_bind_int64(s, 1, row);
    bool found = results_step(r, s);
    if (found) {
        read_row(s, &summary->summary);
        read_failures(r, row, summary);
        results_read_peaks(r, row, &summary->summary);
        summary->reached = results_read_reach(r, row);
    }
    (void)sqlite3_finalize(s);
    return found;
}

/* One column list, so that both files agree on the order. */
#define COPIED                                                              \
    "key, campaign, started, name, path, subject, variant, strategy, seed," \
    " shard, shards, first, last, next, schedules, planned, undecided,"     \
    " exhausted, preemptions, status, \"end\", reason, expected, wall_ms,"  \
    " done, executions, redundant, graphs"

/* relocated(directory, out): its last two names, behind `out`. */
static void relocate(sqlite3_context *context, int count, sqlite3_value **value)
{
    assert(count == 2);
    (void)count;
    const char *directory = (const char *)sqlite3_value_text(value[0]);
    const char *out = (const char *)sqlite3_value_text(value[1]);
    if (directory == NULL || directory[0] == '\0' || out == NULL) {
        sqlite3_result_value(context, value[0]);
        return;
    }
    uint32_t slashes = 0;
    const char *tail = directory + strlen(directory);
    while (tail > directory && slashes < 2) {
        tail--;
        slashes += *tail == '/';
    }
    char *text = sqlite3_mprintf("%s%s%s", out, slashes == 2 ? "" : "/", tail);
    sqlite3_result_text(context, text, -1, sqlite3_free);
}

static bool attach(struct results *r, const char *path)
{
    (void)results_check(r, sqlite3_create_function(r->base, "relocated", 2,
                                                   SQLITE_UTF8, NULL, relocate,
                                                   NULL, NULL));
    results_run_with(r, "ATTACH ? AS other", path);
    return !r->failed;
}

/* The failures of the rows just taken. */
static void add_failures(struct results *r, const char *out)
{
    results_run_with(
        r,
        "INSERT INTO main.failures (run, number, ending,"
        " milliseconds, " FAILURE_COLUMNS ") SELECT f.number, o.number,"
        " ending, milliseconds, signature, kind, message,"
        " relocated(directory, ?), trace, file, line, schedule, times, bucket"
        " FROM other.failures AS o JOIN fresh AS f ON f.id = o.run",
        out);
}

/* Their peaks; the traces are where they were. */
static void add_peaks(struct results *r, const char *from)
{
    results_run_with(
        r,
        "INSERT INTO main.peaks (run, kind, asked, most, schedule, trace)"
        " SELECT f.number, kind, asked, most, schedule, relocated(trace, ?)"
        " FROM other.peaks AS o JOIN fresh AS f ON f.id = o.run",
        from);
}

bool results_add(struct results *r, const char *path,
                 const struct results_places *places, FILE *errors)
{
    assert(r != NULL && path != NULL && places != NULL);
    struct results *other = results_open(path, false, errors);
    if (other == NULL) { /* said: it is none of ours */
        return false;
    }
    results_close(other);
    if (!attach(r, path)) {
        return false;
    }
    /* Rows are numbered on from the last one here; what is here already, as
     * when a directory is merged twice, is not added again. */
    results_run_text(
        r, "BEGIN;"
           "CREATE TEMP TABLE fresh AS SELECT id, (SELECT coalesce(max(id), 0)"
           " FROM main.runs) + row_number() OVER (ORDER BY id) AS number"
           " FROM other.runs AS o WHERE NOT EXISTS (SELECT 1 FROM main.runs AS"
           " m WHERE m.key = o.key AND m.started = o.started"
           " AND m.next = o.next AND m.done = o.done);"
           "INSERT INTO main.runs (id, " COPIED ") SELECT f.number, " COPIED
           " FROM other.runs AS o JOIN fresh AS f ON f.id = o.id");
    add_failures(r, places->out);
    add_peaks(r, places->from);
    results_run_text(r, results_reach_copy);
    results_run_text(r, "DROP TABLE fresh; COMMIT; DETACH other");
    return !r->failed;
}

/* The worse of two shards' ends. */
static bool is_worse(enum summary_status a, enum summary_status b)
{
    static const uint8_t weight[] = {
        [SUMMARY_PASSED] = 1,  [SUMMARY_FAILED] = 3, [SUMMARY_INCONCLUSIVE] = 2,
        [SUMMARY_SKIPPED] = 0, [SUMMARY_ERROR] = 4,
    };
    return weight[a] > weight[b];
}

static void swap_texts(const char **a, const char **b)
{
    const char *kept = *a;
    *a = *b;
    *b = kept;
}

/* A shard more of the same campaign. */
static void join_shard(struct results_summary *into,
                       struct results_summary *shard)
{
    struct scenario_summary *a = &into->summary;
    struct scenario_summary *b = &shard->summary;
    a->schedules += b->schedules;
    a->planned += b->planned;
    a->undecided += b->undecided;
    a->wall_ms = a->wall_ms > b->wall_ms ? a->wall_ms : b->wall_ms;
    a->exhausted = a->exhausted && b->exhausted;
    results_join_peaks(a, b);
    results_join_reach(into, shard);
    /* Where a violation is expected, one shard that finds it is enough. */
    bool better = a->expected && b->status == SUMMARY_PASSED;
    bool worse = is_worse(b->status, a->status) &&
                 !(a->expected && a->status == SUMMARY_PASSED);
    if (better || worse) {
        a->status = b->status;
        swap_texts(&a->end, &b->end);
        swap_texts(&a->reason, &b->reason);
    }
    for (uint32_t i = 0; i < b->failures_count; i++) {
        add_failure(into, shard->failures[i]);
    }
    b->failures_count = 0; /* moved */
    results_summary_free(shard);
}

/* Reads the newest row of each shard of each campaign, in order. */
static sqlite3_stmt *select_newest(struct results *r)
{
    return results_prepare(r, "SELECT max(id), campaign FROM runs GROUP BY key"
                              " ORDER BY name, seed, campaign, shard");
}

struct results_summary *results_joined(struct results *r, uint32_t *count)
{
    assert(r != NULL && count != NULL);
    uint32_t campaigns = 0;
    struct results_summary *all = NULL;
    char last[RESULTS_KEY_MAX] = "";
    sqlite3_stmt *s = select_newest(r);
    while (s != NULL && results_step(r, s)) {
        struct results_summary one;
        const char *campaign = (const char *)sqlite3_column_text(s, 1);
        if (campaign == NULL ||
            !results_summary(r, sqlite3_column_int64(s, 0), &one)) {
            continue;
        }
        if (campaigns > 0 && strcmp(last, campaign) == 0) {
            join_shard(&all[campaigns - 1], &one);
            continue;
        }
        (void)snprintf(last, sizeof(last), "%s", campaign);
        all = need(realloc(all, (campaigns + 1) * sizeof(*all)), "results");
        all[campaigns++] = one;
    }
    (void)sqlite3_finalize(s);
    /* The arrays of failures moved while they grew. */
    for (uint32_t i = 0; i < campaigns; i++) {
        all[i].summary.failures = all[i].failures;
        if (all[i].summary.failures_count == 0) {
            results_tell_reach(&all[i]);
        }
    }
    *count = campaigns;
    return all;
}

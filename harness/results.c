/*
 * Results in SQLite: opening, and the rows of running campaigns.
 *
 * Whatever goes wrong while writing is said once and remembered; a campaign
 * goes on without its results rather than stop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/results_file.h"

#include "harness/need.h"
#include "harness/reach_told.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

enum {
    BUSY_MS = 5000,      /* another process writes */
    OUR_ID = 0x464c5452, /* application_id: "FLTR" */
    OUR_VERSION = 4,
    OLD_VERSION = 3, /* which lacks some tables, and is brought up */
};

const char results_file[] = "runs.sqlite";

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, key TEXT,"
    " campaign TEXT, started TEXT, name TEXT, path TEXT, subject TEXT,"
    " variant TEXT, strategy TEXT, seed TEXT, shard INTEGER, shards INTEGER,"
    " first INTEGER, last INTEGER, next INTEGER, schedules INTEGER,"
    " planned INTEGER, undecided INTEGER, exhausted INTEGER,"
    " executions INTEGER, redundant INTEGER, graphs INTEGER,"
    " preemptions INTEGER, status INTEGER, \"end\" TEXT, reason TEXT,"
    " expected INTEGER, wall_ms INTEGER, done INTEGER);"
    "CREATE TABLE IF NOT EXISTS failures (run INTEGER REFERENCES runs (id),"
    " number INTEGER, ending INTEGER, bucket INTEGER, milliseconds INTEGER,"
    " times INTEGER, kind TEXT, signature TEXT, message TEXT, directory TEXT,"
    " trace TEXT, file TEXT, line INTEGER, schedule INTEGER);"
    "CREATE TABLE IF NOT EXISTS peaks (run INTEGER REFERENCES runs (id),"
    " kind INTEGER, asked INTEGER, most INTEGER, schedule INTEGER,"
    " trace TEXT);"
    "CREATE INDEX IF NOT EXISTS runs_by_key ON runs (key);"
    "CREATE INDEX IF NOT EXISTS failures_by_run ON failures (run);"
    "CREATE INDEX IF NOT EXISTS peaks_by_run ON peaks (run);";

bool results_check(struct results *r, int code)
{
    assert(r != NULL);
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) {
        return true;
    }
    if (!r->failed) {
        (void)fprintf(r->errors, "faultline: results in %s: %s\n", r->path,
                      sqlite3_errmsg(r->base));
    }
    r->failed = true;
    return false;
}

sqlite3_stmt *results_prepare(struct results *r, const char *text)
{
    sqlite3_stmt *statement = NULL;
    if (r->failed || !results_check(r, sqlite3_prepare_v2(r->base, text, -1,
                                                          &statement, NULL))) {
        return NULL;
    }
    return statement;
}

void results_bind_text(sqlite3_stmt *statement, int place, const char *text)
{
    if (text == NULL) {
        (void)sqlite3_bind_null(statement, place);
        return;
    }
    (void)sqlite3_bind_text(statement, place, text, -1, SQLITE_TRANSIENT);
}

void results_run_with(struct results *r, const char *statement,
                      const char *text)
{
    assert(r != NULL && statement != NULL);
    sqlite3_stmt *s = results_prepare(r, statement);
    if (s != NULL) {
        results_bind_text(s, 1, text);
        (void)results_step(r, s);
        (void)sqlite3_finalize(s);
    }
}

void results_bind_number(sqlite3_stmt *statement, int place, uint64_t number)
{
    (void)sqlite3_bind_int64(statement, place, (sqlite3_int64)number);
}

uint64_t results_number(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

bool results_step(struct results *r, sqlite3_stmt *statement)
{
    assert(statement != NULL);
    int code = sqlite3_step(statement);
    (void)results_check(r, code);
    return code == SQLITE_ROW;
}

void results_run_text(struct results *r, const char *text)
{
    if (!r->failed) {
        (void)results_check(r, sqlite3_exec(r->base, text, NULL, NULL, NULL));
    }
}

/* A number that the file itself knows. */
static uint64_t read_pragma(struct results *r, const char *text)
{
    sqlite3_stmt *statement = results_prepare(r, text);
    uint64_t number = 0;
    if (statement != NULL) {
        number = results_step(r, statement) ? results_number(statement, 0) : 0;
        (void)sqlite3_finalize(statement);
    }
    return number;
}

/* Whether a file of ours can be used. */
static bool is_of_version(struct results *r, uint64_t *version)
{
    *version = read_pragma(r, "PRAGMA user_version");
    if (*version >= OLD_VERSION && *version <= OUR_VERSION) {
        return true;
    }
    (void)fprintf(r->errors,
                  "faultline: %s is of %s version of faultline; move it away, "
                  "or say another directory\n",
                  r->path, *version > OUR_VERSION ? "a later" : "an earlier");
    return false;
}

/* All tables, or those that an earlier version did not have: what its campaigns
 * would have kept there is not known.  The version is written last. */
static void make_tables(struct results *r)
{
    char text[96];
    (void)snprintf(text, sizeof(text),
                   "PRAGMA application_id = %d; PRAGMA user_version = %d;"
                   "COMMIT",
                   OUR_ID, OUR_VERSION);
    results_run_text(r, "BEGIN IMMEDIATE");
    results_run_text(r, schema);
    results_run_text(r, results_reach_schema);
    results_run_text(r, text);
}

/* Whether the file is one of ours, or empty and, if `make`, made one. */
static bool make_ours(struct results *r, bool make)
{
    uint64_t id = read_pragma(r, "PRAGMA application_id");
    uint64_t version = 0;
    uint64_t tables = read_pragma(r, "SELECT count(*) FROM sqlite_master");
    if (r->failed) {
        return false;
    }
    if (id != OUR_ID && (tables > 0 || !make)) {
        (void)fprintf(r->errors,
                      "faultline: %s holds %s; say another directory, or move "
                      "it away\n",
                      r->path, tables > 0 ? "something else" : "nothing");
        return false;
    }
    if (id == OUR_ID && !is_of_version(r, &version)) {
        return false;
    }
    if (id != OUR_ID || version != OUR_VERSION) {
        make_tables(r);
    }
    /* What is lost if the machine goes down is run again by --resume. */
    results_run_text(r, "PRAGMA synchronous = OFF");
    return !r->failed;
}

struct results *results_open(const char *path, bool make, FILE *errors)
{
    assert(path != NULL && errors != NULL);
    struct results *r = need(calloc(1, sizeof(*r)), "results");
    r->errors = errors;
    (void)snprintf(r->path, sizeof(r->path), "%s", path);
    int flags = SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(path, &r->base, flags, NULL);
    if (results_check(r, code)) {
        (void)sqlite3_busy_timeout(r->base, BUSY_MS);
        if (make_ours(r, make)) {
            return r;
        }
    }
    results_close(r);
    return NULL;
}

void results_close(struct results *r)
{
    if (r != NULL) {
        (void)sqlite3_close(r->base);
        free(r);
    }
}

bool results_failed(const struct results *r)
{
    return r->failed;
}

/* Mixes a text into a key; NULL is another one than "". */
static void mix_text(XXH3_state_t *state, const char *text)
{
    const char *given = text == NULL ? "\1" : text;
    (void)XXH3_128bits_update(state, given, strlen(given) + 1);
}

/* The key of a campaign, or of all its shards together. */
static void make_key(const struct campaign_request *q, bool shards,
                     char key[RESULTS_KEY_MAX])
{
    XXH3_state_t *state = need(XXH3_createState(), "results");
    (void)XXH3_128bits_reset(state);
    const uint64_t numbers[] = {
        q->seed,
        q->first,
        q->last,
        q->schedules_max,
        q->stop_after,
        shards ? q->shard : 0,
        shards ? q->shards : 0,
    };
    mix_text(state, FAULTLINE_VERSION);
    mix_text(state, q->scenario->text);
    mix_text(state, q->variant);
    mix_text(state, q->strategy);
    (void)XXH3_128bits_update(state, numbers, sizeof(numbers));
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    (void)XXH3_freeState(state);
    (void)snprintf(key, RESULTS_KEY_MAX, "%016" PRIx64 "%016" PRIx64,
                   (uint64_t)hash.high64, (uint64_t)hash.low64);
}

void results_key(const struct campaign_request *request,
                 char key[RESULTS_KEY_MAX])
{
    make_key(request, true, key);
}

static void read_known(struct results *r, struct results_run *run)
{
    sqlite3_stmt *s = results_prepare(
        r, "SELECT number, ending, bucket, milliseconds, times, message,"
           " directory FROM failures WHERE run = ? ORDER BY number");
    if (s == NULL) {
        return;
    }
    (void)sqlite3_bind_int64(s, 1, run->row);
    while (run->known_count < CAMPAIGN_FAILURES_MAX && results_step(r, s)) {
        struct campaign_failure *f = &run->known[run->known_count];
        f->index = results_number(s, 0);
        f->end = (enum run_end)(results_number(s, 1) % RUN_ENDS);
        f->coarse = results_number(s, 2);
        f->milliseconds = (uint32_t)results_number(s, 3);
        f->times = results_number(s, 4);
        const char *detail = (const char *)sqlite3_column_text(s, 5);
        const char *found = (const char *)sqlite3_column_text(s, 6);
        (void)snprintf(f->detail, sizeof(f->detail), "%s",
                       detail == NULL ? "" : detail);
        (void)snprintf(f->found, sizeof(f->found), "%s",
                       found == NULL ? "" : found);
        run->known_count++;
    }
    (void)sqlite3_finalize(s);
}

bool results_find(struct results *r, const char *key, struct results_run *run)
{
    assert(r != NULL && key != NULL && run != NULL);
    *run = (struct results_run){0};
    sqlite3_stmt *s = results_prepare(
        r, "SELECT id, done, next, schedules, undecided, exhausted, wall_ms"
           " FROM runs WHERE key = ? ORDER BY id DESC LIMIT 1");
    if (s == NULL) {
        return false;
    }
    results_bind_text(s, 1, key);
    bool found = results_step(r, s);
    if (found) {
        run->row = sqlite3_column_int64(s, 0);
        run->done = sqlite3_column_int(s, 1) != 0;
        run->next = results_number(s, 2);
        run->runs = results_number(s, 3);
        run->undecided = results_number(s, 4);
        run->exhausted = sqlite3_column_int(s, 5) != 0;
        run->milliseconds = results_number(s, 6);
    }
    (void)sqlite3_finalize(s);
    if (found && !run->done) {
        read_known(r, run);
    }
    return found;
}

static void bind_request(sqlite3_stmt *s, const struct campaign_request *q)
{
    char campaign[RESULTS_KEY_MAX];
    char seed[24];
    char started[32] = "";
    make_key(q, false, campaign);
    (void)snprintf(seed, sizeof(seed), "0x%" PRIx64, q->seed);
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) != NULL) {
        (void)strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    results_bind_text(s, 2, campaign);
    results_bind_text(s, 3, started);
    results_bind_text(s, 4, q->scenario->name);
    results_bind_text(s, 5, q->scenario->path);
    results_bind_text(s, 6, q->variant);
    results_bind_text(s, 7, q->strategy);
    results_bind_text(s, 8, seed);
    results_bind_number(s, 9, q->shard);
    results_bind_number(s, 10, q->shards);
    results_bind_number(s, 11, q->first);
    results_bind_number(s, 12, q->last);
    results_bind_number(s, 13, q->from == 0 ? q->first : q->from);
    results_bind_number(s, 14, campaign_planned(q));
}

/* What an earlier row knows is known in this one from its beginning on: it may
 * be cut before it is noted. */
static void take_over(struct results *r, int64_t row,
                      const struct campaign_request *request,
                      const struct results_run *before)
{
    struct campaign_outcome *o = need(calloc(1, sizeof(*o)), "results");
    assert(request->known_count <= CAMPAIGN_FAILURES_MAX);
    o->next = request->from;
    for (uint32_t i = 0; i < request->known_count; i++) {
        o->failures[o->failures_count++] = request->known[i];
    }
    struct reached *seen = results_read_reach(r, before->row);
    results_write_reach(r, row, seen);
    results_note(r, row, o, before);
    reached_free(seen);
    free(o);
}

static int64_t insert_row(struct results *r, const char *key,
                          const struct campaign_request *request)
{
    sqlite3_stmt *s = results_prepare(
        r, "INSERT INTO runs (key, campaign, started, name, path, variant,"
           " strategy, seed, shard, shards, first, last, next, planned, status,"
           " done, schedules, undecided, wall_ms)"
           " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,2,0,0,0,0)");
    if (s == NULL) {
        return 0;
    }
    results_bind_text(s, 1, key);
    bind_request(s, request);
    (void)results_step(r, s);
    (void)sqlite3_finalize(s);
    return r->failed ? 0 : sqlite3_last_insert_rowid(r->base);
}

int64_t results_begin(struct results *r, const char *key,
                      const struct campaign_request *request,
                      const struct results_run *before)
{
    assert(r != NULL && key != NULL && request != NULL && before != NULL);
    results_run_text(r, "SAVEPOINT begin_row");
    results_forget_peaks(r, request->scenario->name);
    int64_t row = insert_row(r, key, request);
    if (row != 0 && before->row != 0) {
        take_over(r, row, request, before);
    }
    results_run_text(r, "RELEASE begin_row");
    return r->failed ? 0 : row;
}

static void write_known(struct results *r, int64_t row,
                        const struct campaign_outcome *o)
{
    sqlite3_stmt *s = results_prepare(
        r, "INSERT INTO failures (run, number, ending, bucket, milliseconds,"
           " times, kind, message, directory) VALUES (?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; s != NULL && i < o->failures_count; i++) {
        const struct campaign_failure *f = &o->failures[i];
        (void)sqlite3_bind_int64(s, 1, row);
        results_bind_number(s, 2, f->index);
        results_bind_number(s, 3, f->end);
        results_bind_number(s, 4, f->coarse);
        results_bind_number(s, 5, f->milliseconds);
        results_bind_number(s, 6, f->times);
        results_bind_text(s, 7, run_end_name(f->end));
        results_bind_text(s, 8, f->detail);
        results_bind_text(s, 9, f->found);
        (void)results_step(r, s);
        (void)sqlite3_reset(s);
    }
    (void)sqlite3_finalize(s);
}

void results_forget(struct results *r, int64_t row)
{
    sqlite3_stmt *s = results_prepare(r, "DELETE FROM failures WHERE run = ?");
    if (s != NULL) {
        (void)sqlite3_bind_int64(s, 1, row);
        (void)results_step(r, s);
        (void)sqlite3_finalize(s);
    }
}

void results_note(struct results *r, int64_t row,
                  const struct campaign_outcome *so_far,
                  const struct results_run *before)
{
    assert(r != NULL && so_far != NULL && before != NULL);
    if (row == 0) {
        return;
    }
    results_run_text(r, "SAVEPOINT note");
    sqlite3_stmt *s = results_prepare(
        r, "UPDATE runs SET next = ?, schedules = ?, undecided = ?,"
           " wall_ms = ? WHERE id = ?");
    if (s != NULL) {
        results_bind_number(s, 1, so_far->next);
        results_bind_number(s, 2, before->runs + so_far->runs);
        results_bind_number(
            s, 3, before->undecided + run_ends_undecided(so_far->ends));
        results_bind_number(s, 4, before->milliseconds + so_far->milliseconds);
        (void)sqlite3_bind_int64(s, 5, row);
        (void)results_step(r, s);
        (void)sqlite3_finalize(s);
    }
    results_forget(r, row);
    write_known(r, row, so_far);
    results_run_text(r, "RELEASE note");
}

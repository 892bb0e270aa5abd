/*
 * Peaks of finished campaigns: kept, read back, and joined by maximum.
 *
 * A shard knows the worst of its own runs only, so the worst of all is the
 * worst of theirs, and its trace is that shard's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/results_file.h"

#include "harness/peaks.h"

#include <assert.h>

/* What a summary says of one kind. */
struct told {
    uint64_t *most;
    uint64_t *schedule;
    const char **trace;
};

static struct told told_of(struct scenario_summary *s, enum peak_kind kind)
{
    assert(kind < PEAKS);
    if (kind == PEAK_STEPS) {
        return (struct told){&s->steps_most, &s->steps_schedule,
                             &s->steps_trace};
    }
    return (struct told){&s->overtaken_most, &s->overtaken_schedule,
                         &s->overtaken_trace};
}

void results_write_peaks(struct results *r, int64_t row,
                         const struct scenario_summary *summary)
{
    assert(r != NULL && row != 0);
    struct scenario_summary s = *summary;
    sqlite3_stmt *insert = results_prepare(
        r, "INSERT INTO peaks (run, kind, asked, most, schedule, trace)"
           " VALUES (?,?,?,?,?,?)");
    for (uint32_t k = 0; insert != NULL && k < PEAKS; k++) {
        struct told told = told_of(&s, (enum peak_kind)k);
        if (*told.most == 0) {
            continue;
        }
        (void)sqlite3_bind_int64(insert, 1, row);
        results_bind_number(insert, 2, k);
        results_bind_number(insert, 3, s.asks_progress);
        results_bind_number(insert, 4, *told.most);
        results_bind_number(insert, 5, *told.schedule);
        results_bind_text(insert, 6, *told.trace);
        (void)results_step(r, insert);
        (void)sqlite3_reset(insert);
    }
    (void)sqlite3_finalize(insert);
}

void results_forget_peaks(struct results *r, const char *name)
{
    assert(r != NULL && name != NULL);
    results_run_with(r,
                     "UPDATE peaks SET trace = NULL WHERE trace LIKE"
                     " '%/most-%' AND run IN"
                     " (SELECT id FROM runs WHERE name = ?)",
                     name);
}

void results_read_peaks(struct results *r, int64_t row,
                        struct scenario_summary *into)
{
    assert(r != NULL && into != NULL);
    sqlite3_stmt *s =
        results_prepare(r, "SELECT kind, asked, most, schedule, trace"
                           " FROM peaks WHERE run = ? ORDER BY kind");
    if (s == NULL) {
        return;
    }
    (void)sqlite3_bind_int64(s, 1, row);
    while (results_step(r, s)) {
        struct told told =
            told_of(into, (enum peak_kind)(results_number(s, 0) % PEAKS));
        into->asks_progress = results_number(s, 1) != 0;
        *told.most = results_number(s, 2);
        *told.schedule = results_number(s, 3);
        *told.trace = results_copy_text(s, 4);
    }
    (void)sqlite3_finalize(s);
}

void results_join_peaks(struct scenario_summary *a, struct scenario_summary *b)
{
    assert(a != NULL && b != NULL);
    bool known = a->steps_most > 0 && b->steps_most > 0;
    a->asks_progress = a->asks_progress || b->asks_progress;
    for (uint32_t k = 0; k < PEAKS; k++) {
        struct told one = told_of(a, (enum peak_kind)k);
        struct told other = told_of(b, (enum peak_kind)k);
        bool first =
            *other.most == *one.most && *other.schedule < *one.schedule;
        if (!known) { /* the worst of some is not that of all */
            *one.most = 0;
            *one.schedule = 0;
        } else if (*other.most > *one.most || first) {
            const char *trace = *one.trace;
            *one.most = *other.most;
            *one.schedule = *other.schedule;
            *one.trace = *other.trace;
            *other.trace = trace; /* to be freed with its summary */
        }
    }
}

bool results_next_peak(struct results *r, const char *from,
                       struct results_peak *peak)
{
    assert(r != NULL && from != NULL && peak != NULL);
    sqlite3_stmt *s = results_prepare(
        r, "SELECT p.rowid, p.trace, r.name, r.key FROM peaks AS p JOIN runs"
           " AS r ON r.id = p.run WHERE p.rowid > ? AND"
           " substr(p.trace, 1, length(?2) + 1) = ?2 || '/'"
           " ORDER BY p.rowid LIMIT 1");
    if (s == NULL) {
        return false;
    }
    (void)sqlite3_bind_int64(s, 1, peak->row);
    results_bind_text(s, 2, from);
    bool found = results_step(r, s);
    if (found) {
        peak->row = sqlite3_column_int64(s, 0);
        (void)snprintf(peak->trace, sizeof(peak->trace), "%s",
                       (const char *)sqlite3_column_text(s, 1));
        (void)snprintf(peak->name, sizeof(peak->name), "%s",
                       (const char *)sqlite3_column_text(s, 2));
        (void)snprintf(peak->key, sizeof(peak->key), "%s",
                       (const char *)sqlite3_column_text(s, 3));
    }
    (void)sqlite3_finalize(s);
    return found;
}

void results_move_peak(struct results *r, const struct results_peak *peak,
                       const char *trace)
{
    assert(r != NULL && peak->row != 0);
    sqlite3_stmt *s =
        results_prepare(r, "UPDATE peaks SET trace = ? WHERE rowid = ?");
    if (s != NULL) {
        results_bind_text(s, 1, trace);
        (void)sqlite3_bind_int64(s, 2, peak->row);
        (void)results_step(r, s);
        (void)sqlite3_finalize(s);
    }
}

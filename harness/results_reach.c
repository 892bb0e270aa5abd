/*
 * What was seen in the runs of a campaign: kept as the sets themselves, so that
 * a campaign that goes on, and shards that are joined, count each member once.
 *
 *     table reach         a row for a campaign: which runs were looked at
 *     table reach_sites   accesses: of the code, and those that were made
 *     table reach_pairs   of them, by number: who stored, who read
 *
 * Numbers of 64 bits in blobs are stored the least significant byte first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/results_file.h"

#include "harness/need.h"
#include "harness/reach_told.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_BYTES = 8,
    LOOKED_WORDS = REACH_SAMPLES / 64,
};

const char results_reach_schema[] =
    "CREATE TABLE IF NOT EXISTS reach (run INTEGER REFERENCES runs (id),"
    " code INTEGER, first INTEGER, next INTEGER, shard INTEGER,"
    " shards INTEGER, searched INTEGER, looked BLOB, \"full\" INTEGER,"
    " ways_full INTEGER, accesses INTEGER, ways BLOB);"
    "CREATE TABLE IF NOT EXISTS reach_sites (run INTEGER REFERENCES runs (id),"
    " number INTEGER, code INTEGER, schedule INTEGER, in_code INTEGER,"
    " path TEXT, line INTEGER);"
    "CREATE TABLE IF NOT EXISTS reach_pairs (run INTEGER REFERENCES runs (id),"
    " writer INTEGER, reader INTEGER, schedule INTEGER);"
    "CREATE INDEX IF NOT EXISTS reach_by_run ON reach (run);"
    "CREATE INDEX IF NOT EXISTS reach_sites_by_run ON reach_sites (run);"
    "CREATE INDEX IF NOT EXISTS reach_pairs_by_run ON reach_pairs (run);";

/* What `merge` copies, with the number that a row has here. */
const char results_reach_copy[] =
    "INSERT INTO main.reach SELECT f.number, code, first, next, shard, shards,"
    " searched, looked, \"full\", ways_full, accesses, ways"
    " FROM other.reach AS o JOIN fresh AS f ON f.id = o.run;"
    "INSERT INTO main.reach_sites SELECT f.number, o.number, code, schedule,"
    " in_code, path, line"
    " FROM other.reach_sites AS o JOIN fresh AS f ON f.id = o.run;"
    "INSERT INTO main.reach_pairs SELECT f.number, writer, reader, schedule"
    " FROM other.reach_pairs AS o JOIN fresh AS f ON f.id = o.run;";

static void put_number(unsigned char *bytes, uint64_t number)
{
    for (uint32_t i = 0; i < NUMBER_BYTES; i++) {
        bytes[i] = (unsigned char)(number >> i * 8);
    }
}

static uint64_t get_number(const unsigned char *bytes)
{
    uint64_t number = 0;
    for (uint32_t i = NUMBER_BYTES; i-- > 0;) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static void bind_looked(sqlite3_stmt *s, int place, const struct reach *seen)
{
    unsigned char bytes[LOOKED_WORDS * NUMBER_BYTES];
    int size = 0;
    for (uint32_t i = 0; i < LOOKED_WORDS; i++) {
        put_number(&bytes[(size_t)i * NUMBER_BYTES], seen->looked[i]);
        size = seen->looked[i] != 0 ? (int)(i + 1) * NUMBER_BYTES : size;
    }
    (void)sqlite3_bind_blob(s, place, bytes, size, SQLITE_TRANSIENT);
}

static void bind_ways(sqlite3_stmt *s, int place, const struct reach *seen)
{
    uint32_t count = seen->ways_count;
    size_t size = (size_t)count * 2 * NUMBER_BYTES;
    unsigned char *bytes = need(malloc(size + 1), "results");
    for (uint32_t i = 0; i < count; i++) {
        unsigned char *at = &bytes[(size_t)i * 2 * NUMBER_BYTES];
        put_number(at, seen->ways[i].way);
        put_number(at + NUMBER_BYTES, seen->ways[i].index);
    }
    (void)sqlite3_bind_blob(s, place, bytes, (int)size, free);
}

static void write_whole(struct results *r, int64_t row,
                        const struct reached *reached)
{
    const struct reach *seen = &reached->seen;
    const struct reach_part *part = &reached->parts[0];
    assert(reached->parts_count == 1);
    sqlite3_stmt *s = results_prepare(
        r, "INSERT INTO reach VALUES (?,?,?,?,?,?,?,?,?,?,?,?)");
    if (s == NULL) {
        return;
    }
    (void)sqlite3_bind_int64(s, 1, row);
    results_bind_number(s, 2, reached->book->fingerprint);
    results_bind_number(s, 3, part->first);
    results_bind_number(s, 4, part->next);
    results_bind_number(s, 5, part->shard);
    results_bind_number(s, 6, part->shards);
    results_bind_number(s, 7, seen->searched);
    bind_looked(s, 8, seen);
    results_bind_number(s, 9, seen->full);
    results_bind_number(s, 10, seen->ways_full);
    results_bind_number(s, 11, reached->book->all);
    bind_ways(s, 12, seen);
    (void)results_step(r, s);
    (void)sqlite3_finalize(s);
}

/* One access: made first in run *index, or never; of the code, or not. */
static void write_site(struct results *r, sqlite3_stmt *s, uint32_t number,
                       const struct reach_line *line, const uint64_t *index)
{
    results_bind_number(s, 2, number);
    results_bind_number(s, 3, line->code);
    (void)sqlite3_bind_null(s, 4);
    if (index != NULL) {
        results_bind_number(s, 4, *index);
    }
    results_bind_text(s, 6, line->path);
    results_bind_number(s, 7, line->line);
    (void)results_step(r, s);
    (void)sqlite3_reset(s);
}

/* The accesses that were made, by number, and then those of the code. */
static void write_sites(struct results *r, int64_t row,
                        const struct reached *reached)
{
    const struct reach *seen = &reached->seen;
    sqlite3_stmt *s =
        results_prepare(r, "INSERT INTO reach_sites VALUES (?,?,?,?,?,?,?)");
    if (s == NULL) {
        return;
    }
    (void)sqlite3_bind_int64(s, 1, row);
    results_bind_number(s, 5, 0);
    for (uint32_t i = 0; i < seen->sites_count; i++) {
        const struct reach_line line = {.code = seen->sites[i].code};
        write_site(r, s, i, &line, &seen->sites[i].index);
    }
    results_bind_number(s, 5, 1);
    for (uint32_t i = 0; i < reached->book->lines_count; i++) {
        write_site(r, s, i, &reached->book->lines[i], NULL);
    }
    (void)sqlite3_finalize(s);
}

static void write_pairs(struct results *r, int64_t row,
                        const struct reach *seen)
{
    sqlite3_stmt *s =
        results_prepare(r, "INSERT INTO reach_pairs VALUES (?,?,?,?)");
    for (uint32_t i = 0; s != NULL && i < seen->pairs_count; i++) {
        (void)sqlite3_bind_int64(s, 1, row);
        results_bind_number(s, 2, seen->pairs[i].writer);
        results_bind_number(s, 3, seen->pairs[i].reader);
        results_bind_number(s, 4, seen->pairs[i].index);
        (void)results_step(r, s);
        (void)sqlite3_reset(s);
    }
    (void)sqlite3_finalize(s);
}

static void forget(struct results *r, int64_t row)
{
    static const char *const all[] = {
        "DELETE FROM reach WHERE run = ?",
        "DELETE FROM reach_sites WHERE run = ?",
        "DELETE FROM reach_pairs WHERE run = ?",
    };
    for (uint32_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        sqlite3_stmt *s = results_prepare(r, all[i]);
        if (s != NULL) {
            (void)sqlite3_bind_int64(s, 1, row);
            (void)results_step(r, s);
            (void)sqlite3_finalize(s);
        }
    }
}

void results_write_reach(struct results *r, int64_t row,
                         const struct reached *reached)
{
    assert(r != NULL);
    if (row == 0) {
        return;
    }
    results_run_text(r, "SAVEPOINT reach");
    forget(r, row);
    if (reached != NULL) {
        write_whole(r, row, reached);
        write_sites(r, row, reached);
        write_pairs(r, row, &reached->seen);
    }
    results_run_text(r, "RELEASE reach");
}

static void read_looked(sqlite3_stmt *s, int column, struct reach *seen)
{
    const unsigned char *bytes = sqlite3_column_blob(s, column);
    uint32_t words = (uint32_t)sqlite3_column_bytes(s, column) / NUMBER_BYTES;
    for (uint32_t i = 0; i < words && i < LOOKED_WORDS; i++) {
        seen->looked[i] = get_number(&bytes[(size_t)i * NUMBER_BYTES]);
    }
}

static void read_ways(sqlite3_stmt *s, int column, struct reach *seen)
{
    const unsigned char *bytes = sqlite3_column_blob(s, column);
    size_t size = (size_t)sqlite3_column_bytes(s, column);
    size_t one = (size_t)2 * NUMBER_BYTES;
    for (size_t at = 0; at + one <= size; at += one) {
        struct reach_way way = {.way = get_number(&bytes[at]),
                                .index = get_number(&bytes[at + NUMBER_BYTES])};
        if (way.way != 0) {
            reach_add_way(seen, way);
        }
    }
}

static bool read_whole(struct results *r, int64_t row, struct reached *into)
{
    sqlite3_stmt *s = results_prepare(
        r, "SELECT code, first, next, shard, shards, searched, looked,"
           " \"full\", ways_full, accesses, ways FROM reach WHERE run = ?");
    if (s == NULL) {
        return false;
    }
    (void)sqlite3_bind_int64(s, 1, row);
    bool found = results_step(r, s);
    if (found) {
        struct reach *seen = &into->seen;
        struct reach_part part = {.first = results_number(s, 1),
                                  .next = results_number(s, 2),
                                  .shard = (uint32_t)results_number(s, 3),
                                  .shards = (uint32_t)results_number(s, 4)};
        into->book->fingerprint = results_number(s, 0);
        seen->first = part.first;
        seen->searched = results_number(s, 5);
        read_looked(s, 6, seen);
        seen->full = results_number(s, 7) != 0;
        seen->ways_full = results_number(s, 8) != 0;
        into->book->all = (uint32_t)results_number(s, 9);
        read_ways(s, 10, seen);
        found = part.first <= part.next &&
                (part.shards == 0 || part.shard < part.shards);
        if (found) {
            reached_add(into, part);
        }
    }
    (void)sqlite3_finalize(s);
    return found;
}

static void read_sites(struct results *r, int64_t row, struct reached *into)
{
    sqlite3_stmt *s = results_prepare(
        r, "SELECT code, schedule, in_code, path, line FROM reach_sites"
           " WHERE run = ? ORDER BY in_code, number");
    if (s == NULL) {
        return;
    }
    (void)sqlite3_bind_int64(s, 1, row);
    struct reach_book *book = into->book;
    while (results_step(r, s)) {
        uint64_t code = results_number(s, 0);
        if (results_number(s, 2) == 0) {
            (void)reach_add_site(&into->seen, code, results_number(s, 1));
        } else if (book->lines_count < REACH_SITES) {
            book->lines[book->lines_count++] =
                (struct reach_line){.code = code,
                                    .path = results_copy_text(s, 3),
                                    .line = (uint32_t)results_number(s, 4)};
        }
    }
    (void)sqlite3_finalize(s);
}

static void read_pairs(struct results *r, int64_t row, struct reach *seen)
{
    sqlite3_stmt *s = results_prepare(
        r, "SELECT writer, reader, schedule FROM reach_pairs WHERE run = ?");
    if (s == NULL) {
        return;
    }
    (void)sqlite3_bind_int64(s, 1, row);
    while (results_step(r, s)) {
        uint64_t writer = results_number(s, 0);
        uint64_t reader = results_number(s, 1);
        if (writer < seen->sites_count && reader < seen->sites_count) {
            reach_add_pair(seen,
                           (struct reach_pair){.writer = (uint16_t)writer,
                                               .reader = (uint16_t)reader,
                                               .index = results_number(s, 2)});
        }
    }
    (void)sqlite3_finalize(s);
}

struct reached *results_read_reach(struct results *r, int64_t row)
{
    assert(r != NULL);
    struct reached *reached = reached_new();
    reached->book = book_empty();
    if (!read_whole(r, row, reached)) {
        reached_free(reached);
        return NULL;
    }
    read_sites(r, row, reached);
    read_pairs(r, row, &reached->seen);
    return reached;
}

void results_tell_reach(struct results_summary *summary)
{
    if (summary->reached != NULL) {
        summary->texts =
            need(calloc(1, sizeof(*summary->texts)), "what was seen");
        reached_tell(summary->reached, &summary->summary.reach, summary->texts);
    }
}

void results_join_reach(struct results_summary *into,
                        const struct results_summary *shard)
{
    if (into->reached != NULL &&
        (shard->reached == NULL ||
         !reached_join(into->reached, shard->reached))) {
        reached_free(into->reached);
        into->reached = NULL;
    }
}

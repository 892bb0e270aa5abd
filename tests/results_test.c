/*
 * The file of results: what it keeps of a campaign that is cut before it notes
 * anything, of what was seen, and what it makes of files of other versions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/reach_told.h"
#include "harness/results_file.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct scenario scenario = {
    .path = "some.yaml", .text = "scenario: 1", .name = "some"};

/* A path that is free.  Owned by the caller. */
static char *make_path(void)
{
    char *path = strdup("/tmp/faultline-results-XXXXXX");
    int file = path == NULL ? -1 : mkstemp(path);
    if (file < 0) {
        abort();
    }
    close(file);
    unlink(path);
    return path;
}

static void drop_path(char *path)
{
    unlink(path);
    free(path);
}

static const struct reach_line lines[] = {
    {.code = 16, .path = NULL},
    {.code = 32, .path = NULL},
    {.code = 48, .path = NULL},
};

/* Something that was seen by a shard of two, of code with three accesses. */
static struct reached *make_reached(uint32_t shard)
{
    struct reached *reached = reached_new();
    struct reach *seen = &reached->seen;
    reached->book = book_empty();
    reached->book->fingerprint = UINT64_MAX - 5;
    reached->book->all = reached->book->lines_count = 3;
    for (uint32_t i = 0; i < 3; i++) {
        reached->book->lines[i] = lines[i];
        reached->book->lines[i].path = strdup("/some/where.c");
        reached->book->lines[i].line = 7 + i;
    }
    reach_next(seen, 10 + shard, shard);
    uint32_t one = reach_add_site(seen, 16, 10 + shard);
    uint32_t other = reach_add_site(seen, 99, 11 + shard);
    reach_add_pair(seen, (struct reach_pair){.writer = (uint16_t)other,
                                             .reader = (uint16_t)one,
                                             .index = 12 + shard});
    reach_add_way(seen, (struct reach_way){UINT64_MAX - shard, 10 + shard});
    reach_add_way(seen, (struct reach_way){77, 10 + shard});
    reached_add(reached,
                (struct reach_part){
                    .first = 10, .next = 110, .shard = shard, .shards = 2});
    return reached;
}

static void expect_told(const struct reached *reached, uint64_t looked,
                        uint64_t range, uint64_t quiet)
{
    struct summary_reach told;
    struct reach_texts texts;
    reached_tell(reached, &told, &texts);
    CU_ASSERT_EQUAL(told.looked, looked);
    CU_ASSERT_EQUAL(told.sites, 1);
    CU_ASSERT_EQUAL(told.sites_all, 3);
    CU_ASSERT_EQUAL(told.pairs, 1);
    CU_ASSERT_EQUAL(told.ways, 1 + looked);
    CU_ASSERT_EQUAL(told.range, range);
    CU_ASSERT_EQUAL(told.quiet, quiet);
    CU_ASSERT_EQUAL(told.never, 2);
    CU_ASSERT_EQUAL_FATAL(told.never_count, 2);
    CU_ASSERT_STRING_EQUAL(told.never_at[0], "where.c:8");
    CU_ASSERT_STRING_EQUAL(told.never_at[1], "where.c:9");
}

static void what_was_seen_comes_back(void)
{
    char *path = make_path();
    struct results *r = results_open(path, true, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    for (int64_t row = 1; row < 3; row++) {
        struct reached *made = make_reached((uint32_t)row - 1);
        results_write_reach(r, row, made);
        results_write_reach(r, row, made); /* instead of the first */
        reached_free(made);
    }
    results_close(r);
    r = results_open(path, false, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    struct reached *one = results_read_reach(r, 1);
    struct reached *two = results_read_reach(r, 2);
    CU_ASSERT_PTR_NULL(results_read_reach(r, 3));
    CU_ASSERT_FATAL(one != NULL && two != NULL);
    expect_told(one, 1, 50, 48); /* 10, 12, ...; new until 13 */
    expect_told(two, 1, 50, 48);
    CU_ASSERT_TRUE(reached_join(one, two));
    expect_told(one, 2, 100, 97);
    two->book->fingerprint--;
    CU_ASSERT_FALSE(reached_join(one, two));
    reached_free(one);
    reached_free(two);
    results_write_reach(r, 1, NULL);
    CU_ASSERT_PTR_NULL(results_read_reach(r, 1));
    CU_ASSERT_FALSE(results_failed(r));
    results_close(r);
    drop_path(path);
}

/* A campaign goes on, and is cut before it notes anything: nothing that the
 * first part found is lost. */
static void a_new_row_knows_what_the_old_one_knew(void)
{
    char *path = make_path();
    char key[RESULTS_KEY_MAX];
    struct campaign_request request = {
        .scenario = &scenario, .first = 1, .last = 1000};
    struct results_run before = {0};
    struct campaign_outcome *found = calloc(1, sizeof(*found));
    struct results *r = results_open(path, true, stderr);
    CU_ASSERT_FATAL(r != NULL && found != NULL);
    results_key(&request, key);
    int64_t row = results_begin(r, key, &request, &before);
    found->next = 400;
    found->runs = 399;
    found->failures_count = 1;
    found->failures[0] = (struct campaign_failure){.index = 17, .coarse = 4};
    results_note(r, row, found, &before);
    struct reached *seen = make_reached(0);
    results_write_reach(r, row, seen);
    for (uint32_t i = 0; i < 2; i++) {
        CU_ASSERT_TRUE_FATAL(results_find(r, key, &before));
        request.from = before.next;
        request.known = before.known;
        request.known_count = before.known_count;
        int64_t next = results_begin(r, key, &request, &before);
        CU_ASSERT_TRUE(next > row);
        row = next;
    }
    CU_ASSERT_TRUE(results_find(r, key, &before));
    CU_ASSERT_EQUAL(before.row, row);
    CU_ASSERT_EQUAL(before.next, 400);
    CU_ASSERT_EQUAL(before.runs, 399);
    CU_ASSERT_EQUAL_FATAL(before.known_count, 1);
    CU_ASSERT_EQUAL(before.known[0].index, 17);
    reached_free(seen);
    seen = results_read_reach(r, row);
    CU_ASSERT_PTR_NOT_NULL(seen);
    reached_free(seen);
    results_close(r);
    free(found);
    drop_path(path);
}

/* Makes `path` a file of version `version`: what is kept, without the tables
 * that it did not know. */
static void make_version(const char *path, int version)
{
    char text[200];
    struct results *r = results_open(path, true, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    (void)snprintf(text, sizeof(text),
                   "DROP TABLE reach; DROP TABLE reach_sites;"
                   "DROP TABLE reach_pairs; PRAGMA user_version = %d;"
                   "INSERT INTO runs (name, status) VALUES ('kept', 0)",
                   version);
    results_run_text(r, text);
    CU_ASSERT_FALSE(results_failed(r));
    results_close(r);
}

static void an_older_file_is_brought_up(void)
{
    char *path = make_path();
    make_version(path, 3);
    struct results *r = results_open(path, false, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    struct results_summary kept;
    CU_ASSERT_TRUE(results_summary(r, 1, &kept));
    CU_ASSERT_STRING_EQUAL(kept.summary.name, "kept");
    CU_ASSERT_PTR_NULL(kept.reached);
    results_summary_free(&kept);
    struct reached *seen = make_reached(0);
    results_write_reach(r, 1, seen);
    reached_free(seen);
    CU_ASSERT_FALSE(results_failed(r));
    results_close(r);
    drop_path(path);
}

static void other_versions_are_refused(void)
{
    static const struct {
        int version;
        const char *says;
    } table[] = {{2, "of an earlier version"}, {5, "of a later version"}};
    for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char *path = make_path();
        char *said = NULL;
        size_t size = 0;
        make_version(path, table[i].version);
        FILE *errors = open_memstream(&said, &size);
        CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
        CU_ASSERT_PTR_NULL(results_open(path, false, errors));
        CU_ASSERT_EQUAL(fclose(errors), 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(said, table[i].says));
        free(said);
        drop_path(path);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"what was seen comes back", what_was_seen_comes_back},
        {"a new row knows what the old one knew",
         a_new_row_knows_what_the_old_one_knew},
        {"an older file is brought up", an_older_file_is_brought_up},
        {"other versions are refused", other_versions_are_refused},
        {NULL, NULL},
    };
    return tap_run("results", cases);
}

/*
 * Histories with known verdicts: those of other checkers, those made for us,
 * and our own few.  Each file's header says what the verdict must be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/format/jsonl.h"
#include "checker/model.h"

#include <dirent.h>
#include <string.h>
#include <time.h>

enum {
    SECONDS_MAX = 20 /* for one history; all together take far less than one */
};

struct tally {
    uint32_t histories;
    uint32_t wrong;
    uint32_t bad_witnesses;
    uint32_t unchanged;  /* violations that minimising broke */
    uint32_t incomplete; /* whose parts were too hard to say all */
    double slowest;
    char slowest_name[300];
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool wants_crash_criterion(const struct fl_header *header)
{
    return header->criterion > 0;
}

/* A minimised violation must still be one, and be no longer. */
static void minimise(const struct fl_history *h,
                     const struct fl_options *options, struct tally *tally)
{
    bool complete = false;
    struct fl_history *less = fl_minimise(h, options, &complete);
    struct fl_result *r = NULL;
    tally->incomplete += !complete;
    bool fails = less != NULL && less->count <= h->count &&
                 fl_check(less, options, &r) == FL_OK &&
                 r->verdict == FL_VIOLATION;
    tally->unchanged += !fails;
    fl_result_free(r);
    fl_history_free(less);
}

static void decide(const struct fl_history *h, const struct fl_header *header,
                   const char *path, struct tally *tally)
{
    struct fl_options options = {
        .budget = {.milliseconds = SECONDS_MAX * 1000},
        .capacity = header->capacity,
    };
    if (wants_crash_criterion(header)) {
        options.criterion = (enum fl_criterion)header->criterion;
    }
    struct fl_result *r = NULL;
    double before = seconds();
    if (fl_check(h, &options, &r) != FL_OK) {
        tally->wrong++;
        return;
    }
    double taken = seconds() - before;
    if (taken > tally->slowest) {
        tally->slowest = taken;
        snprintf(tally->slowest_name, sizeof(tally->slowest_name), "%s %s",
                 path, header->id);
    }
    tally->histories++;
    if ((int)r->verdict != header->expect) {
        printf("# %s %s: %s after %llu nodes\n", path, header->id,
               fl_verdict_name(r->verdict), (unsigned long long)r->nodes);
        tally->wrong++;
    }
    if (r->verdict == FL_PASS) {
        tally->bad_witnesses +=
            !fl_witness_holds(h, &options, r->order, r->order_count);
    }
    if (r->verdict == FL_VIOLATION) {
        minimise(h, &options, tally);
    }
    fl_result_free(r);
}

static void read_file(const char *path, struct tally *tally)
{
    FILE *file = fopen(path, "r");
    struct fl_jsonl *reader = file == NULL ? NULL : fl_jsonl_open(file);
    struct fl_error error;
    struct fl_header header;
    struct fl_history *h = NULL;
    if (reader == NULL) {
        printf("# %s: cannot be opened\n", path);
        tally->wrong++;
        return;
    }
    enum fl_status status = fl_jsonl_next(reader, &h, &header, &error);
    while (status == FL_OK && h != NULL) {
        decide(h, &header, path, tally);
        fl_history_free(h);
        status = fl_jsonl_next(reader, &h, &header, &error);
    }
    if (status != FL_OK) {
        printf("# %s:%u:%u: %s\n", path, error.line, error.column, error.text);
        tally->wrong++;
    }
    fl_jsonl_close(reader);
    (void)fclose(file);
}

static void read_folder(const char *folder, struct tally *tally)
{
    DIR *dir = opendir(folder);
    struct dirent *entry = dir == NULL ? NULL : readdir(dir);
    while (entry != NULL) {
        size_t size = strlen(entry->d_name);
        if (size > 6 && strcmp(entry->d_name + size - 6, ".jsonl") == 0) {
            char path[600];
            snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
            read_file(path, tally);
        }
        entry = readdir(dir);
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

static void judge(const struct tally *tally, uint32_t histories_min)
{
    printf("# %u histories, the slowest %.2f ms: %s\n", tally->histories,
           tally->slowest * 1e3, tally->slowest_name);
    CU_ASSERT(tally->incomplete <= 1); /* the kv one of fifty clients */
    CU_ASSERT(tally->histories >= histories_min);
    CU_ASSERT_EQUAL(tally->wrong, 0);
    CU_ASSERT_EQUAL(tally->bad_witnesses, 0);
    CU_ASSERT_EQUAL(tally->unchanged, 0);
}

static void our_own_histories_are_decided(void)
{
    struct tally tally = {0};
    read_folder("tests/data/histories", &tally);
    judge(&tally, 6);
}

static void recorded_histories_are_decided(void)
{
    char path[400];
    if (!tap_shared(path, sizeof(path), "data/histories")) {
        TAP_SKIP("no shared data (set FAULTLINE_SHARED)");
    }
    struct tally tally = {0};
    read_folder(path, &tally);
    judge(&tally, 74);
}

static void synthetic_histories_are_decided(void)
{
    char path[400];
    if (!tap_shared(path, sizeof(path), "data/synthetic/synthetic.jsonl")) {
        TAP_SKIP("no shared data (set FAULTLINE_SHARED)");
    }
    struct tally tally = {0};
    read_file(path, &tally);
    judge(&tally, 300);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"our own histories are decided", our_own_histories_are_decided},
        {"recorded histories are decided", recorded_histories_are_decided},
        {"synthetic histories are decided", synthetic_histories_are_decided},
        {NULL, NULL},
    };
    return tap_run("corpus", cases);
}

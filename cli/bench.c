/*
 * faultline bench: measure, and print what was measured.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "cli/command.h"
#include "cli/embedded.h"
#include "cli/options.h"
#include "cli/select.h"
#include "harness/child.h"

#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SAMPLES_MAX = 32,
    CAP = 10000, /* executions of a seed in the matrix */
};

struct texts {
    char *format;
    char *only;
    char *numbers;
    char *matrix;
    char *cap;
};

/* One number, measured. */
struct number {
    double median;
    double spread; /* (greatest - least) / median */
};

static const struct usage usage = {
    .command = "bench",
    .arguments = "",
    .about = "Measures this machine: each number is the median of its "
             "repeats; the spread is\nthe distance of the greatest from the "
             "least, as a share of the median.",
    .examples = "  faultline bench\n"
                "  faultline bench --only 'explore/*' --format jsonl\n"
                "  faultline bench --numbers docs/numbers.md\n"
                "  faultline bench --matrix scenarios --only 'ms_queue*'\n",
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Takes all samples of a measurement. */
static bool measure(const struct measurement *m, const struct bench *bench,
                    struct number *number)
{
    assert(m->repeats > 0 && m->repeats <= SAMPLES_MAX);
    double samples[SAMPLES_MAX] = {0};
    for (uint32_t i = 0; i < m->repeats; i++) {
        if (!m->sample(bench, &samples[i])) {
            return false;
        }
    }
    qsort(samples, m->repeats, sizeof(samples[0]), compare);
    number->median = samples[m->repeats / 2];
    number->spread =
        number->median > 0
            ? (samples[m->repeats - 1] - samples[0]) / number->median
            : 0;
    return true;
}

/* "512 345" or "0.142": as a person reads it. */
static const char *show(double value, char text[32])
{
    if (value < 1000) {
        (void)snprintf(text, 32, value < 100 ? "%.3g" : "%.0f", value);
        return text;
    }
    char digits[32];
    int size = snprintf(digits, sizeof(digits), "%.0f", value);
    uint32_t at = 0;
    for (int i = 0; i < size && at < 30; i++) {
        if (i > 0 && (size - i) % 3 == 0) {
            text[at++] = ' ';
        }
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

enum form {
    FORM_TEXT,
    FORM_JSONL,
    FORM_MARKDOWN,
};

static void print_number(const struct measurement *m,
                         const struct number *number, enum form form, FILE *out)
{
    assert(m->name != NULL && out != NULL);
    char value[32];
    switch (form) {
    case FORM_TEXT:
        (void)fprintf(out, "%-42s %14s %-13s spread %3.0f %%%s%s\n", m->name,
                      show(number->median, value), m->unit,
                      number->spread * 100, m->goal[0] == '\0' ? "" : "   ",
                      m->goal);
        break;
    case FORM_JSONL:
        (void)fprintf(out,
                      "{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\","
                      "\"repeats\":%" PRIu32
                      ",\"spread\":%.4g,\"goal\":\"%s\"}\n",
                      m->name, number->median, m->unit, m->repeats,
                      number->spread, m->goal);
        break;
    case FORM_MARKDOWN:
        (void)fprintf(out, "| `%s` | %s | %s | %" PRIu32 " | %.0f %% | %s |\n",
                      m->name, show(number->median, value), m->unit, m->repeats,
                      number->spread * 100, m->goal);
        break;
    }
    (void)fflush(out);
}

/* The processor's name, as the system says it. */
static void name_processor(char *text, size_t max)
{
    (void)snprintf(text, max, "an unnamed processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
            int size = (int)strcspn(colon + 2, "\n");
            (void)snprintf(text, max, "%.*s", size, colon + 2);
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void print_heading(FILE *out)
{
    char processor[200];
    name_processor(processor, sizeof(processor));
    (void)fprintf(out,
                  "# Numbers\n\nMeasured by `make bench` (`faultline bench "
                  "--numbers docs/numbers.md`), version %s,\non %s, %ld "
                  "processors online, compiler %s.\nEach is the median of "
                  "its repeats; the spread is greatest less least, as a share "
                  "of it.\n\n| name | value | unit | repeats | spread | goal "
                  "|\n|---|---|---|---|---|---|\n",
                  version_text, processor, sysconf(_SC_NPROCESSORS_ONLN),
                  __VERSION__);
}

/* Measures all that are wanted. */
static enum code measure_all(const struct texts *t, const struct bench *bench,
                             enum form form, FILE *table)
{
    uint32_t count = 0;
    enum code code = CODE_PASS;
    for (const struct measurement *m = measurements; m->name != NULL; m++) {
        if (t->only != NULL && fnmatch(t->only, m->name, 0) != 0) {
            continue;
        }
        count++;
        if (m->exists != NULL && !m->exists()) {
            (void)fprintf(
                stderr,
                "faultline bench: %s is left out: what it is measured "
                "on, or beside, is not here\n",
                m->name);
            continue;
        }
        struct number number;
        if (!measure(m, bench, &number)) {
            (void)fprintf(stderr, "faultline bench: %s could not be measured\n",
                          m->name);
            code = CODE_INTERNAL;
            continue;
        }
        print_number(m, &number, form, stdout);
        if (table != NULL) {
            print_number(m, &number, FORM_MARKDOWN, table);
        }
    }
    if (count == 0) {
        (void)fprintf(stderr, "faultline bench: nothing is called '%s'\n",
                      t->only);
        return CODE_NOTHING;
    }
    return code;
}

/* Removes what the samples left: out/<scenario>/<failures>. */
static void clear_directory(const char *path)
{
    assert(strncmp(path, "/tmp/faultline-bench-", 21) == 0);
    static const char *const parts[] = {"rm", "-rf", "--", NULL, NULL};
    const char *arguments[5];
    memcpy(arguments, parts, sizeof(parts));
    arguments[3] = path;
    (void)child_spawn(arguments, -1);
}

static enum code bench_here(const struct texts *t, enum form form, FILE *table)
{
    char directory[] = "/tmp/faultline-bench-XXXXXX";
    char program[512];
    ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (size <= 0 || mkdtemp(directory) == NULL) {
        perror("faultline bench: cannot make a temporary directory");
        return CODE_IO;
    }
    program[size] = '\0';
    struct bench_search searches[BENCH_PROGRAMS] = {0};
    struct bench bench = {.searches = searches,
                          .program = program,
                          .directory = directory,
                          .scenario = embedded_scenario};
    enum code code = measure_all(t, &bench, form, table);
    clear_directory(directory);
    return code;
}

/* The matrix of the flaws in a directory. */
static enum code bench_matrix(const struct texts *t, FILE *table)
{
    uint64_t cap = CAP;
    if (t->cap != NULL && !options_number(t->cap, 1, 1000000000, &cap)) {
        return options_complain("bench", "--cap %s: say a number from 1",
                                t->cap);
    }
    struct selection selection = {0};
    select_add(&selection, t->matrix);
    const struct matrix_request request = {.paths = selection.path,
                                           .count = selection.count,
                                           .only = t->only,
                                           .cap = cap,
                                           .table = table};
    bool good = selection.missing == 0 && matrix_measure(&request);
    select_release(&selection);
    return good ? CODE_PASS : CODE_NOTHING;
}

static enum code bench_all(const struct texts *t)
{
    enum form form = FORM_TEXT;
    if (t->format != NULL && strcmp(t->format, "jsonl") == 0) {
        form = FORM_JSONL;
    } else if (t->format != NULL && strcmp(t->format, "text") != 0) {
        return options_complain("bench", "--format %s: say text or jsonl",
                                t->format);
    }
    FILE *table = NULL;
    if (t->numbers != NULL) {
        table = fopen(t->numbers, "w");
        if (table == NULL) {
            (void)fprintf(stderr, "faultline bench: cannot write %s: %s\n",
                          t->numbers,
                          strerror(errno)); // NOLINT(concurrency-mt-unsafe)
            return CODE_IO;
        }
        print_heading(table);
    }
    enum code code = CODE_PASS;
    if (t->matrix == NULL || t->numbers != NULL) {
        code = bench_here(t, form, table);
    }
    if (t->matrix != NULL) {
        code = code_worse(code, bench_matrix(t, table));
    }
    if (table != NULL && fclose(table) != 0) {
        perror("faultline bench: cannot write the table");
        code = code_worse(code, CODE_IO);
    }
    return code;
}

static int bench_main(int count, const char **words)
{
    struct texts t = {0};
    const struct poptOption table[] = {
        {"format", '\0', POPT_ARG_STRING, &t.format, 0, "text or jsonl",
         "KIND"},
        {"only", '\0', POPT_ARG_STRING, &t.only, 0,
         "only numbers whose name matches", "GLOB"},
        {"numbers", '\0', POPT_ARG_STRING, &t.numbers, 0,
         "write the table of docs/numbers.md to this file, too", "FILE"},
        {"matrix", '\0', POPT_ARG_STRING, &t.matrix, 0,
         "executions of each strategy to each flaw there", "DIRECTORY"},
        {"cap", '\0', POPT_ARG_STRING, &t.cap, 0,
         "of these executions, for each seed (default 10000)", "N"},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    if (state == OPTIONS_READ) {
        code = arguments.count > 0
                   ? options_complain("bench", "'%s' is one word too many",
                                      arguments.word[0])
                   : bench_all(&t);
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_bench = {
    .name = "bench",
    .about = "measure this machine",
    .main = bench_main,
};

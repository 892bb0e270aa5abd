/*
 * Streams of every form that is read: the same bytes as of the whole history,
 * the same refusals, and no more held than is in flight.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/flow.h"
#include "checker/format/passage.h"
#include "checker/format/source.h"
#include "checker/model.h"
#include "checker/strings.h"
#include "tests/format_samples.h"
#include "tests/random_history.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    HISTORIES = 60, /* of each model, in each form */
    TABLES = 3000,
    TABLE_ROWS = 9,
    FORMS = 10,
    MANY = 400000, /* operations of a long stream */
    RSS_MAX = 4096 /* kilobytes more, of which 48 MiB were read */
};

/* What a conversion to lines of JSON came to. */
struct outcome {
    enum fl_status status;
    struct fl_error error;
    char *text;
    size_t size;
    uint64_t held;
};

static struct outcome flow(const char *bytes, size_t size,
                           const struct fl_reading *reading)
{
    struct outcome o = {.status = FL_OK};
    FILE *out = open_memstream(&o.text, &o.size);
    CU_ASSERT_FATAL(out != NULL);
    struct fl_source source;
    fl_source_init(&source, NULL, bytes, size);
    struct fl_flow how = {.source = &source, .reading = *reading};
    o.status = fl_flow_convert(&how, out, fl_formats[0], &o.error);
    o.held = how.held;
    fl_source_release(&source);
    (void)fclose(out);
    return o;
}

static struct outcome whole(const char *bytes, size_t size,
                            const struct fl_reading *reading)
{
    struct outcome o = {.status = FL_OK};
    struct fl_history *h = NULL;
    struct fl_header header;
    FILE *out = open_memstream(&o.text, &o.size);
    struct fl_reader *reader = fl_reader_open_bytes(bytes, size, reading);
    CU_ASSERT_FATAL(out != NULL && reader != NULL);
    o.status = fl_reader_next(reader, &h, &header, &o.error);
    if (h != NULL) {
        CU_ASSERT_EQUAL(fl_jsonl_write(out, h, &header), FL_OK);
    }
    fl_history_free(h);
    fl_reader_close(reader);
    (void)fclose(out);
    return o;
}

/* Whether both say the same; what was converted if so. */
static bool is_same(const char *text, size_t size,
                    const struct fl_reading *reading)
{
    struct outcome a = whole(text, size, reading);
    struct outcome b = flow(text, size, reading);
    bool same = a.status == b.status &&
                (a.status != FL_OK ||
                 (a.size == b.size && memcmp(a.text, b.text, a.size) == 0));
    if (!same) {
        printf("# %.*s\n# whole: %s\n%s# stream: %s\n%s", (int)size, text,
               a.error.text, a.text, b.error.text, b.text);
    }
    bool fine = a.status == FL_OK;
    free(a.text);
    free(b.text);
    CU_ASSERT(same);
    return fine;
}

/* Writes the history in each form that has words for it, and reads it back
 * both ways. */
static void try_forms(const struct fl_history *h, uint32_t held[FORMS])
{
    for (uint32_t f = 1; fl_formats[f] != NULL; f++) {
        const struct fl_format *form = fl_formats[f];
        char why[300];
        CU_ASSERT_FATAL(f < FORMS);
        if (form->fits != NULL && !form->fits(h, NULL, why, sizeof(why))) {
            continue;
        }
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        CU_ASSERT_FATAL(file != NULL);
        bool written = form->write(file, h, NULL) == FL_OK;
        (void)fclose(file);
        struct fl_reading reading = {.format = form, .model = h->model};
        held[f] += written && is_same(text, size, &reading);
        free(text);
    }
}

static void every_form_is_a_stream(void)
{
    static const char *const models[] = {
        "register", "queue", "stack",   "kv",      "set",           "mutex",
        "log",      "deque", "txn_map", "counter", "priority_queue"};
    uint32_t held[FORMS] = {0};
    uint64_t seed = 77;
    for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++) {
        for (uint32_t i = 0; i < HISTORIES; i++) {
            struct random_wish wish = {
                .model = fl_model_find(models[m]),
                .strings = fl_strings_new(),
                .clients = 1 + random_below(&seed, RANDOM_CLIENTS_MAX),
                .operations = 1 + random_below(&seed, RANDOM_OPERATIONS_MAX),
                .keys = i % 2 == 0 ? 1 : 1 + random_below(&seed, 3),
                .distinct = i % 3 == 0,
            };
            struct fl_history *h =
                fl_history_new(wish.model, RANDOM_OPERATIONS_MAX, 0);
            CU_ASSERT_FATAL(h != NULL && wish.strings != NULL);
            h->strings = fl_strings_hold(wish.strings);
            random_history(h, &wish, &seed);
            try_forms(h, held);
            fl_history_free(h);
            fl_strings_release(wish.strings);
        }
    }
    for (uint32_t f = 1; fl_formats[f] != NULL; f++) {
        printf("# %-14s %6u histories\n", fl_formats[f]->name, held[f]);
        CU_ASSERT(held[f] >= 20);
    }
}

/* One row of a table. */
struct row {
    uint32_t call;
    uint32_t ret;
    bool open;
};

/* Rows in the order of their calls, with stamps that are often equal. */
static uint32_t make_rows(struct row rows[TABLE_ROWS], uint64_t *seed)
{
    uint32_t count = 1 + random_below(seed, TABLE_ROWS);
    uint32_t now = 0;
    for (uint32_t i = 0; i < count; i++) {
        now += random_below(seed, 3);
        rows[i] = (struct row){.call = now,
                               .ret = now + random_below(seed, 4),
                               .open = random_below(seed, 8) == 0};
    }
    return count;
}

/* Prints them as a table, with the clients or without; as fptlin; or as
 * polylin. */
static void print_rows(FILE *file, const struct row *rows, uint32_t count,
                       uint32_t form)
{
    static const char *const heads[] = {CSV, "op,arg1,result,call,return\n",
                                        "# queue\n", "# queue\n"};
    (void)fputs(heads[form], file);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t client = i % 4;
        uint32_t call = rows[i].call;
        uint32_t ret = rows[i].ret;
        switch (form) {
        case 0:
            (void)fprintf(file, "%u,enqueue,,%u,,,%u,", client, i, call);
            break;
        case 1:
            (void)fprintf(file, "enqueue,%u,,%u,", i, call);
            break;
        case 2:
            (void)fprintf(file, "%u %u %u ENQ %u\n", client, call, ret, i);
            break;
        default:
            (void)fprintf(file, "enq %u %u %u\n", i, call, ret);
            break;
        }
        if (form < 2 && !rows[i].open) {
            (void)fprintf(file, "%u", ret);
        }
        (void)fputs(form < 2 ? "\n" : "", file);
    }
}

/* Tables have equal stamps, and clients that nobody names: both become what
 * they become in the whole. */
static void equal_stamps_and_nobody(void)
{
    static const char *const forms[] = {"csv", "csv", "fptlin", "polylin"};
    uint32_t fine[4] = {0};
    uint64_t seed = 5;
    for (uint32_t i = 0; i < TABLES; i++) {
        struct row rows[TABLE_ROWS];
        uint32_t count = make_rows(rows, &seed);
        uint32_t form = i % 4;
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        CU_ASSERT_FATAL(file != NULL);
        print_rows(file, rows, count, form);
        (void)fclose(file);
        struct fl_reading reading = {.format = fl_format_find(forms[form]),
                                     .model = fl_model_find("queue")};
        fine[form] += is_same(text, size, &reading);
        free(text);
    }
    printf("# %u %u %u %u tables\n", fine[0], fine[1], fine[2], fine[3]);
    CU_ASSERT(fine[0] > TABLES / 20 && fine[2] > TABLES / 20);
    CU_ASSERT(fine[0] < TABLES / 4 && fine[2] < TABLES / 4);
    CU_ASSERT_EQUAL(fine[1], TABLES / 4);
    CU_ASSERT_EQUAL(fine[3], TABLES / 4);
}

/* The samples of all forms; the one that a stream cannot have names why. */
static void the_samples_are_streams(void)
{
    uint32_t refused = 0;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct sample *s = &samples[i];
        struct fl_reading reading = {.format = fl_format_find(s->format),
                                     .model = fl_model_find(s->model)};
        struct outcome o = flow(s->text, strlen(s->text), &reading);
        bool is_large = strstr(s->text, "70000") != NULL;
        CU_ASSERT_EQUAL(o.status, is_large ? FL_BAD_INPUT : FL_OK);
        CU_ASSERT(!is_large || strstr(o.error.text, "client 70000") != NULL);
        refused += is_large;
        free(o.text);
        CU_ASSERT(is_large || is_same(s->text, strlen(s->text), &reading));
    }
    CU_ASSERT_EQUAL(refused, 1);
}

#define CALL(p, f, v) "{:process " p " :type :invoke :f " f " :value " v "}\n"
#define OK(p, f, v)   "{:process " p " :type :ok :f " f " :value " v "}\n"

static const struct refusal {
    const char *format;
    const char *model;
    uint32_t line;
    const char *says;
    const char *text;
} refusals[] = {
    {"knossos", NULL, 1, "say it with --model", CALL("0", ":write", "1")},
    {"csv", NULL, 2, "say it with --model", CSV "0,write,,1,,,1,2\n"},
    {"csv", "register", 3, "called at 1, before the operation above it",
     CSV "0,write,,1,,,2,3\n1,write,,1,,,1,4\n"},
    {"csv", "register", 2, "returns at 1, before its call at 2",
     CSV "0,write,,1,,,2,1\n"},
    {"csv", "register", 3, "client 0 calls while another",
     CSV "0,write,,1,,,2,9\n0,write,,1,,,3,4\n"},
    {"csv", "register", 2, "no operation \"enqueue\"",
     CSV "0,enqueue,,1,,,2,9\n"},
    {"csv", "register", 2, "write is called with", CSV "0,write,,x,,,2,9\n"},
    {"polylin", NULL, 3, "called at 1,", "# queue\nenq 1 4 5\nenq 2 1 2\n"},
    {"knossos", "register", 2, "calls while its operation of line 1",
     CALL("0", ":write", "1") CALL("0", ":write", "2")},
    {"knossos", "register", 4,
     "calls again, though it never learnt what "
     "became of its operation of line 1",
     CALL("0", ":write", "1") "{:process 0 :type :info :f :write}\n"
                              "{:process 1 :type :invoke :f :read}\n" CALL(
                                  "0", ":write", "2")},
    {"knossos", "register", 1, "which has no operation in flight",
     OK("0", ":write", "1")},
    {"knossos", "register", 2, "answers read, but client 0 called write",
     CALL("0", ":write", "1") OK("0", ":read", "1")},
    {"edn", NULL, 2, "needs the whole history",
     "; faultline {\"model\":\"register\"}\n{:process :nemesis :type :info :f "
     ":crash :value 0}\n"},
    {"knossos", NULL, 1, "no history in it", ""},
};

static void what_a_stream_cannot_is_named(void)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *r = &refusals[i];
        struct fl_reading reading = {
            .format = fl_format_find(r->format),
            .model = r->model == NULL ? NULL : fl_model_find(r->model)};
        struct outcome o = flow(r->text, strlen(r->text), &reading);
        bool as_said = o.status == FL_BAD_INPUT && o.error.line == r->line &&
                       strstr(o.error.text, r->says) != NULL;
        if (!as_said) {
            printf("# %zu: %u: %s\n", i, o.error.line, o.error.text);
        }
        CU_ASSERT(as_said);
        free(o.text);
    }
}

/* A log that is made as it is read, so that nobody holds it. */
struct log {
    uint32_t next; /* operation */
    char line[300];
    size_t at;
    size_t size;
};

static ssize_t read_log(void *cookie, char *to, size_t max)
{
    struct log *log = cookie;
    if (log->at == log->size && log->next < MANY) {
        uint32_t n = log->next++;
        /* two clients, whose operations overlap in a chain; a third that gave
         * up long ago, and one whose write did not happen */
        log->size = (size_t)snprintf(
            log->line, sizeof(log->line),
            "%s{:process %u, :type :invoke, :f :write, :value %u}\n"
            "{:process %u, :type :%s, :f :write, :value %u}\n",
            n == 0 ? "{:process 7, :type :invoke, :f :write, :value 1}\n"
                     "{:process 7, :type :info, :f :write, :value 1}\n"
                     "{:process 1, :type :invoke, :f :write, :value 0}\n"
                   : "",
            n % 2, n % 100, (n + 1) % 2, n % 3 == 0 ? "fail" : "ok", n % 100);
        log->at = 0;
    }
    size_t size = log->size - log->at;
    size = size < max ? size : max;
    memcpy(to, log->line + log->at, size);
    log->at += size;
    return (ssize_t)size;
}

static long rss_kilobytes(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static enum fl_status begin(void *self, const struct fl_history *h,
                            const struct fl_header *header,
                            struct fl_error *error)
{
    (void)self, (void)h, (void)header, (void)error;
    return FL_OK;
}

/* Counts, and looks at the order. */
struct counts {
    uint64_t taken;
    uint32_t call;
};

static enum fl_status take(void *self, const struct fl_operation *op,
                           struct fl_error *error)
{
    struct counts *counts = self;
    (void)error;
    CU_ASSERT(counts->taken == 0 || op->call > counts->call);
    counts->call = op->call;
    counts->taken++;
    return FL_OK;
}

static enum fl_status end(void *self, struct fl_error *error)
{
    (void)self, (void)error;
    return FL_OK;
}

static void a_long_log_needs_little_memory(void)
{
    struct log log = {.next = 0};
    struct counts counts = {.taken = 0};
    struct fl_error error;
    struct fl_source source;
    FILE *file =
        fopencookie(&log, "r", (cookie_io_functions_t){.read = read_log});
    CU_ASSERT_FATAL(file != NULL);
    fl_source_init(&source, file, NULL, 0);
    struct fl_flow how = {.source = &source,
                          .reading = {.format = fl_format_find("knossos"),
                                      .model = fl_model_find("register")}};
    struct fl_outlet outlet = {
        .self = &counts, .begin = begin, .take = take, .end = end};
    long before = rss_kilobytes();
    CU_ASSERT_EQUAL(fl_flow_read(&how, &outlet, &error), FL_OK);
    long more = rss_kilobytes() - before;
    printf("# %llu operations, %llu held at most, %ld kB more resident\n",
           (unsigned long long)counts.taken, (unsigned long long)how.held,
           more);
    CU_ASSERT(counts.taken > MANY / 2 && counts.taken < MANY);
    CU_ASSERT(how.held <= 4);
    CU_ASSERT(more < RSS_MAX);
    fl_source_release(&source);
    (void)fclose(file);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a long log needs little memory", a_long_log_needs_little_memory},
        {"every form is a stream", every_form_is_a_stream},
        {"equal stamps, and clients that nobody names",
         equal_stamps_and_nobody},
        {"the samples are streams", the_samples_are_streams},
        {"what a stream cannot is named", what_a_stream_cannot_is_named},
        {NULL, NULL},
    };
    return tap_run("flow_forms", cases);
}

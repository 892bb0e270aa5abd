/*
 * Traces: what is written is read back, and what is broken is refused with
 * its place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/trace.h"
#include "tests/tap.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    return copy;
}

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
    return memory;
}

/* A trace with something of everything, and the extremes of numbers. */
static struct trace *make_trace(void)
{
    struct trace *trace = trace_new();
    trace->scenario_path = copy_of("scenarios/a \"b\".yaml");
    trace->scenario_text = copy_of("scenario: 1\n\tname: \"ä\\n\"\n");
    trace->seed = UINT64_MAX;
    trace->index = 41;
    trace->run_seed = 1;
    trace->steps = (1ull << 53) + 1;
    trace->strategy = copy_of("pct");
    trace->verdict = copy_of("not linearizable");
    trace->signature = copy_of("c0ffee");

    trace->workload.clients = 2;
    struct plan *plan = &trace->workload.plans[0];
    plan->count = plan->max = 2;
    plan->calls = zeroed(2, sizeof(*plan->calls));
    plan->think = zeroed(2, sizeof(*plan->think));
    plan->calls[0] = (struct fl_call){0, FL_NONE, {-5, INT64_MAX}, 0};
    plan->calls[1] = (struct fl_call){1, 7, {INT64_MIN + 1, FL_NONE}, 0};
    plan->think[1] = UINT64_MAX;

    trace->switches_count = trace->switches_max = 2;
    trace->switches = zeroed(2, sizeof(*trace->switches));
    trace->switches[0] = (struct thread_switch){3, 1};
    trace->switches[1] = (struct thread_switch){1ull << 60, 63};

    trace->occurrences_count = trace->occurrences_max = 2;
    trace->occurrences = zeroed(2, sizeof(*trace->occurrences));
    trace->occurrences[0] = (struct occurrence){
        .rule = 1,
        .site = {.kind = SITE_POINT, .thread = 2, .point = "a.b", .hit = 3},
        .action = {.act = ACT_DELAY, .in_steps = true, .amount = 200}};
    trace->occurrences[1] =
        (struct occurrence){.rule = UINT32_MAX,
                            .site = {.kind = SITE_TIME, .time = UINT64_MAX - 1},
                            .action = {.act = ACT_CUT,
                                       .amount = UINT64_MAX,
                                       .targets = 5,
                                       .shape = CUT_RING,
                                       .overtake = true}};
    trace->occurrences[1].action.cut[0] = UINT64_MAX;
    trace->occurrences[1].action.cut[63] = 1;

    trace->decisions_count = 2;
    trace->decisions = zeroed(2, sizeof(*trace->decisions));
    trace->decisions[0] = (struct decision){STREAM_FAULTS, UINT32_MAX, 1};
    trace->decisions[1] = (struct decision){STREAM_MEMORY, 0, UINT64_MAX};
    trace->digests_count = trace->digests_max = 1;
    trace->digests = zeroed(1, sizeof(*trace->digests));
    trace->digests[0] = 0x0123456789abcdefu;
    return trace;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void expect_same_workload(const struct workload *a,
                                 const struct workload *b)
{
    CU_ASSERT_EQUAL_FATAL(a->clients, b->clients);
    for (uint32_t i = 0; i < a->clients; i++) {
        const struct plan *p = &a->plans[i];
        const struct plan *q = &b->plans[i];
        CU_ASSERT_EQUAL_FATAL(p->count, q->count);
        if (p->count == 0) {
            continue;
        }
        CU_ASSERT_EQUAL(
            memcmp(p->calls, q->calls, p->count * sizeof(*p->calls)), 0);
        CU_ASSERT_EQUAL(
            memcmp(p->think, q->think, p->count * sizeof(*p->think)), 0);
    }
}

static void expect_same(const struct trace *a, const struct trace *b)
{
    CU_ASSERT(same_text(a->scenario_path, b->scenario_path));
    CU_ASSERT(same_text(a->scenario_text, b->scenario_text));
    CU_ASSERT(same_text(a->variant, b->variant));
    CU_ASSERT(same_text(a->strategy, b->strategy));
    CU_ASSERT(same_text(a->verdict, b->verdict));
    CU_ASSERT(same_text(a->signature, b->signature));
    CU_ASSERT_EQUAL(a->seed, b->seed);
    CU_ASSERT_EQUAL(a->index, b->index);
    CU_ASSERT_EQUAL(a->run_seed, b->run_seed);
    CU_ASSERT_EQUAL(a->steps, b->steps);
    expect_same_workload(&a->workload, &b->workload);
    CU_ASSERT_EQUAL_FATAL(a->switches_count, b->switches_count);
    for (uint32_t i = 0; i < a->switches_count; i++) {
        CU_ASSERT_EQUAL(a->switches[i].step, b->switches[i].step);
        CU_ASSERT_EQUAL(a->switches[i].thread, b->switches[i].thread);
    }
    CU_ASSERT_EQUAL_FATAL(a->occurrences_count, b->occurrences_count);
    for (uint32_t i = 0; i < a->occurrences_count; i++) {
        const struct occurrence *o = &a->occurrences[i];
        const struct occurrence *p = &b->occurrences[i];
        CU_ASSERT_EQUAL(o->rule, p->rule);
        CU_ASSERT_EQUAL(o->site.kind, p->site.kind);
        CU_ASSERT_EQUAL(o->site.thread, p->site.thread);
        CU_ASSERT_EQUAL(o->site.time, p->site.time);
        CU_ASSERT_EQUAL(o->site.hit, p->site.hit);
        CU_ASSERT(same_text(o->site.point, p->site.point));
        CU_ASSERT_EQUAL(o->action.act, p->action.act);
        CU_ASSERT_EQUAL(o->action.in_steps, p->action.in_steps);
        CU_ASSERT_EQUAL(o->action.overtake, p->action.overtake);
        CU_ASSERT_EQUAL(o->action.amount, p->action.amount);
        CU_ASSERT_EQUAL(o->action.targets, p->action.targets);
        CU_ASSERT_EQUAL(o->action.shape, p->action.shape);
        CU_ASSERT_EQUAL(
            memcmp(o->action.cut, p->action.cut, sizeof(o->action.cut)), 0);
    }
    CU_ASSERT_EQUAL_FATAL(a->decisions_count, b->decisions_count);
    for (uint32_t i = 0; i < a->decisions_count; i++) {
        CU_ASSERT_EQUAL(a->decisions[i].stream, b->decisions[i].stream);
        CU_ASSERT_EQUAL(a->decisions[i].position, b->decisions[i].position);
        CU_ASSERT_EQUAL(a->decisions[i].value, b->decisions[i].value);
    }
    CU_ASSERT_EQUAL_FATAL(a->digests_count, b->digests_count);
    CU_ASSERT_EQUAL(
        memcmp(a->digests, b->digests, a->digests_count * sizeof(uint64_t)), 0);
}

/* A folder of this run's own; ended by drop_folder(). */
static void make_folder(char folder[64])
{
    snprintf(folder, 64, "/tmp/trace_test.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static void written_trace_is_read_back(void)
{
    char folder[64];
    char path[128];
    make_folder(folder);
    snprintf(path, sizeof(path), "%s/a.trace", folder);
    struct trace *trace = make_trace();
    CU_ASSERT_EQUAL(trace_write(trace, path), 0);
    trace->variant = copy_of("aba");
    CU_ASSERT_EQUAL(trace_write(trace, path), 0); /* replaced whole */
    struct trace *again = trace_read(path, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    expect_same(trace, again);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0); /* nothing else was left there */
    trace_free(again);
    trace_free(trace);
}

static void copy_borrows_nothing(void)
{
    struct trace *trace = make_trace();
    struct trace *copy = trace_copy(trace);
    expect_same(trace, copy);
    trace->workload.plans[0].calls[0].fn = 9;
    CU_ASSERT_EQUAL(copy->workload.plans[0].calls[0].fn, 0);
    trace_free(trace);
    struct trace *second = trace_copy(copy);
    trace_free(copy);
    CU_ASSERT_STRING_EQUAL(second->occurrences[0].site.point, "a.b");
    trace_free(second);
    trace_free(NULL);
}

static void trouble_of_the_disk_is_returned(void)
{
    struct trace *trace = make_trace();
    CU_ASSERT_EQUAL(trace_write(trace, "/nowhere/at/all.trace"), ENOENT);
    CU_ASSERT_EQUAL(trace_write(trace, "/proc/a.trace") != 0, true);
    char folder[64];
    char path[128];
    make_folder(folder);
    snprintf(path, sizeof(path), "%s/taken", folder);
    CU_ASSERT_EQUAL(mkdir(path, 0755), 0);
    CU_ASSERT_EQUAL(trace_write(trace, path), EISDIR);
    CU_ASSERT_EQUAL(rmdir(path), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0); /* nor a new file beside it */
    trace_free(trace);
}

/* Reads `text`, and returns what was said about it; NULL if it was read. */
static const char *complaint_about(const char *text, size_t size)
{
    static char said[1024];
    FILE *errors = fmemopen(said, sizeof(said), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
    struct trace *trace = trace_parse("a.trace", text, size, errors);
    (void)fclose(errors);
    trace_free(trace);
    return trace == NULL ? said : NULL;
}

static void expect_complaint(const char *text, const char *wanted)
{
    const char *said = complaint_about(text, strlen(text));
    CU_ASSERT_PTR_NOT_NULL_FATAL(said);
    if (strncmp(said, wanted, strlen(wanted)) != 0) {
        printf("# wanted %s\n# got    %s", wanted, said);
        CU_FAIL("another complaint");
    }
}

#define HEAD                                                             \
    "{\"faultline_trace\": 1, \"verdict\": null, \"signature\": null,\n" \
    "\"scenario_path\": null, \"variant\": null, \"strategy\": null,\n"  \
    "\"scenario_lines\": [\"scenario: 1\"],\n"
#define REST                                               \
    "\"clients\": [], \"faults\": [], \"switches\": [],\n" \
    "\"decisions\": [], \"digests\": []}"

static void broken_traces_are_refused_with_their_place(void)
{
    static const struct {
        const char *text;
        const char *wanted;
    } cases[] = {
        {"", "a.trace:1:1: error: expected a trace, found an empty file"},
        {"[1, 2]", "a.trace:1:1: error: expected a trace"},
        {"{}", "a.trace:1:1: error: expected a trace"},
        {"{\"faultline_trace\": 1,\n \"verdict\"",
         "a.trace:2:10: error: expected JSON:"},
        {"{\n  \"faultline_trace\": 2}",
         "a.trace:2:22: error: expected version 1 of the format"},
        {"{\"faultline_trace\": 1}",
         "a.trace:1:1: error: expected \"verdict\": a text, or null"},
        {HEAD "\"clients\": [{\"calls\": [{\"fn\": 1, \"args\": []},\n"
              "{\"fn\": -1, \"args\": []}]}]}",
         "a.trace:5:8: error: expected a number that is not negative"},
        {HEAD "\"clients\": [{\"calls\": [{\"fn\": 999, \"args\": []}]}]}",
         "a.trace:4:31: error: expected a number of at most 255"},
        {HEAD "\"clients\": [{\"calls\": [{\"fn\": 1, \"args\": [1,2,3]}]}]}",
         "a.trace:4:42: error: expected \"args\": an array of at most 2"},
        {HEAD "\"clients\": [], \"faults\": [{\"rule\": 99}]}",
         "a.trace:4:36: error: expected a number of at most 31"},
        {HEAD "\"clients\": [], \"faults\": [{\"rule\": 1,\n"
              "\"site\": {\"kind\": \"stp\"}, \"action\": {}}]}",
         "a.trace:5:18: error: expected one of step, cas_weak, ...; did you "
         "mean step"},
        {HEAD "\"clients\": [], \"faults\": [{\"rule\": 1,\n"
              "\"site\": {\"kind\": \"step\"}, \"action\": {\"act\": "
              "\"cut\", \"cut\": [[64, 1]]}}]}",
         "a.trace:5:61: error: expected a number of at most 63"},
        {HEAD "\"clients\": [], \"faults\": [],\n"
              "\"switches\": [[5, 1], [4, 0]]}",
         "a.trace:5:22: error: expected switches in the order"},
        {HEAD "\"clients\": [], \"faults\": [], \"switches\": [[5, 64]]}",
         "a.trace:4:47: error: expected a number of at most 63"},
        {HEAD "\"clients\": [], \"faults\": [], \"switches\": [],\n"
              "\"decisions\": [[\"wake\", 1, 1], [\"wake\", 1, 2]]}",
         "a.trace:5:31: error: expected decisions in the order"},
        {HEAD "\"clients\": [], \"faults\": [], \"switches\": [],\n"
              "\"decisions\": [], \"digests\": [\"0x\"]}",
         "a.trace:5:30: error: expected a number, or \"0x\" and 1 to 16"},
        {HEAD "\"clients\": 3}",
         "a.trace:4:12: error: expected \"clients\": an array of at most 64"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect_complaint(cases[i].text, cases[i].wanted);
    }
    CU_ASSERT_PTR_NULL(complaint_about(HEAD REST, strlen(HEAD REST)));
}

static void no_prefix_of_a_trace_is_taken_for_one(void)
{
    struct trace *trace = make_trace();
    char folder[64];
    char path[128];
    make_folder(folder);
    snprintf(path, sizeof(path), "%s/a.trace", folder);
    CU_ASSERT_EQUAL_FATAL(trace_write(trace, path), 0);
    static char text[16384];
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t size = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    CU_ASSERT(size > 1000 && size < sizeof(text));
    CU_ASSERT_PTR_NULL(complaint_about(text, size));
    for (size_t i = 0; i + 2 < size; i++) {
        CU_ASSERT_PTR_NOT_NULL(complaint_about(text, i));
    }
    /* bytes turned over: read or refused, never a crash */
    for (size_t i = 0; i < size; i++) {
        char kept = text[i];
        text[i] = (char)(kept ^ 0x15);
        complaint_about(text, size);
        text[i] = kept;
    }
    unlink(path);
    rmdir(folder);
    trace_free(trace);
}

static void files_that_are_none_are_refused(void)
{
    char said[512] = "";
    FILE *errors = fmemopen(said, sizeof(said), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
    CU_ASSERT_PTR_NULL(trace_read("/tmp", errors));
    (void)fclose(errors);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "/tmp: error: cannot be read: Is a"));
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a written trace is read back", written_trace_is_read_back},
        {"a copy borrows nothing", copy_borrows_nothing},
        {"trouble of the disk is returned", trouble_of_the_disk_is_returned},
        {"broken traces are refused with their place",
         broken_traces_are_refused_with_their_place},
        {"no prefix of a trace is taken for one",
         no_prefix_of_a_trace_is_taken_for_one},
        {"files that are none are refused", files_that_are_none_are_refused},
        {NULL, NULL},
    };
    return tap_run("trace", cases);
}

/*
 * Writing a trace: JSON that a person can read and edit, one thing a line.
 *
 * Numbers beyond 2^53 are strings ("0x..."), since most readers of JSON keep
 * numbers as doubles.  What is 0, absent or false in a fault is left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/trace.h"
#include "harness/trace_words.h"
#include "harness/utf8.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXACT_MAX ((uint64_t)1 << 53)

static void put_number(FILE *out, uint64_t value)
{
    if (value > EXACT_MAX) {
        fprintf(out, "\"0x%" PRIx64 "\"", value);
    } else {
        fprintf(out, "%" PRIu64, value);
    }
}

static void put_value(FILE *out, fl_value value)
{
    if (value == FL_NONE) {
        fprintf(out, "null");
    } else if (value < 0 && value >= -(fl_value)EXACT_MAX) {
        fprintf(out, "%" PRId64, value);
    } else {
        put_number(out, (uint64_t)value);
    }
}

/* `size` bytes of UTF-8 (what is not is replaced), as a JSON string. */
static void put_text(FILE *out, const char *text, size_t size)
{
    assert(text != NULL || size == 0);
    fputc('"', out);
    for (size_t i = 0; i < size;) {
        unsigned char c = (unsigned char)text[i];
        size_t length = utf8_measure(text + i, size - i);
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c == '\t') {
            fprintf(out, "\\t");
        } else if (c < 0x20 || c == 0x7f) {
            fprintf(out, "\\u%04x", c);
        } else if (length == 0) {
            fputc('?', out);
        } else {
            fwrite(text + i, 1, length, out);
        }
        i += length == 0 ? 1 : length;
    }
    fputc('"', out);
}

static void put_line(FILE *out, const char *key, const char *text)
{
    fprintf(out, "  \"%s\": ", key);
    if (text == NULL) {
        fprintf(out, "null");
    } else {
        put_text(out, text, strlen(text));
    }
    fprintf(out, ",\n");
}

static void put_count(FILE *out, const char *key, uint64_t value)
{
    fprintf(out, "  \"%s\": ", key);
    put_number(out, value);
    fprintf(out, ",\n");
}

/* The scenario's text, a string for each line. */
static void put_scenario(FILE *out, const char *text)
{
    fprintf(out, "  \"scenario_lines\": [");
    const char *between = "\n    ";
    for (const char *at = text; at != NULL;) {
        const char *feed = strchr(at, '\n');
        size_t size = feed == NULL ? strlen(at) : (size_t)(feed - at);
        fprintf(out, "%s", between);
        put_text(out, at, size);
        between = ",\n    ";
        at = feed == NULL ? NULL : feed + 1;
    }
    fprintf(out, "\n  ],\n");
}

static void put_call(FILE *out, const struct fl_call *call)
{
    fprintf(out, "{\"fn\": %" PRIu32 ", \"key\": ", call->fn);
    put_value(out, call->key);
    fprintf(out, ", \"args\": [");
    for (uint32_t i = 0; i < FL_ARGS_MAX; i++) {
        fprintf(out, "%s", i > 0 ? ", " : "");
        put_value(out, call->args[i]);
    }
    fprintf(out, "]}");
}

static void put_plan(FILE *out, const struct plan *plan)
{
    assert(plan->count == 0 || plan->calls != NULL);
    fprintf(out, "{\"calls\": [");
    for (uint32_t i = 0; i < plan->count; i++) {
        fprintf(out, "%s\n      ", i > 0 ? "," : "");
        put_call(out, &plan->calls[i]);
    }
    fprintf(out, "]");
    if (plan->think != NULL && plan->count > 0) {
        fprintf(out, ", \"think\": [");
        for (uint32_t i = 0; i < plan->count; i++) {
            fprintf(out, "%s", i > 0 ? ", " : "");
            put_number(out, plan->think[i]);
        }
        fprintf(out, "]");
    }
    fprintf(out, "}");
}

static void put_workload(FILE *out, const struct workload *workload)
{
    assert(workload->clients <= 64);
    fprintf(out, "  \"clients\": [");
    for (uint32_t i = 0; i < workload->clients; i++) {
        fprintf(out, "%s\n    ", i > 0 ? "," : "");
        put_plan(out, &workload->plans[i]);
    }
    fprintf(out, "],\n");
}

/* `, "key": value`, unless it is 0. */
static void put_part(FILE *out, const char *key, uint64_t value)
{
    if (value != 0) {
        fprintf(out, ", \"%s\": ", key);
        put_number(out, value);
    }
}

static void put_site(FILE *out, const struct site *site)
{
    assert((uint32_t)site->kind < SITES);
    fprintf(out, "{\"kind\": \"%s\"", trace_site_words[site->kind]);
    put_part(out, "thread", site->thread);
    put_part(out, "operation", site->operation);
    put_part(out, "own_step", site->own_step);
    put_part(out, "thread_step", site->thread_step);
    put_part(out, "step", site->step);
    put_part(out, "time", site->time);
    put_part(out, "count", site->count);
    if (site->point != NULL) {
        fprintf(out, ", \"point\": ");
        put_text(out, site->point, strlen(site->point));
    }
    put_part(out, "hit", site->hit);
    put_part(out, "visit", site->visit);
    put_part(out, "size", site->size);
    put_part(out, "to", site->to);
    put_part(out, "held_steps", site->held_steps);
    fprintf(out, "}");
}

static void put_cut(FILE *out, const struct action *action)
{
    const char *between = ", \"cut\": [";
    bool any = false;
    for (uint32_t i = 0; i < 64; i++) {
        if (action->cut[i] != 0) {
            fprintf(out, "%s[%" PRIu32 ", \"0x%" PRIx64 "\"]", between, i,
                    action->cut[i]);
            between = ", ";
            any = true;
        }
    }
    if (any) {
        fprintf(out, "]");
    }
}

static void put_action(FILE *out, const struct action *action)
{
    assert((uint32_t)action->act < ACTS);
    fprintf(out, "{\"act\": \"%s\"", trace_act_words[action->act]);
    put_part(out, "in_steps", action->in_steps);
    put_part(out, "overtake", action->overtake);
    put_part(out, "amount", action->amount);
    put_part(out, "down_for", action->down_for);
    put_part(out, "targets", action->targets);
    put_part(out, "shape", action->shape);
    put_part(out, "lost", action->lost);
    put_part(out, "missed", action->missed);
    put_cut(out, action);
    put_part(out, "pid_reused", action->pid_reused);
    put_part(out, "lose_unsynced", action->lose_unsynced);
    put_part(out, "torn_bytes", action->torn_bytes);
    fprintf(out, "}");
}

static void put_occurrences(FILE *out, const struct trace *trace)
{
    fprintf(out, "  \"faults\": [");
    for (uint32_t i = 0; i < trace->occurrences_count; i++) {
        const struct occurrence *one = &trace->occurrences[i];
        fprintf(out, "%s\n    {\"rule\": ", i > 0 ? "," : "");
        if (one->rule == UINT32_MAX) {
            fprintf(out, "null");
        } else {
            fprintf(out, "%" PRIu32, one->rule);
        }
        fprintf(out, ",\n     \"site\": ");
        put_site(out, &one->site);
        fprintf(out, ",\n     \"action\": ");
        put_action(out, &one->action);
        fprintf(out, "}");
    }
    fprintf(out, "],\n");
}

/* Several small items a line. */
static void put_gap(FILE *out, uint32_t i, uint32_t a_line)
{
    fprintf(out, "%s%s", i > 0 ? "," : "", i % a_line == 0 ? "\n    " : " ");
}

static void put_choices(FILE *out, const struct trace *trace)
{
    fprintf(out, "  \"switches\": [");
    for (uint32_t i = 0; i < trace->switches_count; i++) {
        assert(trace->switches[i].thread < 64);
        put_gap(out, i, 8);
        fprintf(out, "[");
        put_number(out, trace->switches[i].step);
        fprintf(out, ", %" PRIu32 "]", trace->switches[i].thread);
    }
    fprintf(out, "],\n  \"decisions\": [");
    for (uint32_t i = 0; i < trace->decisions_count; i++) {
        const struct decision *decision = &trace->decisions[i];
        assert(decision->stream < STREAMS);
        put_gap(out, i, 4);
        fprintf(out, "[\"%s\", %" PRIu32 ", ",
                trace_stream_words[decision->stream], decision->position);
        put_number(out, decision->value);
        fprintf(out, "]");
    }
    fprintf(out, "],\n  \"digests\": [");
    for (uint32_t i = 0; i < trace->digests_count; i++) {
        put_gap(out, i, 4);
        fprintf(out, "\"0x%016" PRIx64 "\"", trace->digests[i]);
    }
    fprintf(out, "]\n");
}

static void put_trace(FILE *out, const struct trace *trace)
{
    fprintf(out, "{\n  \"faultline_trace\": %d,\n", TRACE_VERSION);
    put_line(out, "verdict", trace->verdict);
    put_line(out, "signature", trace->signature);
    put_line(out, "scenario_path", trace->scenario_path);
    put_line(out, "variant", trace->variant);
    put_line(out, "memory", trace->memory);
    put_line(out, "strategy", trace->strategy);
    put_count(out, "seed", trace->seed);
    put_count(out, "index", trace->index);
    put_count(out, "run_seed", trace->run_seed);
    if (trace->subject != 0) {
        put_count(out, "subject", trace->subject);
    }
    put_count(out, "steps", trace->steps);
    if (trace->patience != 0) {
        put_count(out, "patience", trace->patience);
    }
    if (trace->cuts) {
        put_count(out, "cuts", 1);
    }
    put_scenario(out, trace->scenario_text);
    put_workload(out, &trace->workload);
    put_occurrences(out, trace);
    put_choices(out, trace);
    fprintf(out, "}\n");
}

/* Flushes and ends `out`, synced to the disk.  0 or an errno. */
static int close_synced(FILE *out)
{
    errno = 0;
    bool good = fflush(out) == 0 && !ferror(out) && fsync(fileno(out)) == 0;
    int trouble = good ? 0 : errno != 0 ? errno : EIO;
    if (fclose(out) != 0 && trouble == 0) {
        trouble = errno;
    }
    return trouble;
}

/* Makes the new name of `path` last: its folder is synced, too. */
static void sync_folder(const char *path)
{
    char *folder = strdup(path);
    char *slash = folder == NULL ? NULL : strrchr(folder, '/');
    if (slash != NULL) {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    int fd = open(slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY);
    if (fd >= 0) {
        fsync(fd); /* best effort: some file systems cannot */
        close(fd);
    }
    free(folder);
}

static int write_beside(const struct trace *trace, char *beside)
{
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    fchmod(fd, 0644);
    FILE *out = fdopen(fd, "w");
    if (out == NULL) {
        int trouble = errno;
        close(fd);
        return trouble;
    }
    put_trace(out, trace);
    return close_synced(out);
}

int trace_write(const struct trace *trace, const char *path)
{
    assert(trace->scenario_text != NULL);
    size_t size = strlen(path) + sizeof(".XXXXXX");
    char *beside = malloc(size);
    if (beside == NULL) {
        return ENOMEM;
    }
    snprintf(beside, size, "%s.XXXXXX", path);
    int trouble = write_beside(trace, beside);
    if (trouble == 0 && rename(beside, path) != 0) {
        trouble = errno;
    }
    if (trouble == 0) {
        sync_folder(path);
    } else {
        unlink(beside);
    }
    free(beside);
    return trouble;
}

/*
 * Converting as it is read: the same bytes as of the whole, the same refusals,
 * and no more held than is in flight.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/flow.h"
#include "checker/format/source.h"
#include "checker/model.h"
#include "checker/strings.h"
#include "tests/random_history.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HISTORIES = 300, /* of each model */
    MANY = 200000
};

/* What a conversion came to. */
struct outcome {
    enum fl_status status;
    struct fl_error error;
    char *text;
    size_t size;
    uint64_t held;
    bool truncated;
};

static struct outcome flow(const char *from, size_t size, const char *to,
                           uint32_t window, bool lenient)
{
    struct outcome o = {.status = FL_OK};
    FILE *in = fmemopen((void *)(uintptr_t)from, size, "r");
    FILE *out = open_memstream(&o.text, &o.size);
    CU_ASSERT_FATAL(in != NULL && out != NULL);
    const struct fl_format *form = fl_format_find(to);
    struct fl_source source;
    fl_source_init(&source, in, NULL, 0);
    struct fl_flow how = {
        .source = &source, .reading = {.lenient = lenient}, .window = window};
    CU_ASSERT_FATAL(fl_flow_can(form));
    o.status = fl_flow_convert(&how, out, form, &o.error);
    fl_source_release(&source);
    o.held = how.held;
    o.truncated = how.truncated;
    (void)fclose(in);
    (void)fclose(out);
    return o;
}

/* The same through a history that is held whole. */
static struct outcome whole(const char *from, size_t size, const char *to)
{
    struct outcome o = {.status = FL_OK};
    FILE *out = open_memstream(&o.text, &o.size);
    struct fl_reader *reader = fl_reader_open_bytes(from, size, NULL);
    CU_ASSERT_FATAL(out != NULL && reader != NULL);
    for (;;) {
        struct fl_history *h = NULL;
        struct fl_header header;
        o.status = fl_reader_next(reader, &h, &header, &o.error);
        if (h == NULL) {
            break;
        }
        CU_ASSERT_EQUAL(fl_format_find(to)->write(out, h, &header), FL_OK);
        fl_history_free(h);
    }
    fl_reader_close(reader);
    (void)fclose(out);
    return o;
}

static void check_same(const char *text, size_t size, const char *to)
{
    struct outcome a = whole(text, size, to);
    struct outcome b = flow(text, size, to, 0, false);
    CU_ASSERT_EQUAL(a.status, FL_OK);
    CU_ASSERT_EQUAL(b.status, FL_OK);
    CU_ASSERT_EQUAL(a.size, b.size);
    CU_ASSERT(a.size == b.size && memcmp(a.text, b.text, a.size) == 0);
    free(a.text);
    free(b.text);
}

static void the_bytes_are_those_of_the_whole(void)
{
    static const char *const models[] = {"register", "queue", "stack", "kv",
                                         "set",      "lock",  "log"};
    uint64_t seed = 41;
    for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++) {
        for (uint32_t i = 0; i < HISTORIES; i++) {
            struct random_wish wish = {
                .model = fl_model_find(models[m]),
                .strings = fl_strings_new(),
                .clients = 1 + random_below(&seed, RANDOM_CLIENTS_MAX),
                .operations = 1 + random_below(&seed, RANDOM_OPERATIONS_MAX),
                .keys = 1 + random_below(&seed, 3),
            };
            struct fl_history *h =
                fl_history_new(wish.model, RANDOM_OPERATIONS_MAX, 0);
            char *text = NULL;
            size_t size = 0;
            FILE *file = open_memstream(&text, &size);
            CU_ASSERT_FATAL(h != NULL && file != NULL);
            h->strings = fl_strings_hold(wish.strings);
            random_history(h, &wish, &seed);
            CU_ASSERT_EQUAL(fl_jsonl_write(file, h, NULL), FL_OK);
            (void)fclose(file);
            check_same(text, size, "csv");
            check_same(text, size, "jsonl");
            free(text);
            fl_history_free(h);
            fl_strings_release(wish.strings);
        }
    }
}

#define HEAD "{\"model\":\"queue\"}\n"
#define OP(client, call, ret)                                                 \
    "{\"client\":" client ",\"op\":\"enqueue\",\"args\":[1],\"result\":null," \
    "\"call\":" call ",\"return\":" ret "}\n"

static void gaps_and_several_histories(void)
{
    static const char two[] =
        HEAD OP("0", "5", "900") OP("1", "7", "8") OP("2", "800", "null")
            HEAD OP("0", "3", "4000000000") OP("1", "4", "9");
    check_same(two, sizeof(two) - 1, "jsonl");
    struct outcome o = flow(two, sizeof(two) - 1, "csv", 0, false);
    CU_ASSERT_EQUAL(o.status, FL_BAD_INPUT);
    CU_ASSERT_EQUAL(o.error.line, 5);
    free(o.text);
}

static void check_refused(const char *text, uint32_t line, const char *words)
{
    struct outcome o = flow(text, strlen(text), "csv", 4, false);
    CU_ASSERT_EQUAL(o.status, FL_BAD_INPUT);
    CU_ASSERT_EQUAL(o.error.line, line);
    CU_ASSERT(strstr(o.error.text, words) != NULL);
    free(o.text);
}

static void what_is_wrong_is_found(void)
{
    check_refused(HEAD OP("0", "5", "6") OP("1", "4", "9"), 3,
                  "order of calls");
    check_refused(HEAD OP("0", "5", "9") OP("1", "6", "9"), 3, "used twice");
    check_refused(HEAD OP("0", "5", "9") OP("1", "9", "10"), 2, "used twice");
    check_refused(HEAD OP("0", "5", "9") OP("1", "5", "10"), 3, "used twice");
    check_refused(HEAD OP("0", "5", "9") OP("0", "6", "10"), 3, "in flight");
    check_refused(HEAD OP("0", "5", "null") OP("0", "6", "10"), 3, "in flight");
    check_refused(HEAD OP("0", "5", "4"), 2, "before");
    check_refused(HEAD "{\"event\":\"crash\",\"client\":0,\"at\":3}\n", 2,
                  "event");
    check_refused("{\"model\":\"queue\",\"unit\":\"ms\"}\n" OP("0", "5", "9"),
                  1, "times");
    check_refused(OP("0", "5", "9"), 1, "header");
    check_refused(HEAD OP("0", "5", "9") "{\"client\":", 3, "");
    check_refused("", 1, "no history");
    /* one in flight for ever longer than the window */
    check_refused(HEAD OP("0", "1", "99") OP("1", "2", "3") OP("1", "4", "5")
                      OP("1", "6", "7") OP("1", "8", "9") OP("1", "10", "11")
                          OP("1", "12", "13"),
                  2, "too long for a stream");
    static const char cut[] = HEAD OP("0", "5", "9") "{\"client\":";
    struct outcome o = flow(cut, sizeof(cut) - 1, "jsonl", 0, true);
    CU_ASSERT_EQUAL(o.status, FL_OK);
    CU_ASSERT_TRUE(o.truncated);
    free(o.text);
}

/* Clients overlap in pairs, so two wait at most, however many there are. */
static void no_more_is_held_than_is_in_flight(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    CU_ASSERT_FATAL(file != NULL);
    (void)fputs(HEAD, file);
    for (uint32_t i = 0; i < MANY; i++) {
        (void)fprintf(file, OP("%u", "%u", "%u"), i % 2, 3 * i, 3 * i + 4);
    }
    (void)fclose(file);
    struct outcome o = flow(text, size, "csv", 0, false);
    CU_ASSERT_EQUAL(o.status, FL_OK);
    CU_ASSERT(o.held <= 3);
    check_same(text, size, "csv");
    free(o.text);
    free(text);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the bytes are those of the whole", the_bytes_are_those_of_the_whole},
        {"gaps and several histories", gaps_and_several_histories},
        {"what is wrong is found", what_is_wrong_is_found},
        {"no more is held than is in flight",
         no_more_is_held_than_is_in_flight},
        {NULL, NULL},
    };
    return tap_run("flow", cases);
}

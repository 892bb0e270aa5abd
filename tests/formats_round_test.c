/*
 * Every form that is written, there and back: the same operations, the same
 * order, the same verdict; and what a form has no place for is said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/formats.h"
#include "checker/model.h"
#include "checker/strings.h"
#include "tests/random_history.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HISTORIES = 400, /* of each model */
    FORMATS_MAX = 16,
};

static int verdict_of(const struct fl_history *h)
{
    struct fl_result *result = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_check(h, NULL, &result), FL_OK);
    int verdict = (int)result->verdict;
    fl_result_free(result);
    return verdict;
}

static bool same_value(const struct fl_history *a, const struct fl_history *b,
                       enum fl_kind kind, fl_value x, fl_value y)
{
    if (kind != FL_KIND_STRING || x == FL_NONE || y == FL_NONE) {
        return x == y;
    }
    size_t sizes[2];
    const char *text = fl_strings_text(a->strings, x, &sizes[0]);
    const char *other = fl_strings_text(b->strings, y, &sizes[1]);
    return sizes[0] == sizes[1] && memcmp(text, other, sizes[0]) == 0;
}

/* The same operations with the same stamps; clients may have other names. */
static bool is_same(const struct fl_history *a, const struct fl_history *b)
{
    if (a->count != b->count || a->events_count != b->events_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct fl_operation *x = &a->operations[i];
        const struct fl_operation *y = &b->operations[i];
        const struct fl_operation_type *type = &a->model->types[x->fn];
        const char *name = b->model->types[y->fn].name;
        bool same = strcmp(type->name, name) == 0 && x->call == y->call &&
                    x->ret == y->ret && x->key == y->key &&
                    same_value(a, b, type->result, x->result, y->result);
        for (uint32_t k = 0; k < FL_ARGS_MAX; k++) {
            same = same &&
                   (type->args[k] == FL_KIND_VOID ||
                    same_value(a, b, type->args[k], x->args[k], y->args[k]));
        }
        if (!same) {
            return false;
        }
    }
    return true;
}

/* Writes `h` as `format` and reads that again. */
static struct fl_history *round_trip(const struct fl_format *format,
                                     const struct fl_history *h, char **text)
{
    size_t size = 0;
    FILE *file = open_memstream(text, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL_FATAL(format->write(file, h, NULL), FL_OK);
    (void)fclose(file);
    struct fl_reading reading = {
        .format = format,
        .model = h->model,
        .has_initial = h->initial != FL_NONE,
        .initial = h->initial,
    };
    struct fl_reader *reader = fl_reader_open_bytes(*text, size, &reading);
    struct fl_history *again = NULL;
    struct fl_error error = {0};
    enum fl_status status = fl_reader_next(reader, &again, NULL, &error);
    if (status != FL_OK) {
        printf("# %s, %u:%u: %s\n%s", format->name, error.line, error.column,
               error.text, *text);
    }
    fl_reader_close(reader);
    return again;
}

/* One history through one form; false: it has no place there. */
static bool try_form(const struct fl_format *format, struct fl_history *h)
{
    char why[300] = "";
    bool fits = format->fits == NULL || format->fits(h, NULL, why, sizeof(why));
    char *text = NULL;
    if (!fits) {
        size_t size;
        FILE *file = open_memstream(&text, &size);
        CU_ASSERT_EQUAL(format->write(file, h, NULL), FL_BAD_INPUT);
        CU_ASSERT(why[0] != '\0');
        (void)fclose(file);
        free(text);
        return false;
    }
    struct fl_history *again = round_trip(format, h, &text);
    bool same = again != NULL && is_same(h, again) &&
                verdict_of(h) == verdict_of(again);
    if (!same) {
        printf("# %s of %s:\n%s", format->name, h->model->name, text);
    }
    CU_ASSERT(same);
    free(text);
    fl_history_free(again);
    return true;
}

static uint32_t find_index(const char *name)
{
    uint32_t i = 0;
    while (fl_formats[i] != NULL && strcmp(fl_formats[i]->name, name) != 0) {
        i++;
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(fl_formats[i]);
    return i;
}

/* Another answer of the same kind, which may be wrong. */
static void change(const struct fl_history *h, struct fl_operation *op)
{
    enum fl_kind kind = h->model->types[op->fn].result;
    if (op->ret != FL_OPEN && kind == FL_KIND_INT && op->result >= 0) {
        op->result++;
    } else if (op->ret != FL_OPEN && kind == FL_KIND_BOOL) {
        op->result = !op->result;
    }
}

/* Says nothing where a register may hold nothing: a write or a comparison. */
static void blank(const struct fl_history *h, struct fl_operation *op)
{
    const struct fl_operation_type *type = &h->model->types[op->fn];
    if (strstr(h->model->name, "register") != NULL) {
        for (uint32_t k = 0; k < FL_ARGS_MAX && type->args[k] == FL_KIND_INT;
             k++) {
            op->args[k] = FL_NONE;
        }
    }
}

/* Makes histories of a model, some whole, some with crashes or open ends, and
 * counts those that each form has a place for. */
static void try_model(const struct fl_model *model, uint32_t held[FORMATS_MAX])
{
    struct fl_history *h = fl_history_new(model, 16, 16);
    struct fl_strings *strings = fl_strings_new();
    h->strings = fl_strings_hold(strings);
    for (uint64_t i = 0; i < HISTORIES; i++) {
        uint64_t seed = i;
        struct random_wish wish = {.model = model,
                                   .operations = i % 8 == 7 ? 1 : 6,
                                   .clients = 3,
                                   .keys = i % 4 == 1 ? 2 : 1,
                                   .crashes = i % 8 == 2,
                                   .strings = strings};
        random_history(h, &wish, &seed);
        if (strcmp(model->name, "semaphore") == 0) {
            h->initial = 0;
        }
        for (uint32_t k = 0; k < h->count && i % 2 == 0; k += 3) {
            change(h, &h->operations[k]);
        }
        if (i % 16 == 6 && h->count > 0) {
            blank(h, &h->operations[i / 16 % h->count]);
        }
        CU_ASSERT_FATAL(fl_history_settle(h));
        for (uint32_t f = 0; fl_formats[f] != NULL && h->count > 0; f++) {
            held[f] += try_form(fl_formats[f], h);
        }
    }
    fl_strings_release(strings);
    fl_history_free(h);
}

/* Forms, models, and how many of 400 histories must have had a place. */
static void every_form_there_and_back(void)
{
    static const struct {
        const char *model;
        const char *format;
        uint32_t least;
    } wanted[] = {
        {"register", "jsonl", 390},
        {"register", "edn", 390},
        {"register", "csv", 300},
        {"register", "knossos", 20},
        {"register", "jepsen-json", 20},
        {"register", "etcd-log", 200},
        {"kv", "porcupine-kv", 300},
        {"stack", "limo", 200},
        {"fifo_queue", "limo", 200},
        {"stack", "fptlin", 20},
        {"fifo_queue", "fptlin", 20},
        {"priority_queue", "fptlin", 20},
        {"set", "fptlin", 20},
        {"set", "polylin", 20},
        {"stack", "polylin", 20},
        {"deque", "polylin", 20},
        {"priority_queue", "polylin", 20},
    };
    for (uint32_t m = 0; fl_models[m] != NULL; m++) {
        uint32_t held[FORMATS_MAX] = {0};
        try_model(fl_models[m], held);
        for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
            uint32_t f = find_index(wanted[i].format);
            bool named = strcmp(wanted[i].model, fl_models[m]->name) == 0;
            if (named && held[f] < wanted[i].least) {
                printf("# %s of %s: %u\n", wanted[i].format, wanted[i].model,
                       held[f]);
            }
            CU_ASSERT(!named || held[f] >= wanted[i].least);
        }
    }
}

/* What was told to clients that came back, and what was made safe. */
static void events_there_and_back(void)
{
    static const char text[] =
        "{\"model\":\"register\",\"initial\":0}\n"
        "{\"client\":0,\"op\":\"write\",\"args\":[7],\"result\":null,"
        "\"call\":0,\"return\":null}\n"
        "{\"event\":\"crash\",\"client\":0,\"at\":1}\n"
        "{\"event\":\"recover\",\"client\":0,\"at\":2}\n"
        "{\"event\":\"resolve\",\"client\":0,\"at\":3,\"done\":true}\n"
        "{\"client\":0,\"op\":\"read\",\"args\":[],\"result\":null,\"call\":4,"
        "\"return\":null}\n"
        "{\"event\":\"crash\",\"client\":0,\"at\":5}\n"
        "{\"event\":\"resolve\",\"client\":0,\"at\":6,\"done\":true,"
        "\"result\":7}\n"
        "{\"event\":\"resolve\",\"client\":0,\"at\":7,\"done\":false}\n"
        "{\"event\":\"resolve\",\"client\":0,\"at\":8,\"done\":null}\n"
        "{\"event\":\"sync\",\"at\":9}\n{\"event\":\"crash_all\",\"at\":10}\n";
    struct fl_reader *reader =
        fl_reader_open_bytes(text, sizeof(text) - 1, NULL);
    struct fl_history *h = NULL;
    struct fl_error error = {0};
    CU_ASSERT_EQUAL_FATAL(fl_reader_next(reader, &h, NULL, &error), FL_OK);
    fl_reader_close(reader);
    char *written = NULL;
    struct fl_history *again = round_trip(fl_format_find("edn"), h, &written);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    CU_ASSERT(is_same(h, again));
    CU_ASSERT_EQUAL_FATAL(again->events_count, 9);
    for (uint32_t i = 0; i < 9; i++) {
        CU_ASSERT_EQUAL(again->events[i].kind, h->events[i].kind);
        CU_ASSERT_EQUAL(again->events[i].client, h->events[i].client);
        CU_ASSERT_EQUAL(again->events[i].at, h->events[i].at);
        CU_ASSERT_EQUAL(again->events[i].resolved, h->events[i].resolved);
        CU_ASSERT_EQUAL(again->events[i].result, h->events[i].result);
    }
    char why[200];
    CU_ASSERT(!fl_format_find("csv")->fits(h, NULL, why, sizeof(why)));
    CU_ASSERT_STRING_EQUAL(why, "it has no word for crash at 1");
    free(written);
    fl_history_free(again);
    fl_history_free(h);
}

/* A history of one operation, and what each form says of it. */
static const struct {
    const char *line;
    const char *format;
    const char *says;
    bool fits;
} placeless[] = {
    {"{\"model\":\"cas_register\"}\n{\"client\":3,\"op\":\"cas\",\"args\":"
     "[1,2],\"result\":false,\"call\":0,\"return\":1}\n",
     "knossos",
     "client 3 cas(1, 2) (line 2): false would be :fail, which did not "
     "happen",
     false},
    {"{\"model\":\"register\"}\n{\"client\":3,\"op\":\"read\",\"args\":[],"
     "\"result\":null,\"call\":0,\"return\":1}\n",
     "jepsen-json", "client 3 read() (line 2): nil would say nothing", false},
    {"{\"model\":\"stack\"}\n{\"client\":1,\"op\":\"pop\",\"args\":[],"
     "\"result\":-1,\"call\":0,\"return\":1}\n",
     "fptlin", "client 1 pop() (line 2): -1 would be \"empty\"", false},
    {"{\"model\":\"stack\"}\n{\"client\":1,\"op\":\"push\",\"args\":[4],"
     "\"result\":null,\"call\":0,\"return\":null}\n",
     "polylin",
     "client 1 push(4) (line 2): no place for an operation without a "
     "return",
     false},
    {"{\"model\":\"stack\"}\n{\"client\":1,\"op\":\"push\",\"key\":7,"
     "\"args\":[4],\"result\":null,\"call\":0,\"return\":1}\n",
     "limo", "client 1 push(4) (line 2): no place for a key", false},
    {"{\"model\":\"kv\"}\n{\"client\":1,\"op\":\"get\",\"key\":7,"
     "\"args\":[],\"result\":\"\",\"call\":0,\"return\":1}\n",
     "limo", "it has no word for model kv", false},
    {"{\"model\":\"register\",\"initial\":5,\"capacity\":2,"
     "\"criterion\":\"strict\"}\n{\"client\":1,\"op\":\"write\",\"args\":"
     "[4],\"result\":null,\"call\":0,\"return\":1}\n",
     "knossos",
     "left out: the initial value (--initial 5), capacity 2, criterion "
     "strict",
     true},
    {"{\"model\":\"cas_register\",\"initial\":0}\n{\"client\":1,\"op\":"
     "\"cas\",\"args\":[0,null],\"result\":true,\"call\":0,\"return\":1}\n",
     "fptlin", "client 1 cas(0, unset) (line 2): an argument is a number there",
     false},
    {"{\"model\":\"register\"}\n{\"client\":1,\"op\":\"write\",\"args\":"
     "[4],\"result\":null,\"call\":0,\"return\":1}\n",
     "fptlin",
     "client 1 write(4) (line 2): only a cas that succeeded has "
     "a word",
     false},
};

static void what_has_no_place_is_named(void)
{
    for (size_t i = 0; i < sizeof(placeless) / sizeof(placeless[0]); i++) {
        struct fl_reader *reader = fl_reader_open_bytes(
            placeless[i].line, strlen(placeless[i].line), NULL);
        struct fl_history *h = NULL;
        struct fl_header header;
        struct fl_error error = {0};
        CU_ASSERT_EQUAL_FATAL(fl_reader_next(reader, &h, &header, &error),
                              FL_OK);
        char why[300];
        CU_ASSERT_EQUAL(fl_format_find(placeless[i].format)
                            ->fits(h, &header, why, sizeof(why)),
                        placeless[i].fits);
        if (strcmp(why, placeless[i].says) != 0) {
            printf("# %zu: %s\n", i, why);
        }
        CU_ASSERT_STRING_EQUAL(why, placeless[i].says);
        fl_history_free(h);
        fl_reader_close(reader);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"every form, there and back", every_form_there_and_back},
        {"events, there and back", events_there_and_back},
        {"what has no place is named", what_has_no_place_is_named},
        {NULL, NULL},
    };
    return tap_run("formats_round", cases);
}

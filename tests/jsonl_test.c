/*
 * Histories as lines of JSON: what is read, what is refused and where, and
 * that what is written is read again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/random_history.h"
#include "tests/tap.h"

#include "checker/format/jsonl.h"

#define HEADER "{\"model\":\"register\",\"initial\":0}\n"

static enum fl_status read_text(const char *text, size_t size,
                                struct fl_history **h, struct fl_header *header,
                                struct fl_error *error)
{
    struct fl_jsonl *reader = fl_jsonl_open_bytes(text, size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    enum fl_status status = fl_jsonl_next(reader, h, header, error);
    fl_jsonl_close(reader);
    return status;
}

/* A bad input: what is wrong, and where. */
struct refusal {
    const char *text;
    uint32_t line;
    uint32_t column;
    const char *says; /* a part of the message */
};

static const struct refusal refusals[] = {
    {"", 1, 1, "no history"},
    {"\n \n", 1, 1, "no history"},
    {"hello\n", 1, 1, "expected '{', found 'h'"},
    {"{\"model\":\"heap\"}\n", 1, 10, "no model \"heap\""},
    {"{\"client\":0}\n", 1, 1, "expected a header"},
    {"{\"model\":\"set\",\"expect\":\"maybe\"}", 1, 25, "no verdict"},
    {"{\"model\":\"set\",\"initial\":{}}", 1, 26, "expected null"},
    {HEADER "{\"client\":0,\"op\":\"push\"}", 2, 18, "no operation \"push\""},
    {HEADER "{\"client\":0,\"op\":\"write\",\"args\":[1],\"result\":null,"
            "\"call\":0}",
     2, 1, "needs \"return\""},
    {HEADER "{\"client\":0,\"op\":\"write\",\"args\":[],\"result\":null,"
            "\"call\":0,\"return\":1}",
     2, 33, "write takes 1 argument"},
    {HEADER "{\"client\":0,\"op\":\"write\",\"args\":[1,2],\"result\":null,"
            "\"call\":0,\"return\":1}",
     2, 33, "write takes 1 argument"},
    {HEADER "{\"client\":0,\"op\":\"write\",\"args\":[1.5],\"result\":null,"
            "\"call\":0,\"return\":1}",
     2, 34, "found a fraction"},
    {HEADER "{\"client\":0,\"op\":\"write\",\"args\":[\"x\"],\"result\":null,"
            "\"call\":0,\"return\":1}",
     2, 34, "expected a whole number or null, found '\"'"},
    {HEADER "{\"client\":0,\"op\":\"write\",\"args\":[9223372036854775808]}", 2,
     34, "beyond 64 bits"},
    {HEADER "{\"client\":0,\"op\":\"read\",\"result\":1,\"call\":4,"
            "\"return\":3}",
     2, 1, "before its call"},
    {HEADER "{\"client\":0,\"op\":\"read\",\"result\":1,\"call\":4,"
            "\"return\":null}",
     2, 1, "open operation has no result"},
    {HEADER "{\"client\":-1,\"op\":\"read\",\"result\":1,\"call\":4,"
            "\"return\":5}",
     2, 11, "a client must be from 0"},
    {HEADER "{\"client\":0,\"op\":\"read\",\"colour\":1}", 2, 25,
     "unknown member \"colour\""},
    {HEADER "{\"client\":0,\"client\":0,\"op\":\"read\"}", 2, 13, "twice"},
    {HEADER "{\"client\":0,\"op\":\"cas\",\"args\":[1,2],\"result\":null,"
            "\"call\":0,\"return\":1}",
     2, 1, "cas needs a result"},
    {HEADER "{\"client\":0,\"op\":\"read\",\"result\":1,\"call\":0,"
            "\"return\":1} x",
     2, 57, "the end of the line"},
    {HEADER "{\"client\":0,\"op\":\"rea", 2, 18, "string without an end"},
    {HEADER "{\"client\":0,\"op\":\"read\",\"result\":1,\"call\":0,"
            "\"return\":2}\n"
            "{\"client\":1,\"op\":\"read\",\"result\":1,\"call\":2,"
            "\"return\":3}",
     3, 1, "stamp 2 is used twice"},
    {HEADER "{\"client\":0,\"op\":\"read\",\"result\":1,\"call\":0,"
            "\"return\":2}\n"
            "{\"client\":0,\"op\":\"read\",\"result\":1,\"call\":1,"
            "\"return\":3}",
     3, 1, "client 0 calls while"},
    {HEADER "{\"client\":4,\"op\":\"read\",\"result\":1,\"call\":0,"
            "\"return\":2}\n"
            "{\"event\":\"crash_all\",\"at\":1}",
     2, 1, "client 4 returns from a call that a crash cut off"},
    {HEADER "{\"client\":4,\"op\":\"read\",\"result\":1,\"call\":0,"
            "\"return\":1}\n"
            "{\"client\":4,\"op\":\"read\",\"result\":1,\"call\":2,"
            "\"return\":9}\n"
            "{\"event\":\"crash\",\"client\":4,\"at\":5}",
     3, 1, "client 4 returns from a call that a crash cut off"},
    {HEADER "{\"client\":4,\"op\":\"read\",\"result\":1,\"call\":0,"
            "\"return\":2}\n"
            "{\"event\":\"crash_all\",\"at\":2}",
     3, 1, "stamp 2 is used twice (the other use: line 2)"},
    {HEADER "{\"event\":\"crash\",\"client\":0,\"at\":1}\n"
            "{\"event\":\"crash\",\"client\":1,\"at\":1}",
     3, 1, "stamp 1 is used twice (the other use: line 2)"},
    {HEADER "{\"event\":\"crash\",\"at\":1}", 2, 1, "needs \"client\""},
    {HEADER "{\"event\":\"melt\",\"at\":1}", 2, 10, "expected crash"},
    {"{\"model\":\"set\",\"note\":[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]}", 1,
     39, "nested deeper"},
    {"{\"model\":\"kv\",\"initial\":\"\\ud800\"}", 1, 0, "surrogate"},
    {"{\"model\":\"kv\",\"initial\":\"a\tb\"}", 1, 27, "must be escaped"},
    {"{\"model\":\"set\",\"initial\":[]}}", 1, 29, "the end of the line"},
};

static void bad_input_is_refused_where_it_is_bad(void)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *r = &refusals[i];
        struct fl_history *h = NULL;
        struct fl_error error = {0};
        enum fl_status status =
            read_text(r->text, strlen(r->text), &h, NULL, &error);
        bool right = status == FL_BAD_INPUT && h == NULL &&
                     error.line == r->line &&
                     (r->column == 0 || error.column == r->column) &&
                     strstr(error.text, r->says) != NULL;
        if (!right) {
            printf("# %zu: %u:%u: %s\n", i, error.line, error.column,
                   error.text);
        }
        CU_ASSERT(right);
        fl_history_free(h);
    }
}

static void bytes_of_any_kind_are_refused(void)
{
    struct fl_error error;
    struct fl_history *h = NULL;
    CU_ASSERT_EQUAL(read_text("\0\0\0", 3, &h, NULL, &error), FL_BAD_INPUT);
    CU_ASSERT_EQUAL(read_text("\x7f\x45LF\n", 5, &h, NULL, &error),
                    FL_BAD_INPUT);
    size_t size = FL_JSONL_LINE_MAX + 10;
    char *line = malloc(size);
    assert(line != NULL);
    memset(line, ' ', size);
    CU_ASSERT_EQUAL(read_text(line, size, &h, NULL, &error), FL_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "longer than"));
    free(line);
}

static void texts_and_escapes_are_understood(void)
{
    static const char text[] =
        "{\"seed\":\"0x1\",\"model\":\"kv\",\"initial\":\"\",\"id\":\"t\"}\r\n"
        "{\"client\":0,\"op\":\"put\",\"key\":\"k\",\"args\":"
        "[\"\\u00e9\\ud83d\\ude00\\n\"],\"result\":null,\"call\":0,"
        "\"return\":1}\n\n"
        "  {\"return\":3,\"call\":2,\"op\":\"get\",\"result\":"
        "\"\xc3\xa9\xf0\x9f\x98\x80\\n\",\"key\":\"k\",\"client\":7}";
    struct fl_history *h = NULL;
    struct fl_header header;
    struct fl_error error;
    CU_ASSERT_EQUAL_FATAL(
        read_text(text, sizeof(text) - 1, &h, &header, &error), FL_OK);
    CU_ASSERT_EQUAL(h->count, 2);
    CU_ASSERT_EQUAL(h->operations[0].args[0], h->operations[1].result);
    CU_ASSERT_EQUAL(h->operations[1].line, 4);
    CU_ASSERT_STRING_EQUAL(header.id, "t");
    CU_ASSERT_STRING_EQUAL(header.seed, "0x1");
    CU_ASSERT_EQUAL(header.expect, -1);
    char key[16];
    fl_describe_key(h, h->operations[0].key, key, sizeof(key));
    CU_ASSERT_STRING_EQUAL(key, "k");
    struct fl_result *r = NULL;
    CU_ASSERT_EQUAL(fl_check(h, NULL, &r), FL_OK);
    CU_ASSERT_EQUAL(r->verdict, FL_PASS);
    fl_result_free(r);
    fl_history_free(h);
}

static void one_file_may_hold_several(void)
{
    static const char text[] =
        "{\"client\":0,\"op\":\"push\",\"args\":[1],\"call\":5,\"return\":9}\n"
        "{\"model\":\"queue\",\"capacity\":3}\n"
        "{\"model\":\"set\",\"expect\":\"pass\"}\n"
        "{\"client\":0,\"op\":\"pop\",\"result\":null,\"call\":1,\"return\":2}";
    struct fl_jsonl *reader = fl_jsonl_open_bytes(text, sizeof(text) - 1);
    fl_jsonl_use_model(reader, fl_model_find("stack"));
    uint32_t counts[4] = {9, 9, 9, 9};
    uint32_t histories = 0;
    struct fl_history *h = NULL;
    struct fl_header header;
    struct fl_error error;
    while (histories < 4 &&
           fl_jsonl_next(reader, &h, &header, &error) == FL_OK && h != NULL) {
        CU_ASSERT_STRING_EQUAL(h->model->name, "stack");
        counts[histories] = h->count;
        histories++;
        fl_history_free(h);
    }
    CU_ASSERT_EQUAL(histories, 3);
    CU_ASSERT_EQUAL(counts[0], 1);
    CU_ASSERT_EQUAL(counts[1], 0);
    CU_ASSERT_EQUAL(counts[2], 1);
    fl_jsonl_close(reader);
}

static bool same_history(const struct fl_history *a, const struct fl_history *b)
{
    bool same = a->model == b->model && a->count == b->count &&
                a->events_count == b->events_count;
    for (uint32_t i = 0; i < a->count && same; i++) {
        const struct fl_operation *x = &a->operations[i];
        const struct fl_operation *y = &b->operations[i];
        char xs[100] = "";
        char ys[100] = "";
        fl_describe_call(a, x, xs, sizeof(xs));
        fl_describe_call(b, y, ys, sizeof(ys));
        same = x->client == y->client && x->call == y->call &&
               x->ret == y->ret && x->key == y->key && strcmp(xs, ys) == 0;
        fl_describe_result(a, x->fn, x->result, xs, sizeof(xs));
        fl_describe_result(b, y->fn, y->result, ys, sizeof(ys));
        same = same && (x->ret == FL_OPEN || strcmp(xs, ys) == 0);
    }
    for (uint32_t e = 0; e < a->events_count && same; e++) {
        same = a->events[e].kind == b->events[e].kind &&
               a->events[e].client == b->events[e].client &&
               a->events[e].at == b->events[e].at;
    }
    return same;
}

static void what_is_written_is_read_again(void)
{
    struct fl_history *h = fl_history_new(fl_models[0], 16, 8);
    struct fl_strings *strings = fl_strings_new();
    assert(h != NULL && strings != NULL);
    h->strings = fl_strings_hold(strings);
    uint64_t seed = 5;
    uint32_t same = 0;
    for (uint32_t i = 0; i < 600; i++) {
        struct random_wish wish = {.model = fl_models[i % 13],
                                   .operations = 12,
                                   .clients = 4,
                                   .keys = 1 + i % 2,
                                   .crashes = i % 3 == 0,
                                   .strings = strings};
        random_history(h, &wish, &seed);
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        struct fl_header said = {.expect = FL_PASS,
                                 .criterion = FL_STRICT,
                                 .capacity = 4,
                                 .id = "x \"y\"",
                                 .seed = "0x5"};
        CU_ASSERT_EQUAL(fl_jsonl_write(file, h, &said), FL_OK);
        (void)fclose(file);
        struct fl_history *again = NULL;
        struct fl_header header;
        struct fl_error error = {0};
        enum fl_status status = read_text(text, size, &again, &header, &error);
        if (status != FL_OK) {
            printf("# %u:%u: %s\n%s", error.line, error.column, error.text,
                   text);
        }
        CU_ASSERT_EQUAL_FATAL(status, FL_OK);
        same += same_history(h, again) && header.expect == FL_PASS &&
                header.criterion == FL_STRICT && header.capacity == 4 &&
                strcmp(header.id, said.id) == 0;
        fl_history_free(again);
        free(text);
    }
    CU_ASSERT_EQUAL(same, 600);
    fl_strings_release(strings);
    fl_history_free(h);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"bad input is refused where it is bad",
         bad_input_is_refused_where_it_is_bad},
        {"bytes of any kind are refused", bytes_of_any_kind_are_refused},
        {"texts and escapes are understood", texts_and_escapes_are_understood},
        {"one file may hold several", one_file_may_hold_several},
        {"what is written is read again", what_is_written_is_read_again},
        {NULL, NULL},
    };
    return tap_run("jsonl", cases);
}

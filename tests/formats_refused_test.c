/*
 * Histories in the forms of others that are wrong: what is refused, and where;
 * and what is forgiven when a crash cut off the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/format_samples.h"
#include "tests/tap.h"

#include <string.h>

/* A bad input: what is wrong, and where. */
struct refusal {
    const char *format;
    const char *text;
    uint32_t line;
    uint32_t column;
    const char *says;
};

static const struct refusal refusals[] = {
    {"knossos", "", 1, 1, "no history"},
    {"knossos", "[]", 1, 1, "no history"},
    {"knossos",
     "{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :read "
     ":value 1}\n{:process 0 :type :ok :f :read :value 1}\n",
     3, 1, ":ok of client 0, which has no operation in flight"},
    {"knossos",
     "{:process 0 :type :invoke :f :read}\n"
     "  {:process 0 :type :invoke :f :read}\n",
     2, 3, "operation of line 1 is in flight"},
    {"knossos",
     "{:process 0 :type :invoke :f :read}\n{:process 0 :type :info :f :read}\n"
     "{:process 0 :type :invoke :f :read}\n",
     3, 1, "never learnt"},
    {"knossos",
     "{:process 0 :type :invoke :f :write :value \"x\"}\n"
     "{:process 1 :type :invoke :f :read :value 3}\n",
     1, 1, "write is called with a text"},
    {"knossos",
     "{:process 0 :type :invoke :f :read}\n"
     " {:process 0 :type :ok :f :read :value 1.5}\n",
     2, 2, "read answers a value of another kind"},
    {"knossos",
     "{:process 0 :type :invoke :f :read}\n"
     " {:process 0 :type :ok :f :read :value [1 2]}\n",
     2, 2, "expected a whole number"},
    {"knossos",
     "{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :write}\n",
     2, 1, "answers write, but client 0 called read in line 1"},
    {"knossos", "{:process 0 :type :begin :f :read}", 1, 19, "found begin"},
    {"knossos", "{:process 0 :f :read}", 1, 1, "needs :type"},
    {"knossos", "{:process 0 :type :invoke :f :fly}", 1, 1, "no model"},
    {"knossos", "{:process 0 :type :invoke :f :read]", 1, 35, "expected '}'"},
    {"knossos", "[{:process 0 :type :invoke :f :read}", 1, 37, "found the end"},
    {"knossos", "{:process 0 :type :invoke :f", 1, 29, "found the end"},
    {"knossos", "{:process 99999999999999999999}", 1, 11, "beyond 64 bits"},
    {"knossos", "3", 1, 1, "expected an event"},
    {"knossos", "]", 1, 1, "closes nothing"},
    {"knossos", "{:f \"a\\q\"}", 1, 5, "escape"},
    {"knossos", "{:process 0 :value [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]", 1,
     0, "nested deeper"},
    {"edn", ";; faultline {\"model\":\"heap\"}\n", 1, 23, "no model"},
    {"jepsen-json", "[{\"process\":0,\"type\":\"invoke\",\"f\":\"re", 1, 35,
     "without an end"},
    {"porcupine-kv", "{:process 0 :type :invoke :f :put :key \"a\" :value 3}",
     1, 1, "put is called with a number; expected a text"},
    {"etcd-log", LOG "0\t:ok\t:read\t1\n", 1, 1, "no operation in flight"},
    {"etcd-log", LOG "0\t:invoke\t:write\tx\n", 1, 38, "a number or nil"},
    {"etcd-log", LOG "0\t:inv", 1, 27, "PROCESS, :TYPE"},
    {"etcd-log", LOG "0\t:invoke\t:read\tnil\n" LOG "0\t:ok\t:write\t1\n", 2,
     27, "what the client called"},
    {"csv", "client,op\n0,read\n", 1, 1, "op, call, return are needed"},
    {"csv", "client,op,colour,call,return\n", 1, 11, "each once"},
    {"csv", "# faultline {\xff\n" CSV, 1, 14, "not UTF-8"},
    {"edn", ";; faultline {\xff\n", 1, 15, "not UTF-8"},
    {"csv", CSV "0,read,,,,1,7,3\n", 2, 1, "returns at 3, before its call"},
    {"csv", CSV "0,read,,,,1,1,5\n0,read,,,,1,3,9\n", 3, 1, "client 0 calls"},
    {"csv", CSV "0,read,,,,1,1\n", 2, 1, "7 fields; the header has 8"},
    {"csv", CSV "0,read,,,,1,x,5\n", 2, 13, "expected a stamp"},
    {"csv", CSV "0,read,,,,one,1,5\n", 2, 1, "read answers a text"},
    {"csv", CSV "0,cas,,1,2,,1,5\n", 2, 1, "expected true or false"},
    {"csv", CSV "0,read,,,,1,1,\n", 2, 11, "no result, since"},
    {"csv", CSV "0,put,\"x,1,,1,5\n", 2, 7, "a quote without its end"},
    {"csv", CSV "0,write,,1,2,,1,5\n", 2, 1, "write takes 1 argument"},
    {"csv", CSV "0,add,,1,,,1,5\n", 2, 1, "add answers null"},
    {"csv", CSV "0,read,,,,-9223372036854775808,1,5\n", 2, 1, "reserved"},
    {"polylin", "push 1 1 2\n", 1, 1, "\"#\" and the type: stack queue"},
    {"polylin", "# heap\n", 1, 3, "\"#\" and the type"},
    {"polylin", "# stack\npush 1 1\n", 2, 9, "an end, found the end of"},
    {"polylin", "# stack\npush 1 3 2\n", 2, 1, "before its call"},
    {"polylin", "# stack\npush 1 1 2 3\n", 2, 12, "the end of the line"},
    {"polylin", "# stack\nshove 1 1 2\n", 2, 1, "a method"},
    {"polylin", "# stack\nenq 1 1 2\n", 2, 1, "no operation \"enqueue\""},
    {"fptlin", "# set\n0 1 2 INSERT 1 2\n", 2, 16, "0 or 1"},
    {"fptlin", "# stack\n0 1 5 PUSH 1\n0 3 8 POP 1\n", 3, 1, "client 0 calls"},
    {"fptlin", "# stack\n-1 1 5 PUSH 1\n", 2, 1, "a process of 0 or more"},
    {"limo", "[1] call push(3)\n", 1, 2, "@object"},
    {"limo", "# @object atomic-stack\n[1] return 3\n", 2, 1, "no operation in"},
    {"limo", "# @object atomic-stack\n[1] calls\n", 2, 5, "call or return"},
    {"limo", "# @object atomic-stack\n[1] call pop\n# @object atomic-queue\n",
     3, 11, "the object of the lines above"},
};

static void bad_input_is_refused_where_it_is_bad(void)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *r = &refusals[i];
        struct fl_reading reading = {.format = fl_format_find(r->format)};
        struct fl_history *h = NULL;
        struct fl_error error = {0};
        enum fl_status status =
            read_bytes(r->text, strlen(r->text), &reading, &h, &error);
        bool right = status == FL_BAD_INPUT && h == NULL &&
                     error.line == r->line &&
                     (r->column == 0 || error.column == r->column) &&
                     strstr(error.text, r->says) != NULL;
        if (!right) {
            printf("# %zu %s: %u:%u: %s\n", i, r->format, error.line,
                   error.column, error.text);
        }
        CU_ASSERT(right);
        fl_history_free(h);
    }
}

/* Zero bytes, bytes that are no UTF-8, a character cut off: in every format,
 * behind a beginning that is right. */
static void bytes_are_refused_in_every_format(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } troubles[] = {
        {"\n \0", 3, "a zero byte"},
        {"\n \xff", 3, "not UTF-8"},
        {"\n \xc0\xaf", 4, "not UTF-8"},
        {"\n \xed\xa0\x80", 5, "not UTF-8"},
        {"\n \xe2\x82", 4, "within a character"},
    };
    size_t done = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        for (size_t k = 0; k < sizeof(troubles) / sizeof(troubles[0]); k++) {
            size_t size = strlen(samples[i].text);
            char text[2000];
            assert(size + 8 < sizeof(text));
            memcpy(text, samples[i].text, size);
            memcpy(text + size, troubles[k].bytes, troubles[k].size);
            uint32_t line = 2;
            for (size_t c = 0; c < size; c++) {
                line += text[c] == '\n';
            }
            struct fl_reading reading = {.format =
                                             fl_format_find(samples[i].format)};
            struct fl_history *h = NULL;
            struct fl_error error = {0};
            enum fl_status status =
                read_bytes(text, size + troubles[k].size, &reading, &h, &error);
            bool right = status == FL_BAD_INPUT && error.line == line &&
                         strstr(error.text, troubles[k].says) != NULL;
            if (!right) {
                printf("# %zu.%zu: %u:%u: %s\n", i, k, error.line, error.column,
                       error.text);
            }
            CU_ASSERT(right);
            done++;
        }
    }
    CU_ASSERT(done > 100);
}

/* A stream of `size` bytes without the end of a line. */
static void a_line_that_does_not_end_is_refused(void)
{
    static const char *const beginnings[] = {"{\"model\":\"",
                                             "{:process 0 :f \"", "# stack\n",
                                             "client,", (LOG "0 ")};
    static const char *const names[] = {"jsonl", "knossos", "fptlin", "csv",
                                        "etcd-log"};
    size_t size = 8u << 20;
    char *text = malloc(size);
    assert(text != NULL);
    for (size_t i = 0; i < 5; i++) {
        memset(text, 'x', size);
        memcpy(text, beginnings[i], strlen(beginnings[i]));
        struct fl_reading reading = {.format = fl_format_find(names[i])};
        struct fl_history *h = NULL;
        struct fl_error error = {0};
        CU_ASSERT_EQUAL(read_bytes(text, size, &reading, &h, &error),
                        FL_BAD_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "longer than 1 MiB"));
        CU_ASSERT_EQUAL(error.line, i == 2 ? 2 : 1);
    }
    free(text);
}

/* Cut anywhere in its last line, a history is refused or shorter; leniently it
 * is never refused, and never longer. */
static void a_truncated_last_line_is_the_end_if_asked(void)
{
    uint32_t forgiven = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        struct fl_reading reading = {.format = fl_format_find(s->format),
                                     .lenient = true};
        size_t size = strlen(s->text);
        const char *last = s->text + size - 1;
        while (last > s->text && last[-1] != '\n') {
            last--;
        }
        if (last == s->text || last[0] == '#') {
            continue;
        }
        for (const char *end = last; end < s->text + size; end++) {
            struct fl_history *h = NULL;
            struct fl_error error = {0};
            enum fl_status status = read_bytes(s->text, (size_t)(end - s->text),
                                               &reading, &h, &error);
            bool empty = status == FL_BAD_INPUT &&
                         (strstr(error.text, "no history") != NULL ||
                          strstr(error.text, "no operation") != NULL);
            CU_ASSERT(status == FL_OK || empty);
            if (status != FL_OK && !empty) {
                printf("# %zu at %td: %u:%u: %s\n", i, end - s->text,
                       error.line, error.column, error.text);
            }
            CU_ASSERT(h == NULL || h->count <= s->count + 1);
            forgiven += status == FL_OK;
            fl_history_free(h);
        }
    }
    CU_ASSERT(forgiven > 200);
}

/* Behind a character that was cut off nothing more is read, however often. */
static void a_cut_character_is_the_end_if_asked(void)
{
    static const char text[] =
        "{\"model\":\"register\"}\n{\"client\":0,\"op\":\"write\",\"args\":[1],"
        "\"result\":null,\"call\":0,\"return\":1}\n{\"client\":1,\"op\":\"\xc3";
    struct fl_reading reading = {.lenient = true};
    struct fl_reader *reader =
        fl_reader_open_bytes(text, sizeof(text) - 1, &reading);
    struct fl_history *h = NULL;
    struct fl_error error = {0};
    CU_ASSERT_FATAL(reader != NULL);
    CU_ASSERT_EQUAL(fl_reader_next(reader, &h, NULL, &error), FL_OK);
    CU_ASSERT_FATAL(h != NULL);
    CU_ASSERT_EQUAL(h->count, 1);
    fl_history_free(h);
    CU_ASSERT_EQUAL(fl_reader_next(reader, &h, NULL, &error), FL_OK);
    CU_ASSERT_PTR_NULL(h);
    CU_ASSERT_TRUE(fl_reader_truncated(reader));
    fl_reader_close(reader);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"bad input is refused where it is bad",
         bad_input_is_refused_where_it_is_bad},
        {"bytes are refused in every format",
         bytes_are_refused_in_every_format},
        {"a line that does not end is refused",
         a_line_that_does_not_end_is_refused},
        {"a truncated last line is the end if asked",
         a_truncated_last_line_is_the_end_if_asked},
        {"a cut character is the end if asked",
         a_cut_character_is_the_end_if_asked},
        {NULL, NULL},
    };
    return tap_run("formats_refused", cases);
}

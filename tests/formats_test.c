/*
 * Histories in the forms of others: what each sample means, told by its
 * verdict and that of its nearest neighbour; and that what is written in one
 * form is the same history in another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/format_samples.h"
#include "tests/random_history.h"
#include "tests/tap.h"

#include "checker/model.h"

#include <assert.h>
#include <string.h>

static int verdict_of(const struct fl_history *h)
{
    struct fl_result *r = NULL;
    if (fl_check(h, NULL, &r) != FL_OK) {
        return -1;
    }
    int verdict = (int)r->verdict;
    fl_result_free(r);
    return verdict;
}

static void samples_mean_what_they_say(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        struct fl_reading reading = {
            .format = s->said ? fl_format_find(s->format) : NULL};
        struct fl_reader *reader =
            fl_reader_open_bytes(s->text, strlen(s->text), &reading);
        assert(reader != NULL);
        struct fl_history *h = NULL;
        struct fl_history *more = NULL;
        struct fl_error error = {0};
        enum fl_status status = fl_reader_next(reader, &h, NULL, &error);
        const char *format = fl_reader_format(reader)->name;
        bool right = status == FL_OK && h != NULL &&
                     strcmp(format, s->format) == 0 &&
                     strcmp(h->model->name, s->model) == 0 &&
                     h->count == s->count && verdict_of(h) == (int)s->verdict;
        if (!right) {
            printf("# %zu: %s, %s, %u, %u:%u: %s\n", i, format,
                   h == NULL ? "" : h->model->name, h == NULL ? 0 : h->count,
                   error.line, error.column, error.text);
        }
        CU_ASSERT(right);
        CU_ASSERT_EQUAL(fl_reader_next(reader, &more, NULL, &error), status);
        CU_ASSERT_PTR_NULL(more);
        fl_history_free(h);
        fl_reader_close(reader);
    }
}

static char *write_text(const struct fl_format *format,
                        const struct fl_history *h,
                        const struct fl_header *header, size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);
    assert(file != NULL);
    enum fl_status status = format->write(file, h, header);
    CU_ASSERT_EQUAL(status, FL_OK);
    (void)fclose(file);
    return text;
}

/* Writes `h`, reads it, and writes that as lines of JSON: the same text. */
static bool comes_back(const struct fl_format *format,
                       const struct fl_history *h, const char *wanted)
{
    struct fl_header said = {.expect = FL_PASS,
                             .criterion = FL_STRICT,
                             .capacity = 4,
                             .id = "x \"y\"",
                             .seed = "0x5"};
    size_t size;
    char *text = write_text(format, h, &said, &size);
    struct fl_reader *reader = fl_reader_open_bytes(text, size, NULL);
    assert(reader != NULL);
    struct fl_history *again = NULL;
    struct fl_header header;
    struct fl_error error = {0};
    enum fl_status status = fl_reader_next(reader, &again, &header, &error);
    bool same = status == FL_OK && fl_reader_format(reader) == format;
    if (!same) {
        printf("# %s, %u:%u: %s\n%s", fl_reader_format(reader)->name,
               error.line, error.column, error.text, text);
    }
    fl_reader_close(reader);
    free(text);
    if (again == NULL) {
        return false;
    }
    text = write_text(fl_formats[0], again, &header, &size);
    same = same && strcmp(text, wanted) == 0;
    if (!same) {
        printf("# %s:\n%s\n%s", format->name, wanted, text);
    }
    free(text);
    fl_history_free(again);
    return same;
}

static void what_is_written_is_read_again(void)
{
    struct fl_history *h = fl_history_new(fl_models[0], 16, 8);
    struct fl_strings *strings = fl_strings_new();
    assert(h != NULL && strings != NULL);
    h->strings = fl_strings_hold(strings);
    uint64_t seed = 9;
    uint32_t same = 0;
    uint32_t tried = 0;
    uint32_t models = 0;
    while (fl_models[models] != NULL) {
        models++;
    }
    for (uint32_t i = 0; i < 60 * models && same == tried; i++) {
        struct random_wish wish = {.model = fl_models[i % models],
                                   .operations = 12,
                                   .clients = 4,
                                   .keys = 1 + i % 2,
                                   .crashes = i % 3 == 0,
                                   .strings = strings};
        random_history(h, &wish, &seed);
        struct fl_header said = {.expect = FL_PASS,
                                 .criterion = FL_STRICT,
                                 .capacity = 4,
                                 .id = "x \"y\"",
                                 .seed = "0x5"};
        size_t size;
        /* what reading and writing once makes of it: stamps are ranks */
        char *wanted = write_text(fl_formats[0], h, &said, &size);
        for (size_t f = 0; fl_formats[f] != NULL; f++) {
            const struct fl_format *format = fl_formats[f];
            /* those that keep header and clients; formats_round_test has all */
            bool fits =
                format->fits == NULL ||
                (strcmp(format->name, "csv") == 0 && h->events_count == 0);
            if (!fits) {
                continue;
            }
            tried++;
            same += comes_back(format, h, wanted);
        }
        free(wanted);
    }
    CU_ASSERT_EQUAL(same, tried);
    CU_ASSERT(tried >= 120 * models);
    fl_strings_release(strings);
    fl_history_free(h);
}

static void texts_of_any_kind_survive(void)
{
    static const char text[] =
        "{\"model\":\"kv\",\"initial\":null}\n"
        "{\"client\":0,\"op\":\"put\",\"key\":\"k \\\"\\\\,\",\"args\":"
        "[\"a\\n,\\\"b\\\"\\t\xc3\xa9 nil ;#_\"],\"result\":null,\"call\":0,"
        "\"return\":1}\n"
        "{\"client\":1,\"op\":\"get\",\"key\":7,\"args\":[],\"result\":\"7\","
        "\"call\":2,\"return\":4}\n"
        "{\"client\":1,\"op\":\"get\",\"key\":\"7\",\"args\":[],"
        "\"result\":null,\"call\":5,\"return\":null}\n";
    struct fl_history *h = NULL;
    struct fl_error error = {0};
    enum fl_status status =
        read_bytes(text, sizeof(text) - 1, NULL, &h, &error);
    CU_ASSERT_EQUAL_FATAL(status, FL_OK);
    struct fl_header said = {.expect = FL_PASS,
                             .criterion = FL_STRICT,
                             .capacity = 4,
                             .id = "x \"y\"",
                             .seed = "0x5"};
    size_t size;
    char *wanted = write_text(fl_formats[0], h, &said, &size);
    CU_ASSERT(comes_back(fl_format_find("edn"), h, wanted));
    CU_ASSERT(comes_back(fl_format_find("csv"), h, wanted));
    free(wanted);
    fl_history_free(h);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"samples mean what they say", samples_mean_what_they_say},
        {"what is written is read again", what_is_written_is_read_again},
        {"texts of any kind survive", texts_of_any_kind_survive},
        {NULL, NULL},
    };
    return tap_run("formats", cases);
}

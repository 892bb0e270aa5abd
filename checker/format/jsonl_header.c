/*
 * Headers.  Members that we do not know are allowed there: other tools leave
 * their own notes in them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/jsonl_line.h"
#include "checker/model.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const struct fl_json *json)
{
    return json->text->data;
}

static bool take_model(struct fl_json *json, struct fl_history *h)
{
    (void)fl_json_peek(json);
    const char *at = json->at;
    if (!fl_json_string(json)) {
        return false;
    }
    if (h->model != NULL) {
        return true; /* the caller's choice wins */
    }
    h->model = fl_model_find(text_of(json));
    if (h->model != NULL) {
        return true;
    }
    char names[140] = "";
    size_t used = 0;
    for (size_t i = 0; fl_models[i] != NULL; i++) {
        int written = snprintf(names + used, sizeof(names) - used, "%s%s",
                               i == 0 ? "" : ", ", fl_models[i]->name);
        used += written > 0 ? (size_t)written : 0;
        if (used >= sizeof(names)) {
            break;
        }
    }
    return fl_json_fail(json, at, "no model \"%.20s\"; there are %s",
                        text_of(json), names);
}

/* What the object holds at first: null, a number, a text, nothing; or the
 * readers of an accumulator. */
static bool take_initial(struct fl_json *json, struct fl_history *h)
{
    switch (fl_json_peek(json)) {
    case FL_JSON_NULL:
        return fl_json_null(json);
    case FL_JSON_NUMBER:
        return fl_json_integer(json, &h->initial);
    case FL_JSON_STRING:
        if (!fl_json_string(json)) {
            return false;
        }
        if (json->text_size > 0) {
            h->initial =
                fl_strings_add(h->strings, text_of(json), json->text_size);
            json->no_memory = h->initial < 0;
        }
        return !json->no_memory;
    case FL_JSON_ARRAY:
        break;
    case FL_JSON_BOOL:
    case FL_JSON_OBJECT:
    case FL_JSON_NOTHING:
        return fl_json_unexpected(json, "null, a number, a string or a list");
    }
    bool is_list = fl_json_expect(json, '[');
    assert(is_list);
    uint64_t members = 0;
    bool any = false;
    while (!fl_json_accept(json, ']')) {
        int64_t member;
        const char *at = json->at;
        if ((any && !fl_json_expect(json, ',')) ||
            !fl_json_integer(json, &member)) {
            return false;
        }
        if (member < 0 || member > 62) {
            return fl_json_fail(json, at, "a member must be from 0 to 62");
        }
        members |= (uint64_t)1 << member;
        any = true;
    }
    h->initial = any ? (fl_value)members : FL_NONE;
    return true;
}

static bool take_word(struct fl_json *json, char *word, size_t max)
{
    if (fl_json_peek(json) != FL_JSON_STRING) {
        return fl_json_skip(json); /* a number: a seed */
    }
    if (!fl_json_string(json)) {
        return false;
    }
    (void)snprintf(word, max, "%s", text_of(json));
    return true;
}

/* A name out of a list; its number goes to `*value`. */
static bool take_name(struct fl_json *json, bool is_verdict, int *value)
{
    (void)fl_json_peek(json);
    const char *at = json->at;
    if (!fl_json_string(json)) {
        return false;
    }
    if (is_verdict) {
        for (int i = FL_PASS; i <= FL_INCONCLUSIVE; i++) {
            if (strcmp(fl_verdict_name((enum fl_verdict)i), text_of(json)) ==
                0) {
                *value = i;
            }
        }
    } else {
        *value = fl_criterion_find(text_of(json));
    }
    return *value >= 0 ||
           fl_json_fail(json, at, "no %s \"%.40s\"",
                        is_verdict ? "verdict" : "criterion", text_of(json));
}

/* A number from 0 to `max`: a capacity, "relax", a loss. */
static bool take_number(struct fl_json *json, const char *what, int64_t max,
                        int64_t *number)
{
    (void)fl_json_peek(json);
    const char *at = json->at;
    if (!fl_json_integer(json, number)) {
        return false;
    }
    if (*number < 0 || *number > max) {
        return fl_json_fail(json, at, "%s must be from 0 to %s", what,
                            max == UINT32_MAX ? "2^32 - 1" : "2^63 - 1");
    }
    return true;
}

/* The same of 32 bits. */
static bool take_count(struct fl_json *json, const char *what, uint32_t *number)
{
    int64_t value = 0;
    bool taken = take_number(json, what, UINT32_MAX, &value);
    *number = (uint32_t)value;
    return taken;
}

/* What a stamp is worth. */
static bool take_unit(struct fl_json *json, struct fl_history *h)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    (void)fl_json_peek(json);
    const char *at = json->at;
    if (!fl_json_string(json)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text_of(json), units[i].name) == 0) {
            h->unit_ns = units[i].ns;
            return true;
        }
    }
    return fl_json_fail(json, at, "no unit \"%.20s\"; say ns, us, ms or s",
                        text_of(json));
}

/* What a crash may lose: operations, or nanoseconds. */
static bool take_loss(struct fl_json *json, struct fl_header *header)
{
    if (strcmp(text_of(json), "max_loss") == 0) {
        header->loss_bounded = true;
        return take_count(json, "max_loss", &header->loss_max);
    }
    int64_t value = 0;
    bool taken = take_number(json, "max_loss_ns", INT64_MAX, &value);
    header->loss_timed = true;
    header->loss_ns = (uint64_t)value;
    return taken;
}

static bool take_member(struct fl_json *json, struct fl_history *h,
                        struct fl_header *header)
{
    const char *name = text_of(json);
    assert(name != NULL);
    if (strcmp(name, "model") == 0) {
        return take_model(json, h);
    }
    if (strcmp(name, "initial") == 0) {
        return take_initial(json, h);
    }
    if (strcmp(name, "expect") == 0) {
        return take_name(json, true, &header->expect);
    }
    if (strcmp(name, "criterion") == 0) {
        return take_name(json, false, &header->criterion);
    }
    if (strcmp(name, "capacity") == 0) {
        return take_count(json, "a capacity", &header->capacity);
    }
    if (strcmp(name, "relax") == 0) {
        return take_count(json, "relax", &header->relax);
    }
    if (strcmp(name, "unit") == 0) {
        return take_unit(json, h);
    }
    if (strncmp(name, "max_loss", 8) == 0 &&
        (name[8] == '\0' || strcmp(name + 8, "_ns") == 0)) {
        return take_loss(json, header);
    }
    if (strcmp(name, "id") == 0) {
        return take_word(json, header->id, sizeof(header->id));
    }
    if (strcmp(name, "source") == 0) {
        return take_word(json, header->source, sizeof(header->source));
    }
    if (strcmp(name, "seed") == 0) {
        return take_word(json, header->seed, sizeof(header->seed));
    }
    if (strcmp(name, "fault") == 0) {
        return take_word(json, header->fault, sizeof(header->fault));
    }
    return fl_json_skip(json);
}

/* Whether the initial value is one that the model can start with. */
static bool test_initial(struct fl_json *json, const struct fl_history *h)
{
    bool is_text = h->model->types[0].result == FL_KIND_STRING;
    if (!is_text || h->initial == FL_NONE) {
        return true;
    }
    bool known =
        h->initial >= 0 && h->initial < (fl_value)fl_strings_count(h->strings);
    return known || fl_json_fail(json, json->start,
                                 "the initial value must be a string");
}

bool fl_line_header(struct fl_json *json, struct fl_history *h,
                    struct fl_header *header)
{
    bool more = true;
    if (!fl_json_expect(json, '{')) {
        return false;
    }
    for (bool first = true; more; first = false) {
        if (!fl_json_member(json, first, &more) ||
            (more && !take_member(json, h, header))) {
            return false;
        }
    }
    assert(h->model != NULL); /* "model" came first */
    return fl_json_end(json) && test_initial(json, h);
}

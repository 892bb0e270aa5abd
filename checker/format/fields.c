/*
 * Splitting lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/fields.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add_word(struct fl_fields *fields, const char *from, size_t size,
                     uint32_t column)
{
    if (fields->count == FL_FIELDS_MAX) {
        return; /* no format has so many */
    }
    assert(size > 0);
    char *word = fields->word[fields->count];
    size_t kept = size < FL_FIELD_SIZE ? size : FL_FIELD_SIZE - 1;
    memcpy(word, from, kept);
    word[kept] = '\0';
    fields->column[fields->count] = column;
    fields->count++;
}

bool fl_fields_next(struct fl_draft *draft, const char *gaps,
                    struct fl_fields *fields)
{
    struct fl_source *source = draft->source;
    fields->count = 0;
    bool any = fl_source_line(source);
    if (draft->lenient && fl_source_cut(source)) {
        draft->truncated = true;
        source->status = FL_OK;
        return false;
    }
    if (!any) {
        return false;
    }
    const char *at = source->text;
    for (;;) {
        at += strspn(at, gaps);
        size_t size = strcspn(at, gaps);
        if (size == 0) {
            break;
        }
        add_word(fields, at, size, (uint32_t)(at - source->text) + 1);
        at += size;
    }
    assert(fields->count <= FL_FIELDS_MAX);
    return true;
}

bool fl_fields_fail(struct fl_draft *draft, const struct fl_fields *fields,
                    uint32_t i, const char *text)
{
    uint32_t end = (uint32_t)draft->source->text_size + 1;
    bool is_word = i < fields->count;
    return fl_source_fail(draft->source, draft->source->line,
                          is_word ? fields->column[i] : end,
                          "expected %s, found %s%.40s%s", text,
                          is_word ? "\"" : "the end of the line",
                          is_word ? fields->word[i] : "", is_word ? "\"" : "");
}

bool fl_fields_number(struct fl_draft *draft, const struct fl_fields *fields,
                      uint32_t i, const char *what, int64_t *number)
{
    *number = 0;
    if (i >= fields->count) {
        return fl_fields_fail(draft, fields, i, what);
    }
    assert(i < FL_FIELDS_MAX);
    const char *word = fields->word[i];
    char *end = NULL;
    errno = 0;
    *number = strtoll(word, &end, 10);
    bool begins = word[0] == '-' || (word[0] >= '0' && word[0] <= '9');
    return (begins && *end == '\0' && errno == 0) ||
           fl_fields_fail(draft, fields, i, what);
}

const char *fl_fields_meaning(const struct fl_meaning *meanings,
                              const char *word)
{
    for (uint32_t i = 0; meanings[i].word != NULL; i++) {
        if (strcasecmp(meanings[i].word, word) == 0) {
            return meanings[i].means;
        }
    }
    return NULL;
}

bool fl_fields_type(struct fl_draft *draft, const char *gaps,
                    const struct fl_meaning *types, const char **type)
{
    struct fl_fields fields;
    char wanted[120] = "\"#\" and the type:";
    size_t used = strlen(wanted);
    for (uint32_t i = 0; types[i].word != NULL && used < sizeof(wanted); i++) {
        int size = snprintf(wanted + used, sizeof(wanted) - used, " %s",
                            types[i].word);
        used += size > 0 ? (size_t)size : 0;
    }
    if (!fl_fields_next(draft, gaps, &fields)) {
        return fl_source_fail(draft->source, 1, 1, "no history in it");
    }
    if (strcmp(fields.word[0], "#") != 0) {
        return fl_fields_fail(draft, &fields, 0, wanted);
    }
    *type = fields.count < 2 ? NULL : fl_fields_meaning(types, fields.word[1]);
    if (*type == NULL) {
        return fl_fields_fail(draft, &fields, 1, wanted);
    }
    draft->rules.model = *type;
    return true;
}

void fl_fields_contain(struct fl_draft_operation *op, const char *name,
                       int64_t value)
{
    bool adds = strncmp(name, "push", 4) == 0 || strcmp(name, "insert") == 0 ||
                strcmp(name, "enqueue") == 0;
    struct fl_scalar scalar = {FL_SCALAR_INT, value};
    if (!adds && value == -1) {
        scalar.kind = FL_SCALAR_NONE;
    }
    fl_draft_set(op, adds ? FL_SLOT_FIRST : FL_SLOT_RESULT, scalar);
    assert(op->outcome == FL_OUTCOME_OK);
}

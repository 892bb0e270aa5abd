/*
 * Lvalues: what the source says at the line of an access.
 *
 * The first argument of an atomic operation is what it is about; elsewhere any
 * lvalue of the line may be.  Which of them it is, types and addresses tell
 * later (names.c), so too many candidates do no harm.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    JOINED_SIZE = 512, /* of a statement over several lines */
    LINES_BACK = 3,
    LINES_AHEAD = 2,
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether `text` names an operation that a step of this kind may come from. */
static bool fits(const char *text, enum fl_step_kind kind)
{
    assert(text != NULL);
    static const char *const loads[] = {"load", NULL};
    static const char *const stores[] = {"store", "init", "flag_clear", NULL};
    static const char *const updates[] = {"compare_exchange", "exchange",
                                          "fetch_", "flag_test_and_set", NULL};
    const char *const *words = updates;
    if (kind == FL_STEP_LOAD) {
        words = loads;
    } else if (kind == FL_STEP_STORE) {
        words = stores;
    }
    for (; *words != NULL; words++) {
        if (strncmp(text, *words, strlen(*words)) == 0) {
            return true;
        }
    }
    return false;
}

static void add_lvalue(struct site_text *site, const char *text, size_t size,
                       const char *prefix)
{
    assert(site->lvalues_count <= LVALUES_MAX);
    while (size > 0 && isspace((unsigned char)text[size - 1])) {
        size--;
    }
    if (site->lvalues_count == LVALUES_MAX || size == 0 ||
        size + 2 > LVALUE_SIZE) {
        return;
    }
    (void)snprintf(site->lvalues[site->lvalues_count++], LVALUE_SIZE, "%s%.*s",
                   prefix, (int)size, text);
}

/* The text up to a comma or the end of the arguments. */
static size_t argument_size(const char *text)
{
    int depth = 0;
    size_t size = 0;
    for (; text[size] != '\0'; size++) {
        char c = text[size];
        if (depth == 0 && (c == ',' || c == ')' || c == ';')) {
            break;
        }
        depth += c == '(' || c == '[' ? 1 : 0;
        depth -= c == ')' || c == ']' ? 1 : 0;
    }
    return size;
}

/* The first argument: "&s->head" is about s->head, "p" about *p. */
static void add_argument(struct site_text *site, const char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    bool address = *text == '&';
    text += address ? 1 : 0;
    while (isspace((unsigned char)*text)) {
        text++;
    }
    add_lvalue(site, text, argument_size(text), address ? "" : "*");
}

/* Finds atomic operations of this kind in a statement. */
static void find_atomics(struct site_text *site, const char *text,
                         enum fl_step_kind kind)
{
    const char *at = text;
    while ((at = strstr(at, "atomic_")) != NULL) {
        at += strlen("atomic_");
        const char *name = at;
        while (is_word(*at)) {
            at++;
        }
        if (*at == '(' && fits(name, kind)) {
            add_argument(site, at + 1);
        }
    }
}

static bool begins_arrow(const char *text)
{
    return text[0] == '-' && text[1] == '>';
}

/* The end of the lvalue at `at`; NULL if an index does not end.  `*member`:
 * it is more than a word. */
static const char *lvalue_end(const char *at, bool *member)
{
    *member = false;
    while (is_word(*at) || *at == '.' || *at == '[' || begins_arrow(at)) {
        *member = *member || !is_word(*at);
        at = *at == '[' ? strchr(at, ']') : at;
        if (at == NULL) {
            return NULL;
        }
        at += begins_arrow(at) ? 2 : 1;
    }
    return at;
}

/* Takes every lvalue with a member, an index or a star: `h->next`. */
static void find_plain(struct site_text *site, const char *text)
{
    const char *at = text;
    while (at != NULL && *at != '\0') {
        if (!isalpha((unsigned char)*at) && *at != '_') {
            at++;
            continue;
        }
        bool member = false;
        const char *end = lvalue_end(at, &member);
        bool star = at > text && at[-1] == '*';
        if (end != NULL && (member || star)) {
            add_lvalue(site, at, (size_t)(end - at), star ? "*" : "");
        }
        at = end;
    }
}

/* What the result of an allocation is stored in: of "q = malloc(...)" it is
 * the object *q that is made. */
static void find_made(struct site_text *site, const char *text)
{
    assert(text != NULL);
    const char *end = strchr(text, '=');
    if (end == NULL || end == text || end[1] == '=') {
        return;
    }
    while (end > text && isspace((unsigned char)end[-1])) {
        end--;
    }
    const char *at = end;
    while (at > text && (is_word(at[-1]) || strchr(".->[]", at[-1]) != NULL)) {
        at--;
    }
    add_lvalue(site, at, (size_t)(end - at), "*");
}

/* Joins lines `from` to `to` into one text. */
static void join(struct teller *t, const struct source_place *place,
                 uint32_t from, uint32_t to, char *text)
{
    assert(from <= to);
    assert(place->path != NULL);
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t line = from; line <= to; line++) {
        const char *part = symbols_line(t->symbols, place->path, line);
        if (part == NULL) {
            continue;
        }
        int size = snprintf(text + used, JOINED_SIZE - used, "%s ", part);
        used += size > 0 ? (size_t)size : 0;
        if (used >= JOINED_SIZE) {
            return;
        }
    }
}

/* The first line of the statement that goes on at `line`. */
static uint32_t first_line(struct teller *t, const struct source_place *place)
{
    assert(place->line > 0);
    uint32_t line = place->line;
    for (int i = 0; i < LINES_BACK && line > 1; i++) {
        const char *before = symbols_line(t->symbols, place->path, line - 1);
        if (before == NULL || strpbrk(before, ";{}") != NULL ||
            strstr(before, "*/") != NULL || before[0] == '\0') {
            break;
        }
        line--;
    }
    return line;
}

static void read_site(struct teller *t, struct site_text *site,
                      enum fl_step_kind kind)
{
    assert(site->lvalues_count == 0);
    if (!symbols_place(t->symbols, site->pc, &site->place)) {
        return;
    }
    char text[JOINED_SIZE];
    const struct source_place *place = &site->place;
    if (kind == FL_STEP_ALLOC) {
        join(t, place, first_line(t, place), place->line, text);
        find_made(site, text);
    } else {
        join(t, place, place->line, place->line + LINES_AHEAD, text);
        find_atomics(site, text, kind);
        if (site->lvalues_count == 0) {
            join(t, place, first_line(t, place), place->line, text);
            find_atomics(site, text, kind);
        }
        site->atomic = site->lvalues_count > 0;
        join(t, place, place->line, place->line, text);
        find_plain(site, text);
    }
    for (uint32_t i = 0; i < site->lvalues_count; i++) {
        if (!symbols_object(t->symbols, site->pc, site->lvalues[i],
                            &site->objects[i])) {
            site->objects[i].type = NO_TYPE;
        }
    }
}

/* The site of a step; one place in the code may be the site of several kinds,
 * but its text is that of the first. */
static uint32_t find_site(struct teller *t, const struct log_step *step)
{
    for (uint32_t i = 0; i < t->sites_count; i++) {
        if (t->sites[i].pc == step->pc) {
            return i;
        }
    }
    struct site_text *site = &t->sites[t->sites_count];
    *site = (struct site_text){.pc = step->pc};
    if (t->symbols != NULL) {
        read_site(t, site, step->kind);
    }
    return t->sites_count++;
}

void lvalues_read(struct teller *t)
{
    uint32_t count = t->log->steps_count;
    /* As many as there are steps at most; pages not touched cost nothing. */
    uint32_t distinct = 0;
    t->site_of = arena_take(t->arena, (count + 1) * sizeof(*t->site_of));
    for (uint32_t i = 0; i < count; i++) {
        bool known = false;
        for (uint32_t j = i > 256 ? i - 256 : 0; j < i && !known; j++) {
            known = t->log->steps[j].pc == t->log->steps[i].pc;
        }
        distinct += known ? 0 : 1;
    }
    t->sites = arena_take(t->arena, (distinct + 1) * sizeof(*t->sites));
    for (uint32_t i = 0; i < count; i++) {
        const struct log_step *step = &t->log->steps[i];
        t->site_of[i] = step->pc == 0 ? FL_NO_STEP : find_site(t, step);
        assert(t->sites_count <= distinct);
    }
}

/*
 * Places: the line of each step that tells most.
 *
 * An access inside a function of a few lines ("look", "swap", "lock") is told
 * where that function is called, since its own line is the same for all; the
 * inner line is kept beside it.  A call or return stands at the function of
 * the algorithm that performs the operation, instead of perform(), in which
 * all operations begin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"
#include "harness/object.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    SMALL_MAX = 12, /* lines of a small function */
    CHAIN_MAX = 24, /* frames of a step */
};

#define ANY UINT32_MAX

/* The frames of a step, innermost first, up to perform(). */
struct chain {
    struct source_frame frame[CHAIN_MAX];
    uint32_t count;
    bool performs; /* the last is perform() */
};

/* A function in which operations begin: perform(), or for an object of the
 * user's those of its table. */
struct home {
    const char *function; /* NULL: not known */
    uint32_t fn;          /* of the one operation that begins in it, or ANY */
    struct source_place place;
};

/* What of the chain does not depend on the step. */
struct cast {
    struct home homes[FL_OPERATIONS_MAX];
    uint32_t count;
};

/* --- sites ---------------------------------------------------------------- */

/* Whether the function that begins at line `begins` ends within a few lines: C
 * closes a function in the first column. */
static bool is_small(const struct teller *t, const struct source_frame *frame)
{
    if (frame->begins == 0 || frame->at.path == NULL) {
        return false;
    }
    for (uint32_t line = frame->begins; line < frame->begins + SMALL_MAX;
         line++) {
        const char *text = symbols_line(t->symbols, frame->at.path, line);
        if (text == NULL) {
            return false;
        }
        if (text[0] == '}') {
            return true;
        }
    }
    return false;
}

/* Whether the function is of a library's header, such as <atomic>: nobody who
 * reads the report wrote it. */
static bool is_foreign(const struct source_frame *frame)
{
    static const char *const places[] = {"/usr/include/", "/usr/lib/",
                                         "/usr/local/include/c++/"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (frame->at.path != NULL &&
            strncmp(frame->at.path, places[i], strlen(places[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void read_frames(struct teller *t)
{
    for (uint32_t i = 0; i < t->sites_count && t->symbols != NULL; i++) {
        struct site_text *site = &t->sites[i];
        site->frames_count =
            symbols_chain(t->symbols, site->pc, site->frames, FRAMES_OF_SITE);
        site->small =
            site->frames_count > 0 &&
            (is_small(t, &site->frames[0]) || is_foreign(&site->frames[0]));
    }
}

/* --- chains --------------------------------------------------------------- */

static bool is_performing(const struct cast *cast, const char *function)
{
    for (uint32_t i = 0; i < cast->count && function != NULL; i++) {
        const char *home = cast->homes[i].function;
        if (home != NULL && strcmp(home, function) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds frames until perform() is among them. */
static void add_frames(const struct cast *cast, struct chain *chain,
                       const struct source_frame *frames, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (chain->performs || chain->count == CHAIN_MAX) {
            return;
        }
        chain->frame[chain->count++] = frames[i];
        chain->performs = is_performing(cast, frames[i].at.function);
    }
}

/* The frames of log step `at`; `max` of the callers' are looked up, each of
 * which costs. */
static void find_chain(const struct teller *t, const struct cast *cast,
                       uint32_t at, uint32_t max, struct chain *chain)
{
    assert(at < t->log->steps_count);
    const struct log_step *step = &t->log->steps[at];
    uint32_t site = t->site_of[at];
    *chain = (struct chain){.count = 0};
    if (site == FL_NO_STEP) {
        return;
    }
    add_frames(cast, chain, t->sites[site].frames, t->sites[site].frames_count);
    for (uint32_t i = 0; i < step->callers_count && chain->count < max; i++) {
        if (chain->performs ||
            symbols_is_harness(t->symbols, step->callers[i])) {
            return;
        }
        struct source_frame frames[FRAMES_OF_SITE];
        uint32_t count =
            symbols_chain(t->symbols, step->callers[i], frames, FRAMES_OF_SITE);
        add_frames(cast, chain, frames, count);
    }
}

/* --- columns -------------------------------------------------------------- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Where `word` stands alone in `line`, from 1; 0: nowhere. */
static uint32_t find_word(const char *line, const char *word)
{
    size_t size = strlen(word);
    const char *at = line;
    while (size > 0 && (at = strstr(at, word)) != NULL) {
        bool begins = at == line || !is_word(at[-1]) || !is_word(word[0]);
        if (begins && !is_word(at[size])) {
            return (uint32_t)(at - line) + 1;
        }
        at++;
    }
    return 0;
}

/* What the source line is about: one of the lvalues of the access, the call of
 * the inner function, or what the debug information says. */
static uint32_t find_column(const struct teller *t,
                            const struct source_place *place,
                            const struct site_text *site, const char *inner)
{
    const char *line = place->path == NULL
                           ? NULL
                           : symbols_line(t->symbols, place->path, place->line);
    if (line == NULL) {
        return 0;
    }
    uint32_t column = inner == NULL ? 0 : find_word(line, inner);
    if (inner == NULL && !site->atomic && place->column <= strlen(line)) {
        column = place->column; /* of a plain access it is the access */
    }
    for (uint32_t i = 0;
         column == 0 && inner == NULL && i < site->lvalues_count; i++) {
        const char *text = site->lvalues[i];
        column = find_word(line, text[0] == '*' ? text + 1 : text);
    }
    if (column == 0 && place->column <= strlen(line)) {
        column = place->column;
    }
    return column;
}

/* --- steps ---------------------------------------------------------------- */

static void set_place(const struct teller *t, struct fl_step *step,
                      const struct source_place *place)
{
    step->file = arena_copy(t->arena, place->file);
    step->path = arena_copy(t->arena, place->path);
    step->line = place->line;
}

/* The place of an access; inside a small function that of its caller, unless
 * that is perform(). */
static void place_access(struct teller *t, const struct cast *cast, uint32_t i)
{
    uint32_t at = t->log_of[i];
    uint32_t index = t->site_of[at];
    if (index == FL_NO_STEP) {
        return;
    }
    const struct site_text *site = &t->sites[index];
    struct fl_step *step = &t->steps[i];
    struct chain chain = {.count = 0};
    bool foreign = site->small && is_foreign(&site->frames[0]);
    if (site->small) {
        find_chain(t, cast, at, foreign ? CHAIN_MAX : 2, &chain);
    }
    uint32_t up = 1; /* to the caller, and out of the library */
    while (up + 1 < chain.count && is_foreign(&chain.frame[up])) {
        up++;
    }
    const struct source_frame *outer = &chain.frame[up];
    bool wrapped = chain.count > up && outer->at.path != NULL &&
                   (!is_performing(cast, outer->at.function) || foreign);
    if (!wrapped) {
        set_place(t, step, &site->place);
        step->column = find_column(t, &site->place, site, NULL);
        return;
    }
    set_place(t, step, &outer->at);
    step->column =
        find_column(t, &outer->at, site, chain.frame[up - 1].at.function);
    if (foreign) {
        return; /* the inner line tells nobody anything */
    }
    step->inner_file = arena_copy(t->arena, site->place.file);
    step->inner_line = site->place.line;
}

/* The name of the operation of log step `at`: "dequeue". */
static const char *operation_name(const struct teller *t, uint32_t operation)
{
    const struct fl_history *h = t->record->history;
    return h == NULL || operation >= h->count
               ? ""
               : h->model->types[h->operations[operation].fn].name;
}

/*
 * The function that performs the operation that log step `call` calls: called
 * by perform(), and named like the operation, or else more than a few lines.
 * False: it cannot be told.
 */
static bool find_performer(const struct teller *t, const struct cast *cast,
                           uint32_t call, struct source_frame *found)
{
    const struct log_step *first = &t->log->steps[call];
    const char *name = operation_name(t, first->operation);
    bool any = false;
    for (uint32_t i = call + 1; i < t->log->steps_count; i++) {
        const struct log_step *step = &t->log->steps[i];
        if (step->thread != first->thread) {
            continue;
        }
        if (step->kind == FL_STEP_CALL || step->kind == FL_STEP_RETURN) {
            break;
        }
        struct chain chain;
        find_chain(t, cast, i, CHAIN_MAX, &chain);
        if (!chain.performs || chain.count < 2) {
            continue;
        }
        const struct source_frame *frame = &chain.frame[chain.count - 2];
        if (frame->begins == 0 || frame->at.function == NULL) {
            continue;
        }
        if (name[0] != '\0' && strstr(frame->at.function, name) != NULL) {
            *found = *frame;
            return true;
        }
        if (!any && !is_small(t, frame)) {
            *found = *frame;
            any = true;
        }
    }
    return any;
}

/* Whether it is in code of ours that is linked into every plug-in. */
static bool is_shim(const struct source_place *place)
{
    return place->path != NULL &&
           strstr(place->path, "/harness/sim/shim/") != NULL;
}

/* The place of a call, and of the return that belongs to it. */
static void place_call(struct teller *t, const struct cast *cast, uint32_t i)
{
    assert(t->steps[i].kind == FL_STEP_CALL);
    struct source_place place = {.function = NULL};
    uint32_t operation = t->log->steps[t->log_of[i]].operation;
    const struct fl_history *h = t->record->history;
    for (uint32_t k = 0; k < cast->count; k++) {
        const struct home *home = &cast->homes[k];
        bool own = h != NULL && operation < h->count &&
                   h->operations[operation].fn == home->fn;
        if (own || (home->fn == ANY && !is_shim(&home->place))) {
            place = home->place;
        }
    }
    struct source_frame performer;
    if (find_performer(t, cast, t->log_of[i], &performer)) {
        place = performer.at;
        place.line = performer.begins;
    }
    set_place(t, &t->steps[i], &place);
    for (uint32_t k = i + 1; k < t->count; k++) {
        if (t->steps[k].thread != t->steps[i].thread) {
            continue;
        }
        if (t->steps[k].kind == FL_STEP_CALL) {
            return;
        }
        if (t->steps[k].kind == FL_STEP_RETURN) {
            set_place(t, &t->steps[k], &place);
            return;
        }
    }
}

/* The function at `start` is one in which operations begin. */
static void add_home(const struct teller *t, struct cast *cast, uintptr_t start,
                     uint32_t fn)
{
    assert(cast->count < FL_OPERATIONS_MAX);
    struct home *home = &cast->homes[cast->count];
    *home = (struct home){.fn = fn};
    if (start != 0 && symbols_place(t->symbols, start + 1, &home->place)) {
        home->function = home->place.function;
        cast->count++;
    }
}

static void learn_cast(const struct teller *t, struct cast *cast)
{
    const struct object *object = t->source->object;
    uintptr_t start = 0;
    cast->count = 0;
    if (object == NULL) {
        memcpy(&start, &t->source->algorithm->perform, sizeof(start));
        add_home(t, cast, start, ANY);
        return;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        memcpy(&start, &object->given->operations[i].call, sizeof(start));
        add_home(t, cast, start, object->mix[i].fn);
    }
}

bool places_is_ours(const struct teller *t, uintptr_t pc)
{
    assert(t->symbols != NULL);
    struct source_place place;
    return symbols_is_harness(t->symbols, pc) ||
           (symbols_place(t->symbols, pc, &place) && is_shim(&place));
}

bool places_of_stack(const struct teller *t, const struct log_stack *stack,
                     struct source_place *place)
{
    assert(stack->count <= STACK_MAX);
    if (t->symbols == NULL) {
        return false;
    }
    struct cast cast;
    struct chain chain = {.count = 0};
    learn_cast(t, &cast);
    for (uint32_t i = 0; i < stack->count && chain.count < 2; i++) {
        if (places_is_ours(t, stack->pc[i])) {
            continue;
        }
        struct source_frame frames[FRAMES_OF_SITE];
        uint32_t count =
            symbols_chain(t->symbols, stack->pc[i], frames, FRAMES_OF_SITE);
        add_frames(&cast, &chain, frames, count);
    }
    if (chain.count == 0 || chain.frame[0].at.path == NULL) {
        return false;
    }
    bool wrapped = chain.count > 1 && is_small(t, &chain.frame[0]) &&
                   chain.frame[1].at.path != NULL &&
                   !is_performing(&cast, chain.frame[1].at.function);
    *place = chain.frame[wrapped ? 1 : 0].at;
    return true;
}

void places_tell(struct teller *t)
{
    assert(t->steps != NULL);
    assert(t->site_of != NULL);
    if (t->symbols == NULL) {
        return;
    }
    read_frames(t);
    struct cast cast;
    learn_cast(t, &cast);
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->steps[i].kind == FL_STEP_CALL) {
            place_call(t, &cast, i);
        } else if (t->steps[i].kind != FL_STEP_RETURN) {
            place_access(t, &cast, i);
        }
    }
}

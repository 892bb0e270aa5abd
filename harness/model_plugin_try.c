/*
 * A walk with a model: does it keep its promises?
 *
 * Every step is made twice, from two copies of one state that lie between
 * marked bytes.  The walk takes the operations in an order of its own (a fixed
 * generator), so that it also comes to states in which operations fail.
 *
 *     | marks | state, at most state_max bytes | marks |
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/model_plugin.h"

#include "checker/model.h"
#include "harness/need.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS_MAX = 4096,
    MARKS = 64, /* bytes on each side of a state */
    MARK_FIRST = 0xa5,
    MARK_SECOND = 0x5a, /* behind the second: what is not written differs */
    DESCRIBED_MAX = 32, /* bytes for a state in words: few */
    ROUNDS = 4,         /* as often the walk begins anew */
};

/* One state with what lies around it. */
struct yard {
    unsigned char *bytes; /* the marks before, then the state */
    unsigned char mark;
    size_t size; /* of the state */
};

struct walk {
    const struct fl_history *h;
    struct fl_space space;
    size_t max; /* of a state */
    struct yard a;
    struct yard b;
    unsigned char *before;
    size_t before_size;
    char *text;
    size_t text_max;
};

static void *state_of(const struct yard *yard)
{
    return yard->bytes + MARKS;
}

/* Makes a yard, all marks. */
static struct yard make_yard(size_t max, unsigned char mark)
{
    struct yard yard = {.mark = mark};
    _Static_assert(MARKS % _Alignof(max_align_t) == 0,
                   "states are aligned for any type");
    yard.bytes = need(malloc(max + (size_t)2 * MARKS), "a trial of a model");
    memset(yard.bytes, mark, max + (size_t)2 * MARKS);
    return yard;
}

/* Whether nothing was written outside the state. */
static bool is_fenced(const struct yard *yard, size_t max)
{
    for (size_t i = 0; i < MARKS; i++) {
        if (yard->bytes[i] != yard->mark ||
            yard->bytes[MARKS + max + i] != yard->mark) {
            return false;
        }
    }
    return true;
}

static bool fail(struct walk *w, const struct fl_operation *op,
                 const char *what)
{
    char call[80] = "start";
    if (op != NULL) {
        (void)fl_describe_call(w->h, op, call, sizeof(call));
    }
    (void)snprintf(w->text, w->text_max, "model %s, %s: %s", w->h->model->name,
                   call, what);
    return false;
}

/* What start and step have in common. */
static bool judge_states(struct walk *w, const struct fl_operation *op)
{
    if (w->a.size > w->max || w->b.size > w->max || !is_fenced(&w->a, w->max) ||
        !is_fenced(&w->b, w->max)) {
        return fail(w, op, "it writes a state of more bytes than state_max");
    }
    if (w->a.size != w->b.size ||
        memcmp(state_of(&w->a), state_of(&w->b), w->a.size) != 0) {
        return fail(w, op,
                    "from equal states it comes to different ones (a byte "
                    "that is not written, an address, a clock)");
    }
    return true;
}

/* Whether the state is as it was before the step. */
static bool is_unchanged(const struct walk *w)
{
    return w->a.size == w->before_size &&
           memcmp(state_of(&w->a), w->before, w->before_size) == 0;
}

static bool judge_step(struct walk *w, const struct fl_operation *op,
                       fl_value first, fl_value second)
{
    const struct fl_model *model = w->h->model;
    if (!judge_states(w, op)) {
        return false;
    }
    if (first != second) {
        return fail(w, op, "two answers in equal states");
    }
    if (first == FL_REFUSED && !is_unchanged(w)) {
        return fail(w, op, "it answers FL_REFUSED and changes the state");
    }
    if (model->types[op->fn].pure && !is_unchanged(w)) {
        return fail(w, op, "its type is pure, and it changes the state");
    }
    bool as_told = op->ret != FL_OPEN && first == op->result;
    if (as_told && model->inert != NULL && model->inert(op) &&
        !is_unchanged(w)) {
        return fail(w, op, "it is inert, and it changes the state");
    }
    return true;
}

static bool begin(struct walk *w)
{
    const struct fl_model *model = w->h->model;
    w->a.size = model->start(&w->space, state_of(&w->a));
    w->b.size = model->start(&w->space, state_of(&w->b));
    return judge_states(w, NULL);
}

/* One operation, twice; a refused one leaves everything as it was. */
static bool walk_step(struct walk *w, const struct fl_operation *op)
{
    const struct fl_model *model = w->h->model;
    w->before_size = w->a.size;
    memcpy(w->before, state_of(&w->a), w->a.size);
    fl_value first = model->step(&w->space, state_of(&w->a), &w->a.size, op);
    fl_value second = model->step(&w->space, state_of(&w->b), &w->b.size, op);
    return judge_step(w, op, first, second);
}

static bool describe_state(struct walk *w)
{
    char text[DESCRIBED_MAX + 480]; /* what is longer must be cut */
    memset(text, 1, sizeof(text));
    const char *given = w->h->model->describe(&w->space, state_of(&w->a),
                                              w->a.size, text, DESCRIBED_MAX);
    bool kept = given == text && memchr(text, '\0', DESCRIBED_MAX) != NULL;
    for (size_t i = DESCRIBED_MAX; i < sizeof(text); i++) {
        kept = kept && text[i] == 1;
    }
    if (!kept) {
        return fail(w, NULL,
                    "describe does not write a text within `max` bytes and "
                    "return it");
    }
    return true;
}

/* A round takes so many operations at most and leaves out a third of them. */
static bool walk_round(struct walk *w, uint32_t round)
{
    uint64_t state = 0x9e3779b97f4a7c15u * (round + 1);
    uint32_t steps = STEPS_MAX / ROUNDS;
    if (!begin(w)) {
        return false;
    }
    for (uint32_t i = 0; i < w->h->count && steps > 0; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bool takes = round == 0 || state >> 40 & 3;
        if (!takes) {
            continue;
        }
        steps--;
        if (!walk_step(w, &w->h->operations[i])) {
            return false;
        }
    }
    return describe_state(w);
}

bool model_plugin_try(const struct fl_history *h,
                      const struct fl_options *options, char *text, size_t max)
{
    assert(h != NULL && text != NULL && max > 0);
    struct walk w = {.h = h, .text = text, .text_max = max};
    fl_space_init(&w.space, h);
    if (options != NULL) {
        fl_space_limit(&w.space, options->capacity, options->relax);
    }
    text[0] = '\0';
    w.max = h->model->state_max(&w.space);
    if (w.max > (size_t)1 << 32) {
        return fail(&w, NULL, "state_max asks for more than 4 GiB");
    }
    w.a = make_yard(w.max, MARK_FIRST);
    w.b = make_yard(w.max, MARK_SECOND);
    w.before = need(malloc(w.max + 1), "a trial of a model");
    bool good = true;
    for (uint32_t round = 0; round < ROUNDS && good; round++) {
        good = walk_round(&w, round);
    }
    free(w.a.bytes);
    free(w.b.bytes);
    free(w.before);
    return good;
}

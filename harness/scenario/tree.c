/*
 * The tree of a YAML file, built from libfyaml's events.
 *
 * Events, not libfyaml's own document: they come one at a time and carry their
 * place, so depth, size and aliases are bounded before anything is built.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/tree.h"

#include <assert.h>
#include <libfyaml.h>
#include <string.h>

/* A tree being built: the open lists and mappings, outermost first. */
struct builder {
    struct complaints *complaints;
    struct node *root;
    struct node *open[TREE_DEPTH_MAX];
    uint32_t depth;
    uint32_t nodes;
    const char *key; /* read, and its value not yet; else NULL */
    struct place key_place;
    bool twice; /* the key was there before: its value hangs nowhere */
    bool ended; /* one document has been read */
};

static struct place place_of(const struct fy_mark *mark)
{
    if (mark == NULL || mark->line < 0 || mark->column < 0) {
        return (struct place){1, 1};
    }
    return (struct place){(uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
}

/* libfyaml counts characters; places count bytes. */
static struct place place_in_bytes(const struct complaints *complaints,
                                   const struct fy_mark *mark)
{
    struct place place = place_of(mark);
    if (mark != NULL && mark->input_pos <= complaints->size) {
        size_t start = mark->input_pos;
        while (start > 0 && complaints->text[start - 1] != '\n') {
            start--;
        }
        place.column = (uint32_t)(mark->input_pos - start) + 1;
    }
    return place;
}

/* Where an event stands.  Nothing at all stands where its key does, and the
 * mark of a quoted text lies behind its quote. */
static struct place find_place(const struct builder *b, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (mark == NULL && b->key != NULL) {
        return b->key_place;
    }
    if (mark == NULL && b->depth > 0) {
        return b->open[b->depth - 1]->place;
    }
    struct place place = place_in_bytes(b->complaints, mark);
    bool quoted =
        event->type == FYET_SCALAR && event->scalar.value != NULL &&
        (fy_token_scalar_style(event->scalar.value) == FYSS_SINGLE_QUOTED ||
         fy_token_scalar_style(event->scalar.value) == FYSS_DOUBLE_QUOTED);
    if (quoted && place.column > 1) {
        place.column--;
    }
    return place;
}

static bool is_full(struct builder *b, struct place place)
{
    if (b->nodes >= TREE_NODES_MAX) {
        complain(b->complaints, place,
                 "more than %d values; split the scenario", TREE_NODES_MAX);
        return true;
    }
    return false;
}

/* Hangs `node` under the innermost open list or mapping. */
static void hang(struct builder *b, struct node *node)
{
    b->nodes++;
    if (b->depth == 0) {
        assert(b->root == NULL);
        b->root = node;
        return;
    }
    assert(node->next == NULL);
    struct node *parent = b->open[b->depth - 1];
    if (parent->kind == NODE_MAPPING) {
        assert(b->key != NULL);
        node->key = b->key;
        node->key_place = b->key_place;
        b->key = NULL;
    }
    if (b->twice) {
        b->twice = false;
        return;
    }
    if (parent->last == NULL) {
        parent->first = node;
    } else {
        parent->last->next = node;
    }
    parent->last = node;
    parent->count++;
}

/* A key: it must be new in its mapping. */
static bool take_key(struct builder *b, const char *key, struct place place)
{
    assert(b->depth > 0);
    assert(b->key == NULL);
    const struct node *parent = b->open[b->depth - 1];
    const struct node *before = node_find(parent, key);
    if (strcmp(key, "<<") == 0) {
        complain(b->complaints, place,
                 "merge keys are not read; write the keys out");
        return false;
    }
    if (before != NULL) {
        complain(b->complaints, place, "'%s' is here twice; first in line %u",
                 key, before->key_place.line);
        b->twice = true;
    }
    if (parent->count >= TREE_KEYS_MAX) {
        complain(b->complaints, place, "more than %d keys in one mapping",
                 TREE_KEYS_MAX);
        return false;
    }
    b->key = key;
    b->key_place = place;
    return true;
}

static bool take_scalar(struct builder *b, struct fy_event *event,
                        struct place place)
{
    struct fy_token *token = event->scalar.value;
    size_t size = 0;
    const char *text = token == NULL ? "" : fy_token_get_text(token, &size);
    if (event->scalar.anchor != NULL || event->scalar.tag != NULL) {
        complain(b->complaints, place,
                 "anchors (&) and tags (!) are not read; leave them out, or "
                 "quote the text");
        return false;
    }
    if (text == NULL || size > TREE_SCALAR_MAX) {
        complain(b->complaints, place, "a text of more than %d bytes",
                 TREE_SCALAR_MAX);
        return false;
    }
    if (memchr(text, '\0', size) != NULL) {
        complain(b->complaints, place, "a NUL character in a text");
        return false;
    }
    const char *copy = arena_text(b->complaints->arena, text, size);
    bool wants_key = b->depth > 0 && b->key == NULL &&
                     b->open[b->depth - 1]->kind == NODE_MAPPING;
    if (wants_key) {
        return take_key(b, copy, place);
    }
    struct node *node = arena_take(b->complaints->arena, sizeof(*node));
    node->kind = NODE_SCALAR;
    node->text = copy;
    node->place = place;
    enum fy_scalar_style style =
        token == NULL ? FYSS_PLAIN : fy_token_scalar_style(token);
    node->quoted = style != FYSS_PLAIN;
    hang(b, node);
    return true;
}

/* A list or mapping begins. */
static bool take_start(struct builder *b, enum node_kind kind, bool marked,
                       struct place place)
{
    if (marked) {
        complain(b->complaints, place,
                 "anchors (&) and tags (!) are not read; leave them out");
        return false;
    }
    bool wants_key = b->depth > 0 && b->key == NULL &&
                     b->open[b->depth - 1]->kind == NODE_MAPPING;
    if (wants_key) {
        complain(b->complaints, place, "a key must be a word");
        return false;
    }
    if (b->depth >= TREE_DEPTH_MAX) {
        complain(b->complaints, place, "nested deeper than %d levels",
                 TREE_DEPTH_MAX);
        return false;
    }
    struct node *node = arena_take(b->complaints->arena, sizeof(*node));
    node->kind = kind;
    node->text = "";
    node->place = place;
    hang(b, node);
    b->open[b->depth++] = node;
    assert(b->depth <= TREE_DEPTH_MAX);
    return true;
}

static bool take_document(struct builder *b, struct place place)
{
    if (b->ended) {
        complain(b->complaints, place,
                 "a second document; write one scenario a file");
        return false;
    }
    b->ended = true;
    return true;
}

/* Takes one event; false: enough is wrong, read no further. */
static bool take_event(struct builder *b, struct fy_event *event)
{
    struct place place = find_place(b, event);
    if (is_full(b, place)) {
        return false;
    }
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return take_document(b, place);
    case FYET_SCALAR:
        return take_scalar(b, event, place);
    case FYET_SEQUENCE_START:
        return take_start(b, NODE_SEQUENCE,
                          event->sequence_start.anchor != NULL ||
                              event->sequence_start.tag != NULL,
                          place);
    case FYET_MAPPING_START:
        return take_start(b, NODE_MAPPING,
                          event->mapping_start.anchor != NULL ||
                              event->mapping_start.tag != NULL,
                          place);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        assert(b->depth > 0);
        b->depth--;
        return true;
    case FYET_ALIAS:
        complain(b->complaints, place,
                 "aliases (*) are not read; to write the text *, quote it");
        return false;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        return true;
    }
    return true;
}

/* What libfyaml itself found wrong: its first error says it best. */
static void complain_syntax(struct complaints *complaints, struct fy_diag *diag)
{
    void *at = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
    if (error == NULL) {
        complain(complaints, (struct place){0, 0}, "is not YAML");
        return;
    }
    struct place place = {error->line > 0 ? (uint32_t)error->line : 1,
                          error->column > 0 ? (uint32_t)error->column : 1};
    bool colon = strstr(error->msg, "nested block mapping on the same") != NULL;
    complain(complaints, place, "not YAML: %s%s", error->msg,
             colon ? "; put a text with ': ' in quotes" : "");
}

static void drop_output(struct fy_diag *diag, void *user, const char *text,
                        size_t size)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)size;
}

static struct fy_diag *make_diag(void)
{
    struct fy_diag_cfg config;
    fy_diag_cfg_default(&config);
    config.fp = NULL;
    config.output_fn = drop_output;
    config.level = FYET_ERROR;
    config.colorize = false;
    struct fy_diag *diag = fy_diag_create(&config);
    if (diag != NULL) {
        fy_diag_set_collect_errors(diag, true);
    }
    return diag;
}

/* Parses all events; false: something was complained about. */
static bool build(struct builder *b, struct fy_parser *parser,
                  struct fy_diag *diag)
{
    struct complaints *complaints = b->complaints;
    if (fy_parser_set_string(parser, complaints->text, complaints->size) != 0) {
        complain(complaints, (struct place){0, 0}, "cannot be parsed");
        return false;
    }
    bool good = true;
    while (good) {
        struct fy_event *event = fy_parser_parse(parser);
        if (event == NULL) {
            break;
        }
        good = take_event(b, event);
        fy_parser_event_free(parser, event);
    }
    if (good && fy_parser_get_stream_error(parser)) {
        complain_syntax(complaints, diag);
        good = false;
    }
    assert(!good || b->depth == 0);
    return good;
}

const struct node *tree_read(struct complaints *complaints)
{
    struct builder b = {.complaints = complaints};
    struct fy_diag *diag = make_diag();
    struct fy_parse_cfg config = {
        .search_path = "", .flags = FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_parser *parser = diag == NULL ? NULL : fy_parser_create(&config);
    bool good = false;
    if (parser == NULL) {
        complain(complaints, (struct place){0, 0}, "no memory to parse it");
    } else {
        good = build(&b, parser, diag);
        fy_parser_destroy(parser);
    }
    if (diag != NULL) {
        fy_diag_destroy(diag);
    }
    if (good && b.root == NULL) {
        complain(complaints, (struct place){0, 0},
                 "is empty; begin with the line `scenario: 1`");
        return NULL;
    }
    if (good && b.root->kind != NODE_MAPPING) {
        complain(complaints, b.root->place,
                 "a scenario is a mapping; begin with the line `scenario: 1`");
        return NULL;
    }
    assert(good || complaints->count > 0);
    return good ? b.root : NULL;
}

const struct node *node_find(const struct node *mapping, const char *key)
{
    assert(mapping != NULL && key != NULL);
    if (mapping->kind != NODE_MAPPING) { /* told where it is read */
        return NULL;
    }
    for (const struct node *n = mapping->first; n != NULL; n = n->next) {
        if (strcmp(n->key, key) == 0) {
            return n;
        }
    }
    return NULL;
}

const char *node_describe(const struct node *node, char *out, size_t max)
{
    switch (node->kind) {
    case NODE_SCALAR:
        if (node->text[0] == '\0' && !node->quoted) {
            snprintf(out, max, "nothing");
        } else {
            snprintf(out, max, "'%.60s'", node->text);
        }
        break;
    case NODE_SEQUENCE:
        snprintf(out, max, "a list");
        break;
    case NODE_MAPPING:
        snprintf(out, max, "a mapping");
        break;
    }
    return out;
}

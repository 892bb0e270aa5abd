/*
 * Loading a scenario: bytes, then text, then a tree, then a struct.
 *
 * Each stage trusts the one before and complains by itself, so that a file is
 * refused by the first that understands what is wrong with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/need.h"
#include "harness/plugin.h"
#include "harness/scenario/reader.h"
#include "harness/utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_control(unsigned char c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

/* Refuses what is no text: NUL and control characters, bytes not UTF-8. */
static bool check_text(struct complaints *complaints)
{
    const char *text = complaints->text;
    struct place place = {1, 1};
    for (size_t at = 0; at < complaints->size;) {
        size_t length = utf8_measure(text + at, complaints->size - at);
        if (length == 0 || is_control((unsigned char)text[at])) {
            complain(complaints, place,
                     "byte 0x%02x is no text; a scenario is a YAML file in "
                     "UTF-8",
                     (unsigned char)text[at]);
            return false;
        }
        place.column += (uint32_t)length;
        if (text[at] == '\n') {
            place.line++;
            place.column = 1;
        }
        at += length;
    }
    return true;
}

static bool read_all(struct reader *reader)
{
    struct complaints *complaints = &reader->complaints;
    if (complaints->size > SCENARIO_SIZE_MAX) {
        complain(complaints, (struct place){0, 0},
                 "has more than %d bytes; a scenario is one question",
                 SCENARIO_SIZE_MAX);
        return false;
    }
    if (!check_text(complaints)) {
        return false;
    }
    const struct node *root = tree_read(complaints);
    if (root == NULL) {
        return false;
    }
    reader_begin(reader->scenario);
    reader_walk(reader, root);
    reader_settle(reader, root);
    return complaints->count == 0;
}

struct scenario *scenario_parse(const char *path, const char *text, size_t size,
                                FILE *errors)
{
    assert(path != NULL);
    assert(text != NULL || size == 0);
    struct arena *arena = arena_new();
    struct scenario *scenario = arena_take(arena, sizeof(*scenario));
    /* A file too large is not copied: it is refused by its size. */
    size_t kept = size > SCENARIO_SIZE_MAX ? 0 : size;
    scenario->owner = arena;
    scenario->path = arena_text(arena, path, strlen(path));
    scenario->text = arena_text(arena, text, kept);
    struct reader reader = {
        .arena = arena,
        .scenario = scenario,
        .complaints = {.arena = arena,
                       .path = scenario->path,
                       .text = scenario->text,
                       .size = size},
    };
    bool good = read_all(&reader);
    if (!good) {
        complaints_print(&reader.complaints, errors);
    } else if (reader.later[0] != '\0') {
        scenario->skip = arena_text(arena, reader.later, strlen(reader.later));
    }
    complaints_release(&reader.complaints);
    free(reader.tasks);
    if (!good) {
        arena_free(arena);
        return NULL;
    }
    return scenario;
}

/* Reads at most one byte more than a scenario may have. */
static char *read_stream(FILE *file, size_t *size)
{
    char *text = need(malloc(SCENARIO_SIZE_MAX + 1), "a scenario");
    *size = fread(text, 1, SCENARIO_SIZE_MAX + 1, file);
    if (ferror(file)) {
        free(text);
        return NULL;
    }
    return text;
}

static void complain_reading(const char *path, const char *why, FILE *errors)
{
    fprintf(errors,
            "%s: error: cannot be read: %s; `faultline list scenarios` shows "
            "what there is\n",
            path, why);
}

/* A scenario whose algorithm was left out is skipped, and says why. */
static void see_what_is_there(struct scenario *scenario)
{
    char text[200] = "";
    const struct names *algorithm = &scenario->system.algorithm;
    if (scenario->skip == NULL && algorithm->count > 0 &&
        plugin_left_out(algorithm->name[0], text, sizeof(text))) {
        scenario->skip = arena_text(scenario->owner, text, strlen(text));
    }
}

static struct scenario *load_stream(const char *path, FILE *file, FILE *errors)
{
    size_t size = 0;
    errno = 0;
    char *text = read_stream(file, &size);
    if (text == NULL) {
        complain_reading(path, strerror(errno), errors);
        return NULL;
    }
    struct scenario *scenario = scenario_parse(path, text, size, errors);
    free(text);
    if (scenario != NULL) {
        see_what_is_there(scenario);
    }
    return scenario;
}

struct scenario *scenario_load(const char *path, FILE *errors)
{
    assert(path != NULL);
    if (strcmp(path, "-") == 0) {
        return load_stream("-", stdin, errors);
    }
    struct stat status;
    if (stat(path, &status) != 0) {
        complain_reading(path, strerror(errno), errors);
        return NULL;
    }
    if (S_ISDIR(status.st_mode)) {
        complain_reading(path, "it is a directory", errors);
        return NULL;
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        complain_reading(path, strerror(errno), errors);
        return NULL;
    }
    struct scenario *scenario = load_stream(path, file, errors);
    (void)fclose(file);
    return scenario;
}

void scenario_free(struct scenario *scenario)
{
    if (scenario != NULL) {
        arena_free(scenario->owner);
    }
}

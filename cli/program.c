/*
 * Programs on the command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/program.h"

#include "harness/sim/schedule/strategy.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    TITLE_SIZE = 72
};

#define SEEDS_DEFAULT 10000

const char *program_subject(const struct program_texts *texts)
{
    bool program = texts->program != NULL && texts->program[0] != NULL;
    return program ? texts->program[0] : texts->library;
}

bool program_named(const struct program_texts *texts)
{
    return program_subject(texts) != NULL;
}

/* `word` as YAML has a text in quotes; of JSON's escapes the two that a word
 * of a command needs. */
static void put_word(FILE *out, const char *word)
{
    assert(word != NULL);
    (void)putc('"', out);
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            (void)putc('\\', out);
        }
        if ((unsigned char)*c < ' ') {
            (void)fprintf(out, "\\x%02x", (unsigned)*c);
        } else {
            (void)putc(*c, out);
        }
    }
    (void)putc('"', out);
}

static void put_list(FILE *out, const char *key, char *const *words)
{
    if (words == NULL || words[0] == NULL) {
        return;
    }
    (void)fprintf(out, "  %s: [", key);
    for (uint32_t i = 0; words[i] != NULL; i++) {
        (void)fputs(i == 0 ? "" : ", ", out);
        put_word(out, words[i]);
    }
    (void)fputs("]\n", out);
}

static void put_text(FILE *out, const char *key, const char *word)
{
    if (word != NULL) {
        (void)fprintf(out, "  %s: ", key);
        put_word(out, word);
        (void)putc('\n', out);
    }
}

/* Adds the letters of `word` that a title may have, others as '-'. */
static size_t add_title(char *title, size_t used, const char *word)
{
    for (const char *c = word; *c != '\0' && used + 1 < TITLE_SIZE; c++) {
        bool plain = isalnum((unsigned char)*c) != 0;
        bool fine = plain || (used > 0 && strchr("_.+-", *c) != NULL);
        title[used] = (char)(fine ? *c : '-');
        used++;
    }
    title[used] = '\0';
    return used;
}

/* "cases-CASE-1" for cases.c with CASE=1. */
static void make_title(const struct program_texts *texts,
                       char title[TITLE_SIZE])
{
    const char *name = program_subject(texts);
    const char *slash = strrchr(name, '/');
    size_t used = add_title(title, 0, slash == NULL ? name : slash + 1);
    char *dot = strrchr(title, '.');
    if (dot != NULL && dot != title) {
        *dot = '\0';
        used = (size_t)(dot - title);
    }
    for (uint32_t i = 0; texts->define != NULL && texts->define[i] != NULL;
         i++) {
        used = add_title(title, used, "-");
        used = add_title(title, used, texts->define[i]);
    }
    if (!isalnum((unsigned char)title[0])) {
        title[0] = '_'; /* a title begins with a letter or a digit */
    }
}

static bool is_searched(const struct program_texts *texts)
{
    const struct strategy *strategy =
        texts->strategy == NULL ? NULL : strategy_find(texts->strategy);
    return strategy != NULL && strategy->searches;
}

struct scenario *program_scenario(const struct program_texts *texts)
{
    char title[TITLE_SIZE];
    char *text = NULL;
    size_t size = 0;
    assert(program_named(texts));
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        perror("faultline run");
        return NULL;
    }
    make_title(texts, title);
    (void)fprintf(out, "scenario: 1\nname: %s\nsystem:\n  kind: threads\n",
                  title);
    put_list(out, "program", texts->program);
    put_text(out, "library", texts->library);
    put_text(out, "threads", texts->threads);
    put_text(out, "races", texts->races);
    put_text(out, "leaks", texts->leaks);
    put_text(out, "stack", texts->stack);
    put_list(out, "define", texts->define);
    put_list(out, "include", texts->include);
    put_list(out, "cflags", texts->cflags);
    put_list(out, "arguments", texts->arguments);
    put_list(out, "environment", texts->environment);
    put_text(out, "compiler", texts->compiler);
    if (texts->model != NULL || texts->capacity != NULL ||
        texts->progress != NULL) {
        (void)fputs("check:\n", out);
        put_text(out, "model", texts->model);
        put_text(out, "capacity", texts->capacity);
        put_text(out, "progress", texts->progress);
    }
    if (texts->operations != NULL) {
        (void)fputs("workload:\n", out);
        put_text(out, "ops_per_thread", texts->operations);
    }
    (void)fprintf(out, "run: { seeds: 1..%d }\n",
                  is_searched(texts) ? 1 : SEEDS_DEFAULT);
    if (fclose(out) != 0) {
        perror("faultline run");
        free(text);
        return NULL;
    }
    struct scenario *scenario =
        scenario_parse(program_subject(texts), text, size, stderr);
    free(text);
    return scenario;
}

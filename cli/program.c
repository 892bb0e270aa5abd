/*
 * Programs on the command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/program.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    TITLE_SIZE = 72
};

#define SEEDS_DEFAULT 10000

bool program_named(const struct program_texts *texts)
{
    return texts->program != NULL && texts->program[0] != NULL;
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

/* Adds the letters of `word` that a title may have, others as '-'. */
static size_t add_title(char *title, size_t used, const char *word)
{
    for (const char *c = word; *c != '\0' && used + 1 < TITLE_SIZE; c++) {
        bool plain = isalnum((unsigned char)*c) != 0;
        bool fine = plain || (used > 0 && strchr("_.+-", *c) != NULL);
        title[used] = fine ? *c : '-';
        used++;
    }
    title[used] = '\0';
    return used;
}

/* "cases-CASE-1" for cases.c with CASE=1. */
static void make_title(const struct program_texts *texts,
                       char title[TITLE_SIZE])
{
    const char *slash = strrchr(texts->program[0], '/');
    size_t used =
        add_title(title, 0, slash == NULL ? texts->program[0] : slash + 1);
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
    put_list(out, "define", texts->define);
    put_list(out, "include", texts->include);
    put_list(out, "cflags", texts->cflags);
    put_list(out, "arguments", texts->arguments);
    if (texts->compiler != NULL) {
        (void)fputs("  compiler: ", out);
        put_word(out, texts->compiler);
        (void)putc('\n', out);
    }
    (void)fprintf(out, "run: { seeds: 1..%d }\n", SEEDS_DEFAULT);
    if (fclose(out) != 0) {
        perror("faultline run");
        free(text);
        return NULL;
    }
    struct scenario *scenario =
        scenario_parse(texts->program[0], text, size, stderr);
    free(text);
    return scenario;
}

/*
 * Sources: lines of the files that the code was compiled from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/symbols/inside.h"

#include "harness/need.h"

#include <assert.h>
#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SOURCE_MAX = 1 << 24 /* bytes; nobody reads excerpts of more */
};

static char *read_file(const char *path)
{
    assert(path != NULL);
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        return NULL;
    }
    char *text = NULL;
    size_t size = 0;
    size_t max = 0;
    for (size_t got = 1; got > 0 && size < SOURCE_MAX;) {
        if (max - size < 4096) {
            max = max == 0 ? 1 << 16 : max * 2;
            char *more = need(realloc(text, max), "symbols");
            text = more;
        }
        got = fread(text + size, 1, max - size - 1, in);
        size += got;
    }
    (void)fclose(in);
    text[size] = '\0';
    return text;
}

/* Ends each line with a 0 and notes where it begins. */
static void cut_lines(struct source *source)
{
    assert(source->text != NULL);
    assert(source->lines == NULL);
    uint32_t count = 1;
    for (const char *c = source->text; *c != '\0'; c++) {
        count += *c == '\n' ? 1 : 0;
    }
    source->lines = need(calloc(count, sizeof(*source->lines)), "symbols");
    char *next = source->text;
    while (source->count < count) {
        char *line = strsep(&next, "\n");
        source->lines[source->count++] = line;
        line[strcspn(line, "\r")] = '\0';
    }
    assert(next == NULL);
}

static struct source *add_source(struct symbols *symbols, const char *path)
{
    assert(path != NULL);
    uint32_t count = symbols->sources_count + 1;
    struct source *more =
        need(realloc(symbols->sources, count * sizeof(*symbols->sources)),
             "symbols");
    char *name = need(strdup(path), "symbols");
    symbols->sources = more;
    struct source *source = &more[symbols->sources_count++];
    *source = (struct source){.path = name, .text = read_file(path)};
    if (source->text != NULL) {
        cut_lines(source);
    }
    return source;
}

const char *symbols_line(struct symbols *symbols, const char *path,
                         uint32_t line)
{
    if (path == NULL) {
        return NULL;
    }
    struct source *source = NULL;
    for (uint32_t i = 0; i < symbols->sources_count && source == NULL; i++) {
        if (strcmp(symbols->sources[i].path, path) == 0) {
            source = &symbols->sources[i];
        }
    }
    if (source == NULL) {
        source = add_source(symbols, path);
    }
    if (line == 0 || line > source->count) {
        return NULL;
    }
    return source->lines[line - 1];
}

const char *sources_path(struct symbols *symbols, Dwarf_Die *unit,
                         const char *path)
{
    Dwarf_Attribute attribute;
    const char *folder = dwarf_formstring(
        dwarf_attr_integrate(unit, DW_AT_comp_dir, &attribute));
    if (path == NULL || path[0] == '/' || folder == NULL) {
        return path;
    }
    char whole[PATH_SIZE];
    (void)snprintf(whole, sizeof(whole), "%s/%s", folder, path);
    for (uint32_t i = 0; i < symbols->paths_count; i++) {
        if (strcmp(symbols->paths[i], whole) == 0) {
            return symbols->paths[i];
        }
    }
    uint32_t count = symbols->paths_count + 1;
    char **more =
        need(realloc(symbols->paths, count * sizeof(*more)), "symbols");
    char *copy = need(strdup(whole), "symbols");
    symbols->paths = more;
    symbols->paths[symbols->paths_count++] = copy;
    return copy;
}

void sources_release(struct symbols *symbols)
{
    for (uint32_t i = 0; i < symbols->paths_count; i++) {
        free(symbols->paths[i]);
    }
    free(symbols->paths);
    symbols->paths = NULL;
    symbols->paths_count = 0;
    for (uint32_t i = 0; i < symbols->sources_count; i++) {
        free(symbols->sources[i].path);
        free(symbols->sources[i].text);
        free(symbols->sources[i].lines);
    }
    free(symbols->sources);
    symbols->sources = NULL;
    symbols->sources_count = 0;
}

/*
 * The code that a campaign looks at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/reach_book.h"

#include "harness/need.h"
#include "harness/plugin.h"
#include "harness/symbols.h"

#include <assert.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    OFFSET_BITS = 40 /* of a code; above them, the file */
};

uint64_t reach_code_of(const struct reach_book *book, uintptr_t pc)
{
    if (book == NULL) {
        return pc;
    }
    for (uint32_t i = 0; i < book->objects_count; i++) {
        const struct reach_object *o = &book->objects[i];
        if (pc >= o->first && pc < o->end) {
            return o->base + (pc - o->first);
        }
    }
    return pc; /* of nobody */
}

static void add_object(struct reach_book *book, struct reach_object object)
{
    assert(object.first <= object.end);
    if (book->objects_count < BOOK_OBJECTS_MAX) {
        book->objects[book->objects_count++] = object;
    }
}

/* A file that is no copy of the plug-in: it is known by its name. */
static int add_loaded(struct dl_phdr_info *object, size_t size, void *data)
{
    (void)size;
    struct reach_book *book = data;
    struct reach_object here = {.first = UINTPTR_MAX};
    for (uint32_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &object->dlpi_phdr[i];
        uintptr_t first = object->dlpi_addr + p->p_vaddr;
        if (p->p_type == PT_LOAD) {
            here.first = first < here.first ? first : here.first;
            here.end =
                first + p->p_memsz > here.end ? first + p->p_memsz : here.end;
        }
    }
    for (uint32_t i = 0; i < book->objects_count; i++) {
        if (book->objects[i].first == here.first) {
            return 0;
        }
    }
    const char *slash = strrchr(object->dlpi_name, '/');
    const char *name = slash == NULL ? object->dlpi_name : slash + 1;
    here.base = (XXH3_64bits(name, strlen(name)) | 1) << OFFSET_BITS;
    if (here.first < here.end) {
        add_object(book, here);
    }
    return 0;
}

struct reach_book *book_empty(void)
{
    return need(calloc(1, sizeof(struct reach_book)), "the code that is seen");
}

struct reach_book *book_new(const struct plugin *plugin)
{
    assert(plugin != NULL);
    struct reach_book *book = book_empty();
    for (uint32_t i = 0; i < plugin_copies(plugin); i++) {
        add_object(book, (struct reach_object){.first = plugin_first(plugin, i),
                                               .end = plugin_end(plugin, i)});
    }
    (void)dl_iterate_phdr(add_loaded, book);
    book->fingerprint = reach_hash_code(plugin);
    return book;
}

void book_free(struct reach_book *book)
{
    if (book == NULL) {
        return;
    }
    for (uint32_t i = 0; i < book->lines_count; i++) {
        free(book->lines[i].path);
    }
    free(book);
}

/* The lines of all accesses at `pcs`. */
static void find_lines(struct reach_book *book, const uintptr_t *pcs)
{
    struct symbols *symbols = symbols_open();
    for (uint32_t i = 0; symbols != NULL && i < book->lines_count; i++) {
        struct source_place place;
        if (symbols_place(symbols, pcs[i], &place) && place.path != NULL) {
            book->lines[i].path = need(strdup(place.path), "a path");
            book->lines[i].line = place.line;
        }
    }
    symbols_free(symbols);
}

void book_fill(struct reach_book *book, const struct plugin *plugin,
               const struct reach *seen)
{
    assert(book != NULL && seen != NULL && book->lines_count == 0);
    uintptr_t pcs[REACH_SITES];
    bool lacking = false;
    book->all = reach_find_sites(plugin, pcs, REACH_SITES);
    book->lines_count = book->all < REACH_SITES ? book->all : REACH_SITES;
    for (uint32_t i = 0; i < book->lines_count; i++) {
        book->lines[i].code = reach_code_of(book, pcs[i]);
        lacking = lacking || !reach_has(seen, book->lines[i].code);
    }
    if (lacking) {
        find_lines(book, pcs);
    }
}

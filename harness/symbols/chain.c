/*
 * Chains: the functions that an instruction lies in, inlined ones included.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/symbols/inside.h"

#include <assert.h>
#include <dwarf.h>
#include <stdlib.h>

/* A number that an inlined call carries, or 0. */
static uint32_t find_number(Dwarf_Die *inlined, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number = 0;
    if (dwarf_attr(inlined, name, &attribute) == NULL ||
        dwarf_formudata(&attribute, &number) != 0) {
        return 0;
    }
    return (uint32_t)number;
}

/* Where an inlined function was called; the file stays if none is said. */
static void find_call(struct symbols *symbols, Dwarf_Die *inlined,
                      struct source_place *place)
{
    assert(dwarf_tag(inlined) == DW_TAG_inlined_subroutine);
    Dwarf_Die unit;
    Dwarf_Files *files = NULL;
    size_t count = 0;
    place->function = NULL;
    place->line = find_number(inlined, DW_AT_call_line);
    place->column = find_number(inlined, DW_AT_call_column);
    uint32_t number = find_number(inlined, DW_AT_call_file);
    if (dwarf_diecu(inlined, &unit, NULL, NULL) == NULL ||
        dwarf_getsrcfiles(&unit, &files, &count) != 0 || number >= count) {
        return;
    }
    const char *path = dwarf_filesrc(files, number, NULL, NULL);
    path = path == NULL ? NULL : sources_path(symbols, &unit, path);
    if (path != NULL) {
        place->path = path;
        place->file = symbols_base_name(path);
    }
}

/* The line that names the function. */
static uint32_t find_beginning(Dwarf_Die *function)
{
    int line = 0;
    return dwarf_decl_line(function, &line) == 0 && line > 0 ? (uint32_t)line
                                                             : 0;
}

/* The frames of a place that has a line. */
static uint32_t follow(struct symbols *symbols, struct module *module,
                       uintptr_t address, struct source_frame *frames,
                       uint32_t max)
{
    assert(max > 0);
    struct source_place at = frames[0].at;
    Dwarf_Die *scopes = NULL;
    int scopes_count = modules_scopes(module, address, &scopes);
    uint32_t count = 0;
    for (int i = 0; i < scopes_count && count < max; i++) {
        if (!symbols_is_function(&scopes[i])) {
            continue;
        }
        at.function = dwarf_diename(&scopes[i]);
        frames[count++] = (struct source_frame){
            .at = at, .begins = find_beginning(&scopes[i])};
        if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram) {
            break;
        }
        find_call(symbols, &scopes[i], &at);
    }
    free(scopes);
    return count == 0 ? 1 : count; /* a line, and no function: assembly */
}

uint32_t symbols_chain(struct symbols *symbols, uintptr_t pc,
                       struct source_frame *frames, uint32_t max)
{
    assert(frames != NULL || max == 0);
    struct module *module = modules_find(symbols, pc - 1);
    if (pc == 0 || max == 0 || module == NULL) {
        return 0;
    }
    frames[0] = (struct source_frame){.begins = 0};
    if (!symbols_line_entry(symbols, module, pc - 1, &frames[0].at)) {
        frames[0].at.function = dwfl_module_addrname(module->file, pc - 1);
        return frames[0].at.function == NULL ? 0 : 1;
    }
    return follow(symbols, module, pc - 1, frames, max);
}

uint32_t symbols_frames(struct symbols *symbols, uintptr_t pc,
                        struct fl_frame *frames, uint32_t max)
{
    assert(frames != NULL || max == 0);
    enum {
        DEPTH_MAX = 32
    };
    struct source_frame chain[DEPTH_MAX];
    uint32_t count =
        symbols_chain(symbols, pc, chain, max < DEPTH_MAX ? max : DEPTH_MAX);
    for (uint32_t i = 0; i < count; i++) {
        frames[i] = (struct fl_frame){.function = chain[i].at.function,
                                      .file = chain[i].at.file,
                                      .line = chain[i].at.line};
    }
    return count;
}

/*
 * Symbols: places of program counters.
 *
 * A program counter of a stack is where a call returns to; the call itself is
 * what people want to see, so every look-up is for the byte before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/symbols/inside.h"

#include "harness/need.h"

#include <assert.h>
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_BACK = 8 /* of a line table, to find one with a line */
};

struct symbols *symbols_open(void)
{
    struct symbols *symbols = need(calloc(1, sizeof(*symbols)), "symbols");
    modules_list(symbols);
    if (symbols->modules_count == 0) {
        free(symbols);
        return NULL;
    }
    return symbols;
}

void symbols_free(struct symbols *symbols)
{
    if (symbols == NULL) {
        return;
    }
    variables_release(symbols);
    sources_release(symbols);
    modules_release(symbols);
    free(symbols);
}

bool symbols_is_harness(const struct symbols *symbols, uintptr_t pc)
{
    const struct module *module = &symbols->modules[0];
    assert(module->main);
    return pc >= module->from && pc < module->to;
}

const char *symbols_base_name(const char *path)
{
    assert(path != NULL);
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool symbols_is_function(Dwarf_Die *die)
{
    int tag = dwarf_tag(die);
    return tag == DW_TAG_inlined_subroutine || tag == DW_TAG_subprogram;
}

bool symbols_line_entry(struct symbols *symbols, struct module *module,
                        uintptr_t address, struct source_place *place)
{
    assert(module->file != NULL);
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = modules_unit(module, address, &bias);
    Dwarf_Line *entry =
        unit == NULL ? NULL : dwarf_getsrc_die(unit, address - bias);
    int line = 0;
    int column = 0;
    if (entry == NULL || dwarf_lineno(entry, &line) != 0) {
        return false;
    }
    /* Code that no line made (clang gives it line 0) belongs to the line
     * before it in the program. */
    Dwarf_Addr at = 0;
    for (int i = 0; line == 0 && i < ROWS_BACK; i++) {
        bool known = dwarf_lineaddr(entry, &at) == 0;
        entry = known ? dwarf_getsrc_die(unit, at - 1) : NULL;
        if (entry == NULL || dwarf_lineno(entry, &line) != 0) {
            return false;
        }
    }
    if (line == 0) {
        return false;
    }
    dwarf_linecol(entry, &column);
    place->path = sources_path(symbols, unit, dwarf_linesrc(entry, NULL, NULL));
    if (place->path == NULL) {
        return false;
    }
    place->file = symbols_base_name(place->path);
    place->line = (uint32_t)line;
    place->column = column > 0 ? (uint32_t)column : 0;
    return true;
}

bool symbols_place(struct symbols *symbols, uintptr_t pc,
                   struct source_place *place)
{
    *place = (struct source_place){.function = NULL};
    struct module *module = modules_find(symbols, pc - 1);
    if (pc == 0 || module == NULL ||
        !symbols_line_entry(symbols, module, pc - 1, place)) {
        return false;
    }
    Dwarf_Die *scopes = NULL;
    int count = modules_scopes(module, pc - 1, &scopes);
    for (int i = 0; i < count && place->function == NULL; i++) {
        if (symbols_is_function(&scopes[i])) {
            place->function = dwarf_diename(&scopes[i]);
        }
    }
    free(scopes);
    return true;
}

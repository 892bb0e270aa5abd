/*
 * Variables: which global lies at an address.
 *
 * Static variables inside functions count, too: they are globals with a small
 * scope, and algorithms keep their pools there.
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
    DEPTH_MAX = 16 /* of scopes within functions */
};

/* The address of a variable that has a fixed one. */
static bool address_of(Dwarf_Die *die, Dwarf_Addr *address)
{
    assert(address != NULL);
    Dwarf_Attribute attribute;
    Dwarf_Op *ops = NULL;
    size_t count = 0;
    if (dwarf_attr_integrate(die, DW_AT_location, &attribute) == NULL ||
        dwarf_getlocation(&attribute, &ops, &count) != 0 || count == 0) {
        return false;
    }
    if (ops[0].atom == DW_OP_addr) {
        *address = ops[0].number;
        return true;
    }
    Dwarf_Attribute entry; /* clang keeps addresses in a table */
    return ops[0].atom == DW_OP_addrx &&
           dwarf_getlocation_attr(&attribute, &ops[0], &entry) == 0 &&
           dwarf_formaddr(&entry, address) == 0;
}

static void add_variable(struct symbols *symbols, Dwarf_Die *die,
                         Dwarf_Addr bias)
{
    struct variable variable = {.name = dwarf_diename(die)};
    Dwarf_Addr address = 0;
    Dwarf_Word size = 0;
    if (variable.name == NULL || !address_of(die, &address) ||
        !types_of(die, &variable.type) ||
        dwarf_aggregate_size(&variable.type, &size) != 0) {
        return;
    }
    variable.address = address + bias;
    variable.size = size;
    if (symbols->variables_count == symbols->variables_max) {
        uint32_t max = symbols->variables_max * 2 + 64;
        struct variable *more =
            need(realloc(symbols->variables, max * sizeof(*more)), "symbols");
        symbols->variables = more;
        symbols->variables_max = max;
    }
    symbols->variables[symbols->variables_count++] = variable;
}

static bool has_variables(int tag)
{
    return tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block;
}

/* Walks the tree of a unit; the path from its root is kept by hand. */
static void list_unit(struct symbols *symbols, Dwarf_Die *unit, Dwarf_Addr bias)
{
    Dwarf_Die path[DEPTH_MAX];
    int depth = 0;
    if (dwarf_child(unit, &path[0]) != 0) {
        return;
    }
    while (depth >= 0) {
        assert(depth < DEPTH_MAX);
        Dwarf_Die *die = &path[depth];
        int tag = dwarf_tag(die);
        if (tag == DW_TAG_variable) {
            add_variable(symbols, die, bias);
        }
        if (has_variables(tag) && depth + 1 < DEPTH_MAX &&
            dwarf_child(die, &path[depth + 1]) == 0) {
            depth++;
            continue;
        }
        while (depth >= 0 && dwarf_siblingof(&path[depth], &path[depth]) != 0) {
            depth--;
        }
    }
}

static void list_module(struct symbols *symbols, struct module *module)
{
    assert(!module->listed);
    module->listed = true;
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = NULL;
    while ((unit = dwfl_module_nextcu(module->file, unit, &bias)) != NULL) {
        list_unit(symbols, unit, bias);
    }
}

bool symbols_variable(struct symbols *symbols, uintptr_t address, char *text,
                      size_t max)
{
    assert(text != NULL);
    assert(max > 0);
    struct module *module = modules_find(symbols, address);
    if (module == NULL) {
        return false;
    }
    if (!module->listed) {
        list_module(symbols, module);
    }
    for (uint32_t i = 0; i < symbols->variables_count; i++) {
        const struct variable *v = &symbols->variables[i];
        if (address < v->address || address >= v->address + v->size) {
            continue;
        }
        struct source_member member = {.name = ""};
        if (!types_name(v->type, address - v->address, &member)) {
            member.name[0] = '\0';
        }
        bool dot = member.name[0] != '\0' && member.name[0] != '[';
        (void)snprintf(text, max, "%s%s%s", v->name, dot ? "." : "",
                       member.name);
        return true;
    }
    return false;
}

void variables_release(struct symbols *symbols)
{
    free(symbols->variables);
    symbols->variables = NULL;
    symbols->variables_count = 0;
}

/*
 * Modules: what is loaded, and from which file.
 *
 * Copies of a plug-in are loaded from memory files, which nobody can open by
 * name any more.  A copy is recognised by its read-only bytes, which are those
 * of the plug-in that was loaded by its real path, and gets that path.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/symbols/inside.h"

#include "harness/need.h"

#include <assert.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Debug information that is not in the file is not looked for: that might go
 * to the network. */
/* NOLINTNEXTLINE(readability-function-size): libdwfl's callback */
static int find_no_debuginfo(Dwfl_Module *module, void **data, const char *name,
                             Dwarf_Addr base, const char *file,
                             const char *link, GElf_Word crc, char **found)
{
    (void)module;
    (void)data;
    (void)name;
    (void)base;
    (void)file;
    (void)link;
    (void)crc;
    (void)found;
    return -1;
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_linux_proc_find_elf,
    .find_debuginfo = find_no_debuginfo,
    .section_address = dwfl_offline_section_address,
};

static char *path_of(const struct dl_phdr_info *info, bool main)
{
    assert(info != NULL);
    if (!main) {
        return strdup(info->dlpi_name);
    }
    char path[PATH_SIZE];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (size <= 0) {
        return NULL;
    }
    path[size] = '\0';
    return strdup(path);
}

static void add_segment(struct module *module, const ElfW(Phdr) * segment)
{
    uintptr_t from = module->bias + segment->p_vaddr;
    uintptr_t to = from + segment->p_memsz;
    module->from = module->to == 0 || from < module->from ? from : module->from;
    module->to = to > module->to ? to : module->to;
    if (module->text == NULL && (segment->p_flags & PF_W) == 0) {
        memcpy(&module->text, &from, sizeof(from));
        module->text_size = segment->p_filesz;
    }
}

static int list_module(struct dl_phdr_info *info, size_t size, void *argument)
{
    (void)size;
    struct symbols *symbols = argument;
    if (symbols->modules_count == MODULES_MAX) {
        return 1;
    }
    struct module *module = &symbols->modules[symbols->modules_count];
    *module = (struct module){.bias = info->dlpi_addr,
                              .main = symbols->modules_count == 0};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_LOAD) {
            add_segment(module, &info->dlpi_phdr[i]);
        }
    }
    module->path = path_of(info, module->main);
    if (module->path != NULL && module->to > module->from) {
        symbols->modules_count++;
    } else {
        free(module->path);
    }
    return 0;
}

static bool is_copy(const struct module *module)
{
    return strncmp(module->path, "/proc/", 6) == 0 ||
           strncmp(module->path, "/memfd:", 7) == 0;
}

static bool are_alike(const struct module *a, const struct module *b)
{
    assert(a != b);
    return a->text_size == b->text_size && a->text != NULL && b->text != NULL &&
           memcmp(a->text, b->text, a->text_size) == 0;
}

/* The path of the module that was loaded by name and is like `copy`. */
static const char *path_of_original(const struct symbols *symbols,
                                    const struct module *copy)
{
    for (uint32_t i = 0; i < symbols->modules_count; i++) {
        const struct module *other = &symbols->modules[i];
        if (!is_copy(other) && are_alike(copy, other)) {
            return other->path;
        }
    }
    return NULL;
}

/* Gives copies the path of what they are copies of. */
static void name_copies(struct symbols *symbols)
{
    for (uint32_t i = 0; i < symbols->modules_count; i++) {
        struct module *copy = &symbols->modules[i];
        const char *path =
            is_copy(copy) ? path_of_original(symbols, copy) : NULL;
        if (path == NULL) {
            continue;
        }
        free(copy->path);
        copy->path = need(strdup(path), "symbols");
    }
}

void modules_list(struct symbols *symbols)
{
    assert(symbols->modules_count == 0);
    dl_iterate_phdr(list_module, symbols);
    name_copies(symbols);
}

void modules_release(struct symbols *symbols)
{
    for (uint32_t i = 0; i < symbols->modules_count; i++) {
        if (symbols->modules[i].dwfl != NULL) {
            dwfl_end(symbols->modules[i].dwfl);
        }
        free(symbols->modules[i].path);
    }
    symbols->modules_count = 0;
}

static void open_module(struct module *module)
{
    assert(!module->opened);
    assert(module->path != NULL);
    module->opened = true;
    module->dwfl = dwfl_begin(&callbacks);
    if (module->dwfl == NULL) {
        return;
    }
    dwfl_report_begin(module->dwfl);
    module->file = dwfl_report_elf(module->dwfl, module->path, module->path, -1,
                                   module->bias, true);
    dwfl_report_end(module->dwfl, NULL, NULL);
}

struct module *modules_find(struct symbols *symbols, uintptr_t address)
{
    for (uint32_t i = 0; i < symbols->modules_count; i++) {
        struct module *module = &symbols->modules[i];
        if (address < module->from || address >= module->to) {
            continue;
        }
        if (!module->opened) {
            open_module(module);
        }
        return module->file == NULL ? NULL : module;
    }
    return NULL;
}

Dwarf_Die *modules_unit(struct module *module, uintptr_t address,
                        Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dwfl_module_addrdie(module->file, address, bias);
    if (unit != NULL) {
        return unit;
    }
    /* clang writes no table of address ranges: ask each unit. */
    while ((unit = dwfl_module_nextcu(module->file, unit, bias)) != NULL) {
        if (dwarf_haspc(unit, address - *bias) > 0) {
            return unit;
        }
    }
    return NULL;
}

int modules_scopes(struct module *module, uintptr_t address, Dwarf_Die **scopes)
{
    assert(module->file != NULL);
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = modules_unit(module, address, &bias);
    *scopes = NULL;
    if (unit == NULL) {
        return 0;
    }
    Dwarf_Die *inner = NULL;
    int count = dwarf_getscopes(unit, address - bias, &inner);
    if (count <= 0) {
        return 0;
    }
    /* Those go on with where an inlined function is defined; wanted is where
     * it is called. */
    count = dwarf_getscopes_die(&inner[0], scopes);
    free(inner);
    return count < 0 ? 0 : count;
}

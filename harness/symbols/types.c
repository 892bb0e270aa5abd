/*
 * Types: which member of an object lies where, and what an lvalue leads to.
 *
 * An access is named by what the source says at its line: "h->next" names a
 * member of whatever h points to, and so tells the type of the whole block in
 * which the access fell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/symbols/inside.h"

#include <assert.h>
#include <ctype.h>
#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NESTING_MAX = 16, /* of structures and arrays in a type */
    WORD_MAX = 64     /* bytes of an identifier */
};

bool types_of(Dwarf_Die *die, Dwarf_Die *type)
{
    assert(die != NULL);
    Dwarf_Attribute attribute;
    Dwarf_Die named;
    return dwarf_attr_integrate(die, DW_AT_type, &attribute) != NULL &&
           dwarf_formref_die(&attribute, &named) != NULL &&
           dwarf_peel_type(&named, type) == 0;
}

static bool is_structure(Dwarf_Die *type)
{
    int tag = dwarf_tag(type);
    return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

bool types_target(Dwarf_Die *type, Dwarf_Die *target)
{
    assert(type != NULL);
    int tag = dwarf_tag(type);
    if (tag != DW_TAG_pointer_type && tag != DW_TAG_array_type) {
        return false;
    }
    return types_of(type, target);
}

static uint64_t offset_of(Dwarf_Die *member)
{
    Dwarf_Attribute attribute;
    Dwarf_Word offset = 0;
    if (dwarf_attr(member, DW_AT_data_member_location, &attribute) != NULL) {
        dwarf_formudata(&attribute, &offset);
    }
    return offset;
}

/* The size of a member, or all that follows if it is an open array. */
static uint64_t extent_of(Dwarf_Die *member)
{
    Dwarf_Die type;
    Dwarf_Word size = 0;
    if (!types_of(member, &type) || dwarf_aggregate_size(&type, &size) != 0) {
        return UINT64_MAX;
    }
    return size == 0 ? UINT64_MAX : size;
}

/* The member of `type` in which `offset` lies. */
static bool member_at(Dwarf_Die *type, uint64_t offset, Dwarf_Die *member)
{
    assert(is_structure(type));
    if (dwarf_child(type, member) != 0) {
        return false;
    }
    do {
        uint64_t start = offset_of(member);
        if (dwarf_tag(member) == DW_TAG_member && offset >= start &&
            offset - start < extent_of(member)) {
            return true;
        }
    } while (dwarf_siblingof(member, member) == 0);
    return false;
}

/* Adds ".word" or "word", what there is of it. */
static void append_word(struct source_member *member, const char *word)
{
    assert(word != NULL);
    size_t size = strlen(member->name);
    (void)snprintf(member->name + size, sizeof(member->name) - size, "%s%s",
                   size == 0 ? "" : ".", word);
}

static void append_index(struct source_member *member, uint64_t index)
{
    size_t size = strlen(member->name);
    (void)snprintf(member->name + size, sizeof(member->name) - size, "[%llu]",
                   (unsigned long long)index);
}

static void append_offset(struct source_member *member, uint64_t offset)
{
    size_t size = strlen(member->name);
    (void)snprintf(member->name + size, sizeof(member->name) - size, "+%llu",
                   (unsigned long long)offset);
}

bool types_name(Dwarf_Die type, uint64_t offset, struct source_member *member)
{
    for (int depth = 0; depth < NESTING_MAX; depth++) {
        Dwarf_Die inner;
        Dwarf_Word size = 0;
        if (dwarf_tag(&type) == DW_TAG_array_type) {
            if (!types_target(&type, &inner) ||
                dwarf_aggregate_size(&inner, &size) != 0 || size == 0) {
                return false;
            }
            append_index(member, offset / size);
            offset %= size;
        } else if (is_structure(&type)) {
            Dwarf_Die part;
            if (!member_at(&type, offset, &part) || !types_of(&part, &inner)) {
                return false;
            }
            const char *name = dwarf_diename(&part);
            if (name != NULL) { /* else its members are ours */
                append_word(member, name);
            }
            offset -= offset_of(&part);
        } else {
            member->pointer = dwarf_tag(&type) == DW_TAG_pointer_type;
            if (offset != 0) {
                append_offset(member, offset);
            }
            return true;
        }
        type = inner;
    }
    return false;
}

uint64_t symbols_size(struct symbols *symbols, uint32_t type)
{
    assert(type < symbols->types_count);
    Dwarf_Word size = 0;
    return dwarf_aggregate_size(&symbols->types[type], &size) == 0 ? size : 0;
}

bool symbols_member(struct symbols *symbols, uint32_t type, uint64_t offset,
                    struct source_member *member)
{
    assert(type < symbols->types_count);
    *member = (struct source_member){.name = ""};
    uint64_t size = symbols_size(symbols, type);
    Dwarf_Die part;
    bool open = is_structure(&symbols->types[type]) &&
                member_at(&symbols->types[type], offset, &part);
    if (size != 0 && offset >= size && !open) { /* an array of them */
        append_index(member, offset / size);
        offset %= size;
    }
    return types_name(symbols->types[type], offset, member);
}

/* --- lvalues ---------------------------------------------------------- */

/* Where the walk along an lvalue stands. */
struct walk {
    Dwarf_Die object; /* what offset counts from */
    Dwarf_Die type;   /* of what has been read so far */
    uint64_t offset;
    bool indexed;
    bool variable;
};

static const char *skip_space(const char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    return text;
}

/* Reads an identifier into `word`; NULL if there is none. */
static const char *read_word(const char *text, char *word)
{
    assert(text != NULL);
    text = skip_space(text);
    size_t size = 0;
    while (isalnum((unsigned char)text[size]) || text[size] == '_') {
        size++;
    }
    if (size == 0 || size >= WORD_MAX || isdigit((unsigned char)text[0])) {
        return NULL;
    }
    memcpy(word, text, size);
    word[size] = '\0';
    return text + size;
}

/* Skips "[ ... ]", brackets inside included; NULL if it does not end. */
static const char *skip_index(const char *text)
{
    assert(*text == '[');
    int depth = 0;
    for (; *text != '\0'; text++) {
        depth += *text == '[' ? 1 : 0;
        depth -= *text == ']' ? 1 : 0;
        if (depth == 0) {
            return text + 1;
        }
    }
    return NULL;
}

static bool follow_pointer(struct walk *walk)
{
    Dwarf_Die target;
    if (!types_target(&walk->type, &target)) {
        return false;
    }
    walk->object = target;
    walk->type = target;
    walk->offset = 0;
    walk->indexed = false;
    walk->variable = false;
    return true;
}

static bool follow_index(struct walk *walk)
{
    if (dwarf_tag(&walk->type) != DW_TAG_array_type) {
        return follow_pointer(walk);
    }
    Dwarf_Die target;
    if (!types_target(&walk->type, &target)) {
        return false;
    }
    walk->type = target;
    walk->indexed = true;
    return true;
}

/* The member called `name` among those of `type` itself. */
static bool find_member(Dwarf_Die *type, const char *name, Dwarf_Die *member)
{
    if (!is_structure(type) || dwarf_child(type, member) != 0) {
        return false;
    }
    do {
        const char *its = dwarf_diename(member);
        if (its != NULL && strcmp(its, name) == 0) {
            return true;
        }
    } while (dwarf_siblingof(member, member) == 0);
    return false;
}

/* Members of members without a name are found one level down. */
static bool find_unnamed(struct walk *walk, const char *name, Dwarf_Die *member)
{
    Dwarf_Die outer;
    if (!is_structure(&walk->type) || dwarf_child(&walk->type, &outer) != 0) {
        return false;
    }
    do {
        Dwarf_Die inner;
        if (dwarf_diename(&outer) == NULL && types_of(&outer, &inner) &&
            find_member(&inner, name, member)) {
            walk->offset += offset_of(&outer);
            return true;
        }
    } while (dwarf_siblingof(&outer, &outer) == 0);
    return false;
}

static bool follow_member(struct walk *walk, const char *name)
{
    assert(name != NULL);
    Dwarf_Die member;
    if (!find_member(&walk->type, name, &member) &&
        !find_unnamed(walk, name, &member)) {
        return false;
    }
    walk->offset += offset_of(&member);
    return types_of(&member, &walk->type);
}

/* Follows "->x", ".x" and "[i]" to the end of the text. */
static bool follow(struct walk *walk, const char *text)
{
    char word[WORD_MAX];
    for (text = skip_space(text); *text != '\0'; text = skip_space(text)) {
        if (*text == '[') {
            text = skip_index(text);
            if (text == NULL || !follow_index(walk)) {
                return false;
            }
            continue;
        }
        bool arrow = strncmp(text, "->", 2) == 0;
        if (!arrow && *text != '.') {
            return false;
        }
        if (arrow && !follow_pointer(walk)) {
            return false;
        }
        text = read_word(text + (arrow ? 2 : 1), word);
        if (text == NULL || !follow_member(walk, word)) {
            return false;
        }
    }
    return true;
}

/* The variable `name` as the code at `pc` sees it. */
static bool find_variable(struct symbols *symbols, uintptr_t pc,
                          const char *name, struct walk *walk)
{
    struct module *module = modules_find(symbols, pc - 1);
    if (module == NULL) {
        return false;
    }
    Dwarf_Die *scopes = NULL;
    int count = modules_scopes(module, pc - 1, &scopes);
    Dwarf_Die variable;
    bool found =
        count > 0 &&
        dwarf_getscopevar(scopes, count, name, 0, NULL, 0, 0, &variable) >= 0 &&
        types_of(&variable, &walk->type);
    free(scopes);
    walk->object = walk->type;
    walk->variable = true;
    return found;
}

static uint32_t keep_type(struct symbols *symbols, const Dwarf_Die *type)
{
    assert(symbols->types_count <= TYPES_MAX);
    for (uint32_t i = 0; i < symbols->types_count; i++) {
        if (symbols->types[i].addr == type->addr) {
            return i;
        }
    }
    if (symbols->types_count == TYPES_MAX) {
        return NO_TYPE;
    }
    symbols->types[symbols->types_count] = *type;
    return symbols->types_count++;
}

bool symbols_object(struct symbols *symbols, uintptr_t pc, const char *text,
                    struct source_object *object)
{
    struct walk walk = {.offset = 0};
    char word[WORD_MAX];
    text = skip_space(text);
    bool star = *text == '*';
    text = read_word(star ? text + 1 : text, word);
    if (text == NULL || !find_variable(symbols, pc, word, &walk) ||
        !follow(&walk, text) || (star && !follow_pointer(&walk))) {
        return false;
    }
    *object = (struct source_object){.type = keep_type(symbols, &walk.object),
                                     .offset = walk.offset,
                                     .indexed = walk.indexed,
                                     .variable = walk.variable,
                                     .structure = is_structure(&walk.object)};
    return object->type != NO_TYPE;
}

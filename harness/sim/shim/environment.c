/*
 * The environment: the variables that a scenario gives, and no others, so that
 * a run is the same on every machine.
 *
 * A constructor copies them into the program's own memory when it is loaded;
 * like all of that they are as at the start in each run.  Whoever changes them
 * while another thread looks is seen to race, as it would with libc.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/ends.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* mutable: the program's own memory, put back before each run */
HIDDEN char **environ = NULL;
HIDDEN extern char **other_environ __asm__("__environ")
    __attribute__((alias("environ")));
HIDDEN extern char **old_environ __asm__("_environ")
    __attribute__((alias("environ")));

/* Before those of the program, which may look. */
__attribute__((constructor(101))) static void begin(void)
{
    char *const *given = fl_sim_table->program_environment();
    size_t count = 0;
    while (given[count] != NULL) {
        count++;
    }
    environ = early_take(1, (count + 1) * sizeof(*environ));
    if (environ == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t size = fl_sim_table->text_length(given[i], UNBOUNDED, PC) + 1;
        char *text = early_take(1, size);
        if (text == NULL) {
            return;
        }
        fl_sim_table->bytes_copy(text, given[i], size, PC);
        environ[i] = text;
    }
}

char **environment_list(void)
{
    return environ;
}

/* The list, looked at. */
static char **list(uintptr_t pc)
{
    char **all = NULL;
    fl_sim_table->bytes_copy(&all, &environ, sizeof(all), pc);
    return all;
}

/* Number `i` of the list, looked at. */
static char *entry(char **all, size_t i, uintptr_t pc)
{
    char *text = NULL;
    if (all != NULL) {
        fl_sim_table->bytes_copy(&text, &all[i], sizeof(text), pc);
    }
    return text;
}

static void put(char **place, char *text, uintptr_t pc)
{
    fl_sim_table->bytes_copy(place, &text, sizeof(text), pc);
}

/* The length of a name, up to its end or its '='. */
static size_t name_size(const char *name, uintptr_t pc)
{
    size_t length = fl_sim_table->text_length(name, UNBOUNDED, pc);
    const char *sign = fl_sim_table->bytes_find(name, '=', length, pc);
    return sign == NULL ? length : (size_t)(sign - name);
}

/* Where the variable is whose name is the first `size` bytes of `name`; its
 * text in *found, which is NULL at the end of the list. */
static size_t find(const char *name, size_t size, char **found, uintptr_t pc)
{
    char **all = list(pc);
    for (size_t i = 0;; i++) {
        *found = entry(all, i, pc);
        if (*found == NULL ||
            (fl_sim_table->text_compare(*found, name, size, pc) == 0 &&
             (*found)[size] == '=')) {
            return i;
        }
    }
}

static char *look_up(const char *name, uintptr_t pc)
{
    size_t size = name_size(name, pc);
    char *found = NULL;
    if (size == 0 || name[size] == '=') {
        return NULL;
    }
    find(name, size, &found, pc);
    return found == NULL ? NULL : found + size + 1;
}

HIDDEN char *getenv(const char *name)
{
    return look_up(name, PC);
}

HIDDEN char *secure_getenv(const char *name)
{
    return look_up(name, PC);
}

static void *take(size_t size, uintptr_t pc)
{
    void *made = fl_sim_early.over ? fl_sim_table->heap_malloc(size, pc)
                                   : early_take(1, size);
    if (made == NULL) {
        *fl_sim_table->errno_address() = ENOMEM;
    }
    return made;
}

/* Puts `text` at number `i`, where the list ends if `is_new`: then into a list
 * that is longer by one.  The old one is left, for somebody may look at it. */
static int place(size_t i, bool is_new, char *text, uintptr_t pc)
{
    char **all = list(pc);
    if (!is_new) {
        put(&all[i], text, pc);
        return 0;
    }
    char **longer = take((i + 2) * sizeof(*longer), pc);
    if (longer == NULL) {
        return -1;
    }
    if (i > 0) {
        fl_sim_table->bytes_copy(longer, all, i * sizeof(*all), pc);
    }
    put(&longer[i], text, pc);
    put(&longer[i + 1], NULL, pc);
    fl_sim_table->bytes_copy(&environ, &longer, sizeof(longer), pc);
    return 0;
}

static int fail(int error)
{
    *fl_sim_table->errno_address() = error;
    return -1;
}

HIDDEN int setenv(const char *name, const char *value, int overwrite)
{
    size_t size = name_size(name, PC);
    if (size == 0 || name[size] == '=') {
        return fail(EINVAL);
    }
    char *found = NULL;
    size_t i = find(name, size, &found, PC);
    if (found != NULL && overwrite == 0) {
        return 0;
    }
    size_t length = fl_sim_table->text_length(value, UNBOUNDED, PC);
    char *text = take(size + length + 2, PC);
    if (text == NULL) {
        return -1;
    }
    fl_sim_table->bytes_copy(text, name, size, PC);
    fl_sim_table->bytes_set(text + size, '=', 1, PC);
    fl_sim_table->bytes_copy(text + size + 1, value, length + 1, PC);
    return place(i, found == NULL, text, PC);
}

/* Takes number `i` out: what follows moves up. */
static void take_out(size_t i, uintptr_t pc)
{
    char **all = list(pc);
    char *next;
    do {
        next = entry(all, i + 1, pc);
        put(&all[i], next, pc);
        i++;
    } while (next != NULL);
}

HIDDEN int unsetenv(const char *name)
{
    size_t size = name_size(name, PC);
    if (size == 0 || name[size] == '=') {
        return fail(EINVAL);
    }
    char *found = NULL;
    size_t i = find(name, size, &found, PC);
    while (found != NULL) {
        take_out(i, PC);
        i = find(name, size, &found, PC);
    }
    return 0;
}

/* The text itself becomes part of the environment. */
HIDDEN int putenv(char *text)
{
    size_t size = name_size(text, PC);
    char *found = NULL;
    if (text[size] != '=') {
        return unsetenv(text);
    }
    size_t i = find(text, size, &found, PC);
    return place(i, found == NULL, text, PC);
}

HIDDEN int clearenv(void)
{
    char **none = NULL;
    fl_sim_table->bytes_copy(&environ, &none, sizeof(none), PC);
    return 0;
}

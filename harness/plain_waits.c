/*
 * Plain waits, in words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/plain_waits.h"

#include "harness/symbols.h"

#include <assert.h>
#include <stdio.h>

void plain_waits_tell(uintptr_t pc, char *text, size_t max)
{
    assert(text != NULL && max > 0);
    text[0] = '\0';
    if (pc == 0) {
        return;
    }
    struct symbols *symbols = symbols_open();
    struct source_place at = {.file = NULL};
    char where[160] = "";
    if (symbols != NULL && symbols_place(symbols, pc, &at) && at.file != NULL) {
        (void)snprintf(where, sizeof(where), "%s:%u: ", at.file, at.line);
    }
    (void)snprintf(text, max,
                   "%sa loop waits for a plain or volatile variable that "
                   "another thread stores to; it was let go on, as by a fair "
                   "scheduler, but that is a data race (see --races report), "
                   "and a compiler may read the variable once: make it atomic",
                   where);
    symbols_free(symbols);
}

/*
 * The atomic accesses in the code of a plug-in: calls of our hooks.
 *
 * The code is looked at as it lies in memory.  A call goes to a stub of the
 * procedure linkage table, or through the table of addresses itself, and that
 * holds the hook: so there is no need to know the instructions in between.  A
 * byte that only looks like a call leads nowhere.  A hook that is jumped to, as
 * a compiler may at the end of a function, is not found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/reach_book.h"

#include "harness/plugin.h"

#include <assert.h>
#include <ctype.h>
#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <xxhash.h>

/* Bytes of a loaded object. */
struct segment {
    uintptr_t first;
    uintptr_t end;
};

/* What is looked for, and found. */
struct sites {
    uintptr_t plugin; /* an address in it */
    struct segment all;
    struct segment code;
    uintptr_t hook[2]; /* the last address asked about: a hook, and no hook */
};

static int look_at(struct dl_phdr_info *object, size_t size, void *data)
{
    (void)size;
    struct sites *s = data;
    struct segment all = {.first = UINTPTR_MAX};
    struct segment code = {.first = 0};
    for (uint32_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &object->dlpi_phdr[i];
        if (p->p_type != PT_LOAD) {
            continue;
        }
        struct segment here = {.first = object->dlpi_addr + p->p_vaddr};
        here.end = here.first + p->p_memsz;
        all.first = here.first < all.first ? here.first : all.first;
        all.end = here.end > all.end ? here.end : all.end;
        code = (p->p_flags & PF_X) != 0 ? here : code;
    }
    if (s->plugin < all.first || s->plugin >= all.end) {
        return 0;
    }
    s->all = all;
    s->code = code;
    return 1;
}

/* Where the first copy of `plugin` lies.  False: it is not known. */
static bool find_code(struct sites *s, const struct plugin *plugin)
{
    *s = (struct sites){.plugin = plugin_first(plugin, 0)};
    return dl_iterate_phdr(look_at, s) != 0 && s->code.first < s->code.end;
}

uint64_t reach_hash_code(const struct plugin *plugin)
{
    struct sites s;
    if (!find_code(&s, plugin)) {
        return 0;
    }
    /* No address of this process is in it: they are in tables that it reads. */
    uint64_t hash =
        XXH3_64bits((const void *)s.code.first, s.code.end - s.code.first);
    return hash == 0 ? 1 : hash;
}

static bool holds(struct segment segment, uintptr_t at, size_t size)
{
    return at >= segment.first && at < segment.end && segment.end - at >= size;
}

/* Whether `function` is one of our hooks of atomic accesses. */
static bool is_hook(struct sites *s, uintptr_t function)
{
    static const char prefix[] = "__tsan_atomic";
    for (uint32_t i = 0; i < 2; i++) {
        if (function == s->hook[i]) {
            return i == 0;
        }
    }
    Dl_info info;
    bool named = dladdr((const void *)function, &info) != 0 &&
                 info.dli_sname != NULL &&
                 (uintptr_t)info.dli_saddr == function;
    bool is = named &&
              strncmp(info.dli_sname, prefix, sizeof(prefix) - 1) == 0 &&
              isdigit((unsigned char)info.dli_sname[sizeof(prefix) - 1]);
    s->hook[is ? 0 : 1] = function;
    return is;
}

/* Whether the address that lies at `at` is that of a hook. */
static bool leads_to_hook(struct sites *s, uintptr_t at)
{
    uintptr_t function = 0;
    if (!holds(s->all, at, sizeof(function)) || at % sizeof(function) != 0) {
        return false;
    }
    memcpy(&function, (const void *)at, sizeof(function));
    return function != 0 && is_hook(s, function);
}

#if defined(__x86_64__)

enum {
    STEP = 1,        /* bytes at which an instruction may begin */
    CALL_BYTES = 5,  /* e8, and how far */
    FAR_BYTES = 6,   /* ff 15, and how far the address is */
    STUB_BYTES = 16, /* of a stub, in which it jumps on */
};

/* The signed distance at `at`, counted from behind it. */
static uintptr_t follow(uintptr_t at)
{
    int32_t distance = 0;
    memcpy(&distance, (const void *)at, sizeof(distance));
    return at + sizeof(distance) + (uintptr_t)(intptr_t)distance;
}

/* Whether the stub at `at` jumps to one. */
static bool is_stub(struct sites *s, uintptr_t at)
{
    if (!holds(s->code, at, STUB_BYTES)) {
        return false;
    }
    for (uintptr_t i = at; i + FAR_BYTES <= at + STUB_BYTES; i++) {
        const unsigned char *code = (const unsigned char *)i;
        if (code[0] == 0xff && code[1] == 0x25) {
            return leads_to_hook(s, follow(i + 2));
        }
    }
    return false;
}

/* Where the call at `at` returns to, if it is one of a hook; else 0. */
static uintptr_t called_at(struct sites *s, uintptr_t at)
{
    const unsigned char *code = (const unsigned char *)at;
    if (code[0] == 0xe8 && holds(s->code, at, CALL_BYTES) &&
        is_stub(s, follow(at + 1))) {
        return at + CALL_BYTES;
    }
    if (holds(s->code, at, FAR_BYTES) && code[0] == 0xff && code[1] == 0x15 &&
        leads_to_hook(s, follow(at + 2))) {
        return at + FAR_BYTES;
    }
    return 0;
}

#elif defined(__aarch64__)

enum {
    STEP = 4, /* bytes at which an instruction begins, and of each */
    PAGE_SHIFT = 12
};

static uint32_t word_at(uintptr_t at)
{
    uint32_t word = 0;
    assert(at != 0);
    memcpy(&word, (const void *)at, sizeof(word));
    return word;
}

/* The lowest `bits` of `value`, which have a sign. */
static uintptr_t widen(uint32_t value, uint32_t bits)
{
    assert(bits > 0 && bits < 32);
    uint32_t shift = 32 - bits;
    return (uintptr_t)(intptr_t)((int32_t)(value << shift) >> shift);
}

/* Whether the stub at `at` jumps to one, perhaps after a landing place (BTI):
 *     adrp x16, page;  ldr x17, [x16, #offset];  ...;  br x17 */
static bool is_stub(struct sites *s, uintptr_t at)
{
    for (uint32_t i = 0; i < 2; i++, at += STEP) {
        if (!holds(s->code, at, 2 * (size_t)STEP)) {
            return false;
        }
        uint32_t page = word_at(at);
        uint32_t load = word_at(at + STEP);
        if ((page & 0x9f00001fu) == 0x90000010u &&
            (load & 0xffc003ffu) == 0xf9400211u) {
            uint32_t pages = (page >> 5 & 0x7ffffu) << 2 | (page >> 29 & 3u);
            uintptr_t base = at >> PAGE_SHIFT;
            base = (base + widen(pages, 21)) << PAGE_SHIFT;
            return leads_to_hook(s,
                                 base + (uintptr_t)(load >> 10 & 0xfffu) * 8u);
        }
    }
    return false;
}

/* Where the call at `at` returns to, if it is one of a hook; else 0. */
static uintptr_t called_at(struct sites *s, uintptr_t at)
{
    if (!holds(s->code, at, STEP)) {
        return 0;
    }
    uint32_t word = word_at(at);
    bool calls = (word & 0xfc000000u) == 0x94000000u; /* bl */
    return calls && is_stub(s, at + widen(word, 26) * STEP) ? at + STEP : 0;
}

#else
#error "what is a call here?"
#endif

uint32_t reach_find_sites(const struct plugin *plugin, uintptr_t *pcs,
                          uint32_t max)
{
    assert(pcs != NULL || max == 0);
    struct sites s;
    uint32_t count = 0;
    if (!find_code(&s, plugin)) {
        return 0;
    }
    for (uintptr_t at = s.code.first; at < s.code.end; at += STEP) {
        uintptr_t pc = called_at(&s, at);
        if (pc != 0) {
            if (count < max) {
                pcs[count] = pc;
            }
            count++;
        }
    }
    return count;
}

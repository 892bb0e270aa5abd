/*
 * Finds the descriptors among the relocations of a loaded plug-in, and answers
 * for them.
 *
 * What a descriptor names is called with its address in x0, returns in x0 how
 * far behind the thread pointer the variable lies, and keeps all registers but
 * that and x30 ("Thread Local Storage Descriptors for AArch64", Oliva and Ramos
 * for x86 first, 2006): so there is a piece of assembly before the function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/descriptors.h"

#if defined(__aarch64__)

#include "harness/need.h"
#include "harness/sim/sync.h"
#include "harness/sim/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of the assembly below, and called by it alone. */
void descriptor_enter(void);
char *descriptor_find(const struct descriptor *descriptor);

/* The variable, or NULL outside any fiber. */
__attribute__((used)) char *descriptor_find(const struct descriptor *descriptor)
{
    if (world == NULL || world->current == NULL) {
        return NULL;
    }
    return (char *)sync_thread_locals(world) + descriptor->offset;
}

#define PAIR_OUT(a, b, at) "stp " #a ", " #b ", [sp, #" #at "]\n\t"
#define PAIR_IN(a, b, at)  "ldp " #a ", " #b ", [sp, #" #at "]\n\t"
#define ALL(PAIR)       \
    PAIR(x1, x2, 16)    \
    PAIR(x3, x4, 32)    \
    PAIR(x5, x6, 48)    \
    PAIR(x7, x8, 64)    \
    PAIR(x9, x10, 80)   \
    PAIR(x11, x12, 96)  \
    PAIR(x13, x14, 112) \
    PAIR(x15, x16, 128) \
    PAIR(x17, x18, 144) \
    PAIR(q0, q1, 176)   \
    PAIR(q2, q3, 208)   \
    PAIR(q4, q5, 240)   \
    PAIR(q6, q7, 272)   \
    PAIR(q8, q9, 304)   \
    PAIR(q10, q11, 336) \
    PAIR(q12, q13, 368) \
    PAIR(q14, q15, 400) \
    PAIR(q16, q17, 432) \
    PAIR(q18, q19, 464) \
    PAIR(q20, q21, 496) \
    PAIR(q22, q23, 528) \
    PAIR(q24, q25, 560) \
    PAIR(q26, q27, 592) \
    PAIR(q28, q29, 624) \
    PAIR(q30, q31, 656)

/* Outside a fiber what the linker had filled in is called, with its own pair:
 * the first two words of ours. */
__asm__(
    ".text\n\t"
    ".p2align 2\n\t"
    ".hidden descriptor_enter\n\t"
    ".globl descriptor_enter\n\t"
    ".type descriptor_enter, %function\n"
    "descriptor_enter:\n\t"
    ".cfi_startproc\n\t"
    "sub sp, sp, #688\n\t"
    ".cfi_def_cfa_offset 688\n\t"
    "stp x29, x30, [sp]\n\t"
    ".cfi_offset x29, -688\n\t"
    ".cfi_offset x30, -680\n\t"
    "mov x29, sp\n\t" ALL(
        PAIR_OUT) "ldr x0, [x0, #8]\n\t"
                  "str x0, [sp, #160]\n\t"
                  "bl descriptor_find\n\t" ALL(
                      PAIR_IN) "cbz x0, 1f\n\t"
                               "mrs x30, tpidr_el0\n\t"
                               "sub x0, x0, x30\n\t"
                               "b 2f\n"
                               "1:\tldr x0, [sp, #160]\n\t"
                               "ldr x30, [x0]\n\t"
                               "blr x30\n"
                               "2:\tldp x29, x30, [sp]\n\t"
                               "add sp, sp, #688\n\t"
                               ".cfi_restore x29\n\t"
                               ".cfi_restore x30\n\t"
                               ".cfi_def_cfa_offset 0\n\t"
                               "ret\n\t"
                               ".cfi_endproc\n\t"
                               ".size descriptor_enter, . - descriptor_enter");

/* A pair, as code finds it. */
struct pair {
    void (*function)(void);
    void *argument;
};

/* What of a loaded object is needed here. */
struct parts {
    uintptr_t base;
    uintptr_t closed[2]; /* made read-only by the linker: from, to */
    const ElfW(Rela) * tables[2];
    size_t counts[2];
    const ElfW(Sym) * symbols;
    struct descriptor *descriptors;
    size_t count;
};

/* The linker has put addresses into the dynamic section itself. */
static const void *address_in(const struct parts *parts, const ElfW(Dyn) * d)
{
    uintptr_t at = d->d_un.d_ptr;
    at += at < parts->base ? parts->base : 0;
    const void *address = NULL;
    memcpy(&address, &at, sizeof(address));
    return address;
}

static void read_dynamic(struct parts *parts, uintptr_t at)
{
    assert(at != 0);
    for (const ElfW(Dyn) *d = (const void *)at; d->d_tag != DT_NULL; d++) {
        if (d->d_tag == DT_RELA) {
            parts->tables[0] = address_in(parts, d);
        } else if (d->d_tag == DT_RELASZ) {
            parts->counts[0] = d->d_un.d_val / sizeof(ElfW(Rela));
        } else if (d->d_tag == DT_JMPREL) {
            parts->tables[1] = address_in(parts, d);
        } else if (d->d_tag == DT_PLTRELSZ) {
            parts->counts[1] = d->d_un.d_val / sizeof(ElfW(Rela));
        } else if (d->d_tag == DT_SYMTAB) {
            parts->symbols = address_in(parts, d);
        }
    }
}

static void protect(uintptr_t from, uintptr_t to, int rights)
{
    if (mprotect((void *)from, to - from, rights) != 0) {
        perror("faultline: thread-locals of a plug-in");
        exit(70);
    }
}

/* Fills in the pair of one relocation, if it has one. */
static void take(struct parts *parts, const ElfW(Rela) * relocation)
{
    uint32_t symbol = (uint32_t)ELF64_R_SYM(relocation->r_info);
    const ElfW(Sym) *s = &parts->symbols[symbol];
    if (ELF64_R_TYPE(relocation->r_info) != R_AARCH64_TLSDESC ||
        (symbol != 0 && s->st_shndx == SHN_UNDEF)) {
        return; /* or of another library: not ours to answer */
    }
    struct pair *pair = (void *)(parts->base + relocation->r_offset);
    struct descriptor *made = &parts->descriptors[parts->count++];
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = (uintptr_t)pair & ~(page - 1);
    uintptr_t to = ((uintptr_t)(pair + 1) + page - 1) & ~(page - 1);
    memcpy(made, pair, sizeof(*pair));
    made->offset =
        (symbol == 0 ? 0 : s->st_value) + (size_t)relocation->r_addend;
    protect(from, to, PROT_READ | PROT_WRITE);
    *pair = (struct pair){.function = descriptor_enter, .argument = made};
    if (from >= parts->closed[0] && from < parts->closed[1]) {
        protect(from, to < parts->closed[1] ? to : parts->closed[1], PROT_READ);
    }
}

struct descriptor *descriptors_take(const struct dl_phdr_info *object)
{
    struct parts parts = {.base = object->dlpi_addr};
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (uint32_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &object->dlpi_phdr[i];
        uintptr_t start = parts.base + p->p_vaddr;
        if (p->p_type == PT_GNU_RELRO) {
            parts.closed[0] = start & ~(page - 1);
            parts.closed[1] = (start + p->p_memsz) & ~(page - 1);
        } else if (p->p_type == PT_DYNAMIC) {
            read_dynamic(&parts, start);
        }
    }
    size_t most = parts.counts[0] + parts.counts[1];
    if (parts.symbols == NULL || most == 0) {
        return NULL;
    }
    parts.descriptors =
        need(calloc(most, sizeof(*parts.descriptors)), "a plug-in");
    for (uint32_t table = 0; table < 2; table++) {
        const ElfW(Rela) *relocations = parts.tables[table];
        for (size_t i = 0; relocations != NULL && i < parts.counts[table];
             i++) {
            take(&parts, &relocations[i]);
        }
    }
    assert(parts.count <= most);
    return parts.descriptors;
}

#else

struct descriptor *descriptors_take(const struct dl_phdr_info *object)
{
    (void)object;
    return NULL;
}

#endif

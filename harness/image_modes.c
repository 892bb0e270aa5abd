/*
 * Whether code of a plug-in itself reads or sets the control word of SSE, or on
 * aarch64 those of floating point.
 *
 * To save it at each switch of fibers takes longer than all else that a
 * switch does, and nearly no program has a use for it: those functions of libc
 * that set it or tell of it (fesetround() and its kin) are refused, so only an
 * instruction in the plug-in's own code can.  There are few, and all of them
 * are found: bytes that only look like one cost time, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/image.h"

#include <assert.h>
#include <elf.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

enum {
    STEP = 1, /* bytes at which an instruction may begin */
    SIZE = 3, /* those that are looked at */
    /* 0F AE: what follows says which, in the bits of `reg`. */
    ESCAPE = 0x0f,
    GROUP_15 = 0xae,
    REG_SHIFT = 3,
    REG_MASK = 7,
    MOD_SHIFT = 6,
    MOD_REGISTER = 3, /* fences and the like, which have no memory operand */
    LAST_OF_STATE = 5 /* fxsave fxrstor ldmxcsr stmxcsr xsave xrstor */
};

/* Whether the three bytes at `code` are such an instruction.  The form of AVX
 * (C5 F8 AE) has another first byte, so only the second is asked for. */
static bool is_of_state(const unsigned char *code)
{
    unsigned escape = code[0] & 0x7fu; /* F8 and 78: C5's other half */
    bool prefixed = code[0] == ESCAPE || escape == 0x78u;
    return prefixed && code[1] == GROUP_15 &&
           code[2] >> MOD_SHIFT != MOD_REGISTER &&
           (code[2] >> REG_SHIFT & REG_MASK) <= LAST_OF_STATE;
}

#else

enum {
    STEP = 4,
    SIZE = 4
};

/* Whether the four bytes at `code` are MRS or MSR of FPCR or FPSR: all bits but
 * the direction, which of the two, and the register. */
static bool is_of_state(const unsigned char *code)
{
    uint32_t word = 0;
    memcpy(&word, code, sizeof(word));
    return (word & 0xffdfffc0u) == 0xd51b4400u;
}

#endif

static bool section_sets(const struct image *image, const Elf64_Shdr *section)
{
    if (section->sh_offset > image->size ||
        section->sh_size > image->size - section->sh_offset) {
        return true; /* not to be seen */
    }
    const unsigned char *code = image->bytes + section->sh_offset;
    for (uint64_t i = 0; i + SIZE <= section->sh_size; i += STEP) {
        if (is_of_state(&code[i])) {
            return true;
        }
    }
    return false;
}

bool image_sets_modes(const struct image *image)
{
    assert(image->bytes != NULL);
    Elf64_Ehdr head;
    if (image->size < sizeof(head)) {
        return true;
    }
    memcpy(&head, image->bytes, sizeof(head));
    uint64_t room = head.e_shoff > image->size ? 0 : image->size - head.e_shoff;
    if (head.e_shentsize != sizeof(Elf64_Shdr) ||
        room / sizeof(Elf64_Shdr) < head.e_shnum) {
        return true;
    }
    bool sets = head.e_shnum == 0;
    for (uint32_t i = 0; i < head.e_shnum && !sets; i++) {
        Elf64_Shdr section;
        memcpy(&section,
               image->bytes + head.e_shoff + i * (uint64_t)sizeof(section),
               sizeof(section));
        sets = (section.sh_flags & SHF_EXECINSTR) != 0 &&
               section.sh_type != SHT_NOBITS && section_sets(image, &section);
    }
    return sets;
}

/*
 * Whether a plug-in finds thread-locals without asking where they lie.
 *
 * All fibers run in one thread of the system.  What is asked for by a call, or
 * by a descriptor where harness/descriptors.c answers, each fiber has for
 * itself; what lies at a distance from the thread pointer that the dynamic
 * linker fills in is one for all.  Its relocations tell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/image.h"

#include <assert.h>
#include <elf.h>
#include <stdint.h>
#include <string.h>

static bool is_shared(uint64_t info)
{
#if defined(__x86_64__)
    uint64_t type = ELF64_R_TYPE(info);
    return type == R_X86_64_TPOFF64 || type == R_X86_64_TLSDESC;
#elif defined(__aarch64__)
    return ELF64_R_TYPE(info) == R_AARCH64_TLS_TPREL;
#else
#error "which relocations lead to thread-locals here?"
#endif
}

static bool section_shares(const struct image *image, const Elf64_Shdr *section)
{
    if (section->sh_offset > image->size ||
        section->sh_size > image->size - section->sh_offset) {
        return false; /* nor can the linker read it */
    }
    const unsigned char *at = image->bytes + section->sh_offset;
    for (uint64_t i = 0; i < section->sh_size / sizeof(Elf64_Rela); i++) {
        Elf64_Rela relocation;
        memcpy(&relocation, at + i * sizeof(relocation), sizeof(relocation));
        if (is_shared(relocation.r_info)) {
            return true;
        }
    }
    return false;
}

bool image_shares_locals(const struct image *image)
{
    assert(image->bytes != NULL);
    Elf64_Ehdr head;
    if (image->size < sizeof(head)) {
        return false;
    }
    memcpy(&head, image->bytes, sizeof(head));
    uint64_t room = head.e_shoff > image->size ? 0 : image->size - head.e_shoff;
    bool shares = false;
    for (uint32_t i = 0; i < head.e_shnum && !shares &&
                         (i + (uint64_t)1) * sizeof(Elf64_Shdr) <= room;
         i++) {
        Elf64_Shdr section;
        memcpy(&section,
               image->bytes + head.e_shoff + i * (uint64_t)sizeof(section),
               sizeof(section));
        shares = section.sh_type == SHT_RELA && section_shares(image, &section);
    }
    return shares;
}

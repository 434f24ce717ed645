// SPDX-License-Identifier: MIT
#include "daemon/start_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace pwlog {
namespace {

/// Only what is as it is in the file: what may be written to is the process's own.
int give_back_file(dl_phdr_info* file, std::size_t /*size*/, void* /*unused*/) {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    for (int i = 0; i < file->dlpi_phnum; ++i) {
        const auto& part = file->dlpi_phdr[i];
        if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) {
            continue;
        }
        const std::uintptr_t start = (file->dlpi_addr + part.p_vaddr) / page * page;
        const std::uintptr_t end = file->dlpi_addr + part.p_vaddr + part.p_memsz;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): the linker tells addresses as numbers
        madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void give_back_start() {
    malloc_trim(0);
    dl_iterate_phdr(give_back_file, nullptr);
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include <cerrno>
#include <cstddef>

#include "system_calls.h"

// In the place of the C library's, for all of the program: SQLite, zlib and the C++ library too. A
// sanitizer has its own; there memory does not run out.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

using pwlog::test::system_calls::memory_runs_out;

extern "C" {

void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* old, std::size_t size) noexcept;

void* malloc(std::size_t size) noexcept {
    if (memory_runs_out()) {
        errno = ENOMEM;
        return nullptr;
    }
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    if (memory_runs_out()) {
        errno = ENOMEM;
        return nullptr;
    }
    return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) noexcept {
    if (memory_runs_out()) {
        errno = ENOMEM;
        return nullptr;
    }
    return __libc_realloc(old, size);
}

}  // extern "C"

#endif

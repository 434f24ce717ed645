// SPDX-License-Identifier: MIT
#include <cstdint>
#include <cstdlib>

#include "fuzz/targets.h"

/// libFuzzer's entrance; the target is named in PWLOG_FUZZ_TARGET.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const char* const target = std::getenv("PWLOG_FUZZ_TARGET");
    pwlog::test::fuzz(target != nullptr ? target : "ndjson",
                      {reinterpret_cast<const char*>(data), size});
    return 0;
}

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace pwlog {

/// Where bytes come from: a plain file, a pipe, or either of them compressed. One thread at a time.
class ByteInput {
  public:
    virtual ~ByteInput() = default;

    /// Reads up to `size` bytes; 0 is the end. Where a compressed input breaks off or is damaged,
    /// what came before it is handed out first, then the end, and damage() says what happened.
    virtual Result<std::size_t> read(char* to, std::size_t size) = 0;
    /// Goes to this offset of the (uncompressed) bytes; cheap only for a plain file.
    virtual Result<void> skip_to(std::uint64_t offset) = 0;
    /// Bytes of the file itself read so far, for progress.
    virtual std::uint64_t consumed() const = 0;
    /// Size of the file itself; none for a pipe.
    virtual std::optional<std::uint64_t> total() const = 0;
    /// Empty, or why the input ended before its end.
    virtual const std::string& damage() const = 0;
};

/// Opens `path`, `-` for standard input. Compression (gzip, zstd, xz, bzip2) and UTF-16 are seen
/// from the first bytes, not from the name. What is packed otherwise is refused with what to do.
/// Waiting for a pipe ends with `stopped` when `stop` is requested.
Result<std::unique_ptr<ByteInput>> open_input(const std::string& path,
                                              const std::stop_token& stop = {});

}  // namespace pwlog

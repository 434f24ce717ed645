#pragma once

#include <memory>

#include "backfill/input/file_input.h"

namespace pwlog {

/// gzip, any number of members.
std::unique_ptr<ByteInput> open_gzip(FileInput file);
/// zstd, any number of frames.
std::unique_ptr<ByteInput> open_zstd(FileInput file);

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "backfill/input/byte_input.h"
#include "backfill/input/codec.h"

namespace pwlog {

/// What a codec makes of another input's bytes.
std::unique_ptr<ByteInput> unpack_input(std::unique_ptr<ByteInput> packed,
                                        std::unique_ptr<Codec> codec);

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "backfill/input/byte_input.h"

namespace pwlog {

/// Takes lines, without their ends, from whoever makes them; waits while the reader is behind. An
/// Error (`stopped`) means that nobody reads any more. Any thread.
using PutLine = std::function<Result<void>(std::string_view line)>;

/// Writes all its lines and returns; an Error ends the input, and becomes its damage().
using LineMaker = std::function<Result<void>(const PutLine& put)>;

/// An input whose lines are made while they are read, by a thread of its own, with bounded memory
/// between the two.
std::unique_ptr<ByteInput> feed_input(LineMaker maker);

}  // namespace pwlog

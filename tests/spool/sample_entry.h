// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "spool/entry.h"

namespace pwlog::test {

/// An entry whose documents say who they are: `stream.position.time` is the id of each, and the
/// JSON repeats it.
Entry make_entry(const std::string& stream, Timestamp time, int documents = 3);
std::string id_of(const std::string& stream, Timestamp time, int position);
std::string json_of(const std::string& id);

}  // namespace pwlog::test

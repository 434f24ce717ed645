// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>

namespace pwlog {

/// The user's name, or the number where it has none.
std::string user_name(uid_t user);

}  // namespace pwlog

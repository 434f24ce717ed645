// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "base/result.h"

struct sqlite3;

namespace pwlog {

/// What SQLite last said on `handle`, with the kind of error that it is to us; `what` was tried.
tl::unexpected<Error> sqlite_failure(sqlite3* handle, std::string_view what);

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace pwlog {

/// The version of pwlog and, a line each, of the libraries it runs with: the loaded one where the
/// library tells, else the one it was built with.
std::string version_text();

}  // namespace pwlog

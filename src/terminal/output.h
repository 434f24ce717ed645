// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "terminal/exit_code.h"

namespace pwlog {

/// Prints each line of `text` to standard error behind "pwlog: ", with what could harm a terminal
/// escaped; in the journal they are errors.
void print_problem(std::string_view text);

/// Writes to standard error as it stands, at once; nothing happens where that is gone (fmt::print
/// throws there).
void write_error(std::string_view text);

/// Prints the problem; the exit status of `code`.
int fail_with(const Error& error, ExitCode code);

/// Whether a person reads standard output: tables then, JSON otherwise.
bool output_is_terminal();

/// How wide the terminal on standard output is; 80 where there is none or it does not say.
std::size_t output_columns();

/// Prints to standard output; false where nobody can read it (full disk, closed pipe).
bool print(std::string_view text);

constexpr int status_of(ExitCode code) { return static_cast<int>(code); }

}  // namespace pwlog

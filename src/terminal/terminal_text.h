// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pwlog {

/// Text from a file, a device or a server made fit for a terminal and a log: well-formed UTF-8
/// stays, control characters (C0, DEL, C1) and broken bytes become \xNN. Names keep their umlauts,
/// no escape sequence gets through.
std::string terminal_text(std::string_view text);

/// Whether terminal_text() would change the text.
bool is_terminal_text(std::string_view text);

/// As much of the text as fits so many columns, with "…" as the last where something was cut.
std::string cut_text(std::string_view text, std::size_t columns);

/// The text at blanks in lines of at most `columns` (0: no limit); a longer word stays whole.
std::vector<std::string> wrap_text(std::string_view text, std::size_t columns);

/// How many columns of a terminal a text takes: double-width characters two, combining ones none.
std::size_t text_width(std::string_view text);

}  // namespace pwlog

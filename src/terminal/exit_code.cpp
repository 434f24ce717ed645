// SPDX-License-Identifier: MIT
#include "terminal/exit_code.h"

#include <fmt/format.h>

namespace pwlog {

std::string exit_code_help() {
    std::string text = "Exit status:\n";
    for (const ExitCodeText& line : exit_code_texts) {
        text += fmt::format("  {:>2}  {}\n", line.status, line.meaning);
    }
    return text;
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "terminal/terminal_text.h"
#include "watch/watch_screen.h"

namespace pwlog::test {

/// All of a line's text, as a reader of the screen sees it.
inline std::string text_of(const Line& line) {
    std::string text;
    std::size_t at = 0;
    for (const Span& span : line) {
        if (span.column > at) {
            text.append(span.column - at, ' ');
            at = span.column;
        }
        text += span.text;
        at += text_width(span.text);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

}  // namespace pwlog::test

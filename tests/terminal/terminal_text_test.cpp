// SPDX-License-Identifier: MIT
#include "terminal/terminal_text.h"

#include <catch2/catch.hpp>

using namespace pwlog;

TEST_CASE("names keep their umlauts", "[cli]") {
    CHECK(terminal_text("Küche 🔌 …") == "Küche 🔌 …");
    CHECK(is_terminal_text("Küche 🔌 …"));
}

TEST_CASE("no escape sequence gets through", "[cli]") {
    CHECK(terminal_text("\x1b[31m") == "\\x1b[31m");
    CHECK(terminal_text("a\nb\r\x7f") == "a\\x0ab\\x0d\\x7f");
    CHECK(terminal_text("\xc2\x9b"
                        "31m") == "\\xc2\\x9b31m");  // CSI as a C1 control
    CHECK(terminal_text("a\u202eb\u2069") ==
          "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa9");  // written backwards
    CHECK(terminal_text("\x9b"
                        "31m") == "\\x9b31m");
    CHECK_FALSE(is_terminal_text("a\tb"));
}

TEST_CASE("bytes that are not UTF-8 are shown as such", "[cli]") {
    CHECK(terminal_text("\xff") == "\\xff");
    CHECK(terminal_text("\xc3") == "\\xc3");                             // cut
    CHECK(terminal_text("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
    CHECK(terminal_text("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");           // overlong
    CHECK(terminal_text("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
    CHECK(terminal_text("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond Unicode
}

TEST_CASE("a text is cut between characters", "[cli]") {
    CHECK(cut_text("Küche", 5) == "Küche");
    CHECK(cut_text("Küche", 4) == "Küc…");
    CHECK(cut_text("Küche", 3) == "Kü…");
    CHECK(cut_text("Küche", 1) == "…");
    CHECK(text_width("Küche") == 5);
}

TEST_CASE("a width counts columns: wide characters two, combining ones none", "[cli]") {
    CHECK(text_width("電源 A") == 6);
    CHECK(text_width("🔌") == 2);
    CHECK(text_width("Ku\xcc\x88"
                     "che") == 5);  // u and a combining diaeresis
    CHECK(cut_text("電源タップ", 10) == "電源タップ");
    CHECK(cut_text("電源タップ", 6) == "電源…");  // half a character is none
    CHECK(cut_text("電源タップ", 5) == "電源…");
    CHECK(text_width(cut_text("電源タップ", 4)) <= 4);
}

// SPDX-License-Identifier: MIT
#include "protocol/command.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <set>
#include <string>

using namespace pwlog;
using namespace pwlog::pdu;
using namespace std::chrono_literals;

namespace {

SwitchPermit permit(const std::vector<int>& outlets) {
    auto made = SwitchPermit::of(outlets);
    REQUIRE(made);
    return *made;
}

SwitchPermit permit_all() { return permit({1, 2, 3, 4, 5, 6, 7, 8}); }

OutletChoice outlet(int number) {
    auto choice = OutletChoice::number(number);
    REQUIRE(choice);
    return *choice;
}

std::string text_or_error(const Result<SetCommand>& command) {
    return command ? command->text() : "error: " + command.error().message;
}

bool is_denied(const Result<SetCommand>& command) {
    return !command && command.error().kind == ErrorKind::denied;
}

bool is_invalid(const Result<SetCommand>& command) {
    return !command && command.error().kind == ErrorKind::invalid;
}

std::string shutdown_text(std::chrono::seconds delay,
                          std::optional<std::chrono::minutes> restore = std::nullopt) {
    return text_or_error(shutdown(permit({8}), outlet(8), delay, restore));
}

/// Texts that look like commands more often than chance would have it.
class TextMaker {
  public:
    std::string make() {
        std::string text = starts_[pick(starts_.size())];
        const auto length = pick(12);
        for (std::size_t i = 0; i < length; ++i) {
            text += pick(8) == 0 ? static_cast<char>(pick(256)) : letters_[pick(letters_.size())];
        }
        return text;
    }

  private:
    std::size_t pick(std::size_t below) { return dice_() % below; }

    std::mt19937_64 dice_{20221114};  // the same texts each time
    std::vector<std::string> starts_{"",    "S",    "S,",   "s,",    "CS",  "CS,",   "cs,", "Cs,8",
                                     "S,8", "S,A0", "S,1.", "S,8.1", "SON", "QGS\r", "S ",  "SX8",
                                     "(S,", "\nS,", "CSX8", "S,800", "S;8", "S,800R"};
    std::string letters_ = "0123456789.,ASRCsrca \r";
};

/// Which outlets a text switches on a device that takes upper and lower case for the same; empty
/// where none.
std::set<char> named_outlets(const std::string& text) {
    const auto upper = [&](std::size_t i) {
        return i < text.size()
                   ? static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])))
                   : '\0';
    };
    const std::size_t letters = upper(0) == 'S' ? 1 : upper(0) == 'C' && upper(1) == 'S' ? 2 : 0;
    if (letters == 0) {
        return {};
    }
    return {upper(letters + 1)};
}

}  // namespace

TEST_CASE("every delay the device knows is encoded as it knows it", "[protocol]") {
    CHECK(shutdown_text(0s) == "S,800");
    for (int tenths = 1; tenths <= 9; ++tenths) {
        CHECK(shutdown_text(6s * tenths) == "S,8." + std::to_string(tenths));
    }
    for (int minutes = 1; minutes <= 99; ++minutes) {
        const std::string digits = (minutes < 10 ? "0" : "") + std::to_string(minutes);
        CHECK(shutdown_text(std::chrono::minutes(minutes)) == "S,8" + digits);
    }
}

TEST_CASE("a delay between the steps is refused, never rounded", "[protocol]") {
    int taken = 0;
    for (int seconds = -60; seconds <= 7000; ++seconds) {
        const auto command = shutdown(permit({8}), outlet(8), std::chrono::seconds(seconds), {});
        const bool known = (seconds >= 0 && seconds < 60 && seconds % 6 == 0) ||
                           (seconds >= 60 && seconds <= 99 * 60 && seconds % 60 == 0);
        INFO(seconds << " s: " << text_or_error(command));
        CHECK(command.has_value() == known);
        CHECK((known || is_invalid(command)));
        taken += command.has_value() ? 1 : 0;
    }
    CHECK(taken == 10 + 99);
}

TEST_CASE("restore is 0 to 9999 minutes in four digits", "[protocol]") {
    CHECK(shutdown_text(6s, 0min) == "S,8.1R0000");
    CHECK(shutdown_text(0s, 1min) == "S,800R0001");
    CHECK(shutdown_text(99min, 9999min) == "S,899R9999");
    CHECK(is_invalid(shutdown(permit({8}), outlet(8), 0s, 10000min)));
    CHECK(is_invalid(shutdown(permit({8}), outlet(8), 0s, -1min)));
}

TEST_CASE("an outlet that is not listed can be neither switched nor cancelled", "[protocol]") {
    const auto only = permit({3, 8});
    for (int number = 1; number <= 8; ++number) {
        const bool listed = number == 3 || number == 8;
        INFO(number);
        CHECK(shutdown(only, outlet(number), 6s, {}).has_value() == listed);
        CHECK(is_denied(shutdown(only, outlet(number), 6s, 0min)) == !listed);
        CHECK(is_denied(cancel_shutdown(only, outlet(number))) == !listed);
    }
}

TEST_CASE("nothing can be switched by default", "[protocol]") {
    const SwitchPermit none;
    for (int number = 1; number <= 8; ++number) {
        CHECK(is_denied(shutdown(none, outlet(number), 0s, {})));
    }
    CHECK(is_denied(shutdown(none, OutletChoice::all(), 0s, {})));
    CHECK(is_denied(cancel_shutdown(none, OutletChoice::all())));
}

TEST_CASE("all outlets at once need all outlets listed", "[protocol]") {
    CHECK(text_or_error(shutdown(permit_all(), OutletChoice::all(), 6s, 0min)) == "S,A.1R0000");
    CHECK(text_or_error(cancel_shutdown(permit_all(), OutletChoice::all())) == "CS,A");
    for (int missing = 1; missing <= 8; ++missing) {
        std::vector<int> seven;
        for (int number = 1; number <= 8; ++number) {
            if (number != missing) {
                seven.push_back(number);
            }
        }
        CHECK(is_denied(shutdown(permit(seven), OutletChoice::all(), 6s, {})));
        CHECK(is_denied(cancel_shutdown(permit(seven), OutletChoice::all())));
        CHECK(is_denied(custom(permit(seven), "S,A.1")));
        CHECK(is_denied(custom(permit(seven), "CS,A")));
    }
}

TEST_CASE("there are eight outlets", "[protocol]") {
    for (const int number : {-1, 0, 9, 65, 264}) {
        INFO(number);
        CHECK_FALSE(OutletChoice::number(number));
        CHECK_FALSE(SwitchPermit::of({number}));
        CHECK_FALSE(permit_all().allows(number));
    }
}

TEST_CASE("commands without an outlet are what the device knows", "[protocol]") {
    CHECK(clear_energy().text() == "CEC");
    CHECK(self_test().text() == "TP");
    CHECK(text_or_error(cancel_shutdown(permit({8}), outlet(8))) == "CS,8");
}

TEST_CASE("a typed switching command is taken to the letter or not at all", "[protocol]") {
    const auto all = permit_all();
    for (const std::string text : {"S,8.1", "S,800", "S,899", "S,8.1R0000", "S,899R9999", "CS,8",
                                   "S,A.1", "CS,A", "QGS", "TP", "CEC", "QGM0>", "X"}) {
        CHECK(text_or_error(custom(all, text)) == text);
    }
    for (const std::string text :
         {"s,8.1", "S,8",       "S,8.0",       "S,81",       "S,8.10",     "S,9.1",
          "S,0.1", "S,8.1R000", "S,8.1R00000", "S,8.1r0000", "S,8.1RABCD", "S,88R0000",
          "SX8.1", "SK801",     "SON81",       "S;8.1",      "S,8-1",      "cs,8",
          "CS8",   "CS,",       "CS,9",        "CS,88",      "CS;8",       "Cs,8",
          "cS,A",  "S",         "CS",          "SKOFF8",     "S.8.1"}) {
        INFO(text);
        CHECK(is_invalid(custom(all, text)));
    }
}

TEST_CASE("a typed command is one line of printable characters", "[protocol]") {
    using namespace std::string_literals;
    for (const auto& text : {""s, " QGS"s, "QGS "s, "QGS\r"s, "QGS\rS,8.1"s, "QGS\nS,8.1"s, "Q\0S"s,
                             "QGS\x1b"s, "QG\xc3\xa4"s, std::string(33, 'Q')}) {
        CHECK(is_invalid(custom(permit_all(), text)));
    }
    CHECK(custom(permit_all(), std::string(32, 'Q')));
}

TEST_CASE("no typed text switches an outlet that is not listed", "[protocol]") {
    const auto only = permit({3, 8});
    TextMaker maker;
    int switching = 0;
    for (int i = 0; i < 100'000; ++i) {
        const std::string text = maker.make();
        const auto command = custom(only, text);
        if (!command) {
            continue;
        }
        // What is sent is what was typed, in one piece …
        REQUIRE(command->text() == text);
        REQUIRE(text.find_first_of("\r\n") == std::string::npos);
        // … and if a device could take it for switching, it names a listed outlet.
        for (const char named : named_outlets(text)) {
            ++switching;
            INFO(text);
            REQUIRE((named == '3' || named == '8'));
        }
    }
    CHECK(switching > 100);  // the texts did come near the wall
}

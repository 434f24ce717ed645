// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include "config/config.h"
#include "support/paths.h"
#include "support/text.h"
#include "terminal/terminal_text.h"

using namespace pwlog;

namespace {

std::string full_config() { return test::content(test::test_data() / "config/good/full.toml"); }

/// Changes, adds, removes or repeats bytes.
std::string mutate(std::string text, std::mt19937& random) {
    const auto below = [&random](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    constexpr std::string_view pieces = "\"'[]{}=.,#\n\\ 0-e\x1b\xff\xc3";
    for (std::size_t changes = below(6) + 1; changes > 0 && !text.empty(); --changes) {
        const std::size_t at = below(text.size());
        switch (below(5)) {
            case 0:
                text[at] = static_cast<char>(below(256));
                break;
            case 1:
                text.insert(at, 1, pieces[below(pieces.size())]);
                break;
            case 2:
                text.erase(at, below(40));
                break;
            case 3:
                text.insert(at, text.substr(below(text.size()), below(80)));
                break;
            default:
                text.resize(at);
                break;
        }
    }
    return text;
}

}  // namespace

TEST_CASE("mutated configurations give a configuration or clear lines, never a crash", "[cli]") {
    const std::string good = full_config();
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    int taken = 0;
    for (int round = 0; round < 5'000; ++round) {
        const std::string text = mutate(good, random);
        const auto config = parse_config(text, "case.toml");
        if (config) {
            ++taken;
            continue;
        }
        INFO(text);
        std::istringstream lines(config.error().message);
        for (std::string line; std::getline(lines, line);) {
            CHECK(line.starts_with("case.toml:"));
            CHECK(line.size() > 15);
            CHECK(is_terminal_text(line));
        }
        CHECK(config.error().kind == ErrorKind::invalid);
    }
    CHECK(taken > 0);  // changes in comments and names
    CHECK(taken < 5'000);
}

TEST_CASE("a wrong value for any key is an error in its line, never a default", "[cli]") {
    std::vector<std::string> lines;
    std::istringstream stream(full_config());
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    int keys = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t equals = lines[i].find(" = ");
        if (equals == std::string::npos || lines[i].starts_with('#')) {
            continue;
        }
        ++keys;
        for (const auto* wrong : {"-1", "1e300", "nan", "\"\"", "\"\\u0000\"", "[[]]", "[{}]", "{}",
                                  "{ a = 1 }", "2026-11-01", "07:32:00"}) {
            auto changed = lines;
            changed[i] = lines[i].substr(0, equals + 3) + wrong;
            const auto config = parse_config(fmt::format("{}\n", fmt::join(changed, "\n")), "c");
            INFO(changed[i]);
            REQUIRE_FALSE(config);
            INFO(config.error().message);
            CHECK(config.error().message.find(fmt::format("c:{}: ", i + 1)) != std::string::npos);
        }
    }
    CHECK(keys == 68);
}

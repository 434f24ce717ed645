// SPDX-License-Identifier: MIT
#include "simulator/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace pwlog::simulator {
namespace {

Result<ScriptLine> parse_line(std::string_view text) {
    Words words(text);
    if (!words.take_if("at")) {
        return fail(ErrorKind::invalid, "a line starts with 'at' and a time, as in 'at 12.5s'");
    }
    const auto at = words.take_duration("a time");
    auto rest = words.take_rest();
    if (auto taken = words.finish(); !taken) {
        return pass_on(taken);
    }
    auto directive = parse_directive(rest);
    if (!directive) {
        return pass_on(directive);
    }
    return ScriptLine{at, std::move(*directive), std::move(rest), 0};
}

}  // namespace

Result<std::vector<ScriptLine>> parse_script(std::string_view text, std::string_view name) {
    std::vector<ScriptLine> lines;
    int number = 0;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        ++number;
        const auto start = line.find_first_not_of(" \t\r");
        if (start == std::string_view::npos || line[start] == '#') {
            continue;
        }
        auto parsed = parse_line(line);
        if (!parsed) {
            return fail(ErrorKind::invalid,
                        fmt::format("{}:{}: {}", name, number, parsed.error().message));
        }
        parsed->number = number;
        lines.push_back(std::move(*parsed));
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const ScriptLine& a, const ScriptLine& b) { return a.at < b.at; });
    return lines;
}

Result<std::vector<ScriptLine>> read_script(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        return fail(ErrorKind::not_found,
                    fmt::format("reading the script {}: {}", path, std::strerror(errno)));
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return parse_script(text, path);
}

}  // namespace pwlog::simulator

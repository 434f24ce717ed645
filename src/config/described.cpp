// SPDX-License-Identifier: MIT
#include "config/described.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/config_sections.h"

namespace pwlog {
namespace {

constexpr std::string_view head =
    R"(# pwlog reads this file from /etc/pwlog/pwlog.toml, or from where --config says; after it conf.d/*.toml beside it, by name.
# Durations are whole numbers with a unit (ms s min h d y), sizes with B, KiB, MiB or GiB.
# Commented keys are optional and show their defaults, or an example; ## marks an alternative to another key.
)";

std::string with_remark(std::string line, std::string_view remark) {
    constexpr std::size_t column = 40;
    line.resize(std::max(line.size() + 1, column), ' ');
    return fmt::format("{}# {}\n", line, remark);
}

std::string remark_lines(std::string_view text) {
    std::string lines;
    for (const char c : text) {
        lines += c;
        lines += c == '\n' ? "# " : "";
    }
    return lines;
}

std::string section_text(const SectionFacts& section) {
    const std::string_view mark = section.is_used ? "" : "# ";
    std::string text = "\n";
    if (!section.name.empty()) {
        text += fmt::format("{}{}\n# {}\n", mark, section.heading(), remark_lines(section.meaning));
    }
    for (const auto& key : section.keys) {
        const std::string_view before = key.stand == Stand::instead                     ? "## "
                                        : section.is_used && key.stand == Stand::needed ? ""
                                                                                        : "# ";
        text += with_remark(fmt::format("{}{} = {}", before, key.name, key.value), key.meaning);
    }
    return text;
}

}  // namespace

const std::vector<SectionFacts>& described_sections() {
    static const std::vector<SectionFacts> sections{
        logger_facts(), elasticsearch_facts(), labels_facts(), spool_facts(),
        mqtt_facts(),   pdu_facts(),           ats_facts(),    ups_facts()};
    return sections;
}

std::string example_configuration() {
    std::string text(head);
    for (const auto& section : described_sections()) {
        text += section_text(section);
    }
    return text;
}

std::string home_of_key(std::string_view key) {
    std::vector<std::string> headings;
    bool is_at_top = false;
    for (const auto& section : described_sections()) {
        const bool has_it = std::any_of(section.keys.begin(), section.keys.end(),
                                        [key](const KeyFacts& facts) { return facts.name == key; });
        if (has_it && section.name.empty()) {
            is_at_top = true;
        } else if (has_it) {
            const std::string_view article = section.name.front() == 'a' ? "an " : "a ";
            headings.push_back(
                fmt::format("{}{}", section.is_list ? article : "", section.heading()));
        }
    }
    if (is_at_top) {
        return "it belongs to the top of the file, above the first [section]";
    }
    return headings.empty() ? std::string()
                            : fmt::format("it belongs under {}", fmt::join(headings, " or "));
}

}  // namespace pwlog

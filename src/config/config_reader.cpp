// SPDX-License-Identifier: MIT
#include "config/config_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "base/text_values.h"
#include "terminal/terminal_text.h"

namespace pwlog {

namespace {

constexpr std::size_t most_shown = 60;

std::string in_quotes(std::string_view text) {
    if (text.find("://") != std::string_view::npos && text.find('@') != std::string_view::npos) {
        return "(hidden, as it seems to have a password in it)";
    }
    return fmt::format("\"{}\"", cut_text(terminal_text(text), most_shown));
}

std::string list_in_quotes(const std::vector<std::string_view>& words) {
    return fmt::format("\"{}\"", fmt::join(words, "\", \""));
}

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<std::string> text_at(const toml::node& node) {
    const auto* text = node.as_string();
    return text != nullptr && is_terminal_text(text->get()) ? std::optional(text->get())
                                                            : std::nullopt;
}

std::optional<std::int64_t> number_at(const toml::node& node) {
    const auto* number = node.as_integer();
    return number != nullptr ? std::optional(number->get()) : std::nullopt;
}

}  // namespace

std::string node_text(const toml::node& node) {
    if (const auto* text = node.as_string()) {
        return "the text " + in_quotes(text->get());
    }
    if (const auto* number = node.as_integer()) {
        return fmt::format("the number {}", number->get());
    }
    if (const auto* number = node.as_floating_point()) {
        return fmt::format("the number {}", number->get());
    }
    if (const auto* boolean = node.as_boolean()) {
        return boolean->get() ? "true" : "false";
    }
    if (node.is_array()) {
        return "a list";
    }
    return node.is_table() ? "a table" : "a date or time";
}

TableReader::TableReader(const toml::table& table, std::string where, ConfigProblems& problems)
    : table_(table), where_(std::move(where)), problems_(problems) {}

const toml::node* TableReader::find(std::string_view key) {
    if (!contains(known_, key)) {
        known_.push_back(key);
    }
    return table_.get(key);
}

ConfigPlace place_of(const toml::source_region& source) {
    return {source.path ? *source.path : std::string(), source.begin.line};
}

ConfigPlace TableReader::place(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return place_of((node != nullptr ? node : &table_)->source());
}

void TableReader::problem(std::string_view key, std::string_view text) const {
    problems_.add(place(key),
                  fmt::format("{}{}{}: {}", where_, where_.empty() ? "" : ".", key, text));
}

void TableReader::wrong_type(std::string_view key, std::string_view expected,
                             const toml::node& node) const {
    problem(key, fmt::format("expected {}, got {}", expected, node_text(node)));
}

template <class T, class Convert>
bool TableReader::take(std::string_view key, T& value, std::string_view expected,
                       const Convert& convert) {
    const toml::node* node = find(key);
    if (node == nullptr) {
        return false;
    }
    const std::optional<T> converted = convert(*node);
    if (!converted) {
        wrong_type(key, expected, *node);
        return false;
    }
    value = *converted;
    return true;
}

bool TableReader::read(std::string_view key, std::string& value) {
    return take(key, value, "a text in quotes, not empty, without control characters",
                [](const toml::node& node) {
                    auto text = text_at(node);
                    return text && !text->empty() ? text : std::nullopt;
                });
}

bool TableReader::read(std::string_view key, bool& value) {
    return take(key, value, "true or false", [](const toml::node& node) -> std::optional<bool> {
        const auto* boolean = node.as_boolean();
        return boolean != nullptr ? std::optional(boolean->get()) : std::nullopt;
    });
}

bool TableReader::read(std::string_view key, double& value, Range<double> range) {
    return take(key, value, fmt::format("a number from {} to {}", range.least, range.most),
                [&range](const toml::node& node) -> std::optional<double> {
                    // Not node.value<double>(): that would take booleans too.
                    double number = std::numeric_limits<double>::quiet_NaN();
                    if (const auto* whole = node.as_integer()) {
                        number = static_cast<double>(whole->get());
                    } else if (const auto* real = node.as_floating_point()) {
                        number = real->get();
                    }
                    return range.holds(number) ? std::optional(number) : std::nullopt;
                });
}

bool TableReader::read(std::string_view key, std::int64_t& value, Range<std::int64_t> range) {
    return take(key, value, fmt::format("a whole number from {} to {}", range.least, range.most),
                [&range](const toml::node& node) {
                    const auto number = number_at(node);
                    return number && range.holds(*number) ? number : std::nullopt;
                });
}

bool TableReader::read(std::string_view key, milliseconds& value, Range<milliseconds> range) {
    const auto expected = fmt::format(R"(a duration such as "10s" or "500ms", from {} to {})",
                                      duration_text(range.least), duration_text(range.most));
    return take(key, value, expected, [&range](const toml::node& node) {
        const auto* text = node.as_string();
        const auto duration = text == nullptr ? std::nullopt : parse_duration(text->get());
        return duration && range.holds(*duration) ? duration : std::nullopt;
    });
}

bool TableReader::read_size(std::string_view key, std::uint64_t& bytes,
                            Range<std::uint64_t> range) {
    const auto expected = fmt::format(R"(a size such as "256MiB" or "900KiB", from {} to {})",
                                      size_text(range.least), size_text(range.most));
    return take(key, bytes, expected, [&range](const toml::node& node) {
        const auto* text = node.as_string();
        const auto size = text == nullptr ? std::nullopt : parse_size(text->get());
        return size && range.holds(*size) ? size : std::nullopt;
    });
}

bool TableReader::read_path(std::string_view key, std::filesystem::path& value) {
    std::string text;
    if (!read(key, text)) {
        return false;
    }
    if (text.front() != '/') {
        problem(key, "expected an absolute path (starting with /), got " + in_quotes(text));
        return false;
    }
    value = text;
    return true;
}

std::optional<std::size_t> TableReader::read_word(std::string_view key,
                                                  const std::vector<std::string_view>& words) {
    std::size_t index = 0;
    const bool taken = take(
        key, index, "one of " + list_in_quotes(words),
        [&words](const toml::node& node) -> std::optional<std::size_t> {
            const auto* text = node.as_string();
            const auto found =
                text == nullptr ? words.end() : std::find(words.begin(), words.end(), text->get());
            return found != words.end()
                       ? std::optional(static_cast<std::size_t>(found - words.begin()))
                       : std::nullopt;
        });
    return taken ? std::optional(index) : std::nullopt;
}

template <class T, class Convert>
bool TableReader::take_list(std::string_view key, std::vector<T>& values, std::string_view expected,
                            std::string_view within, const Convert& convert) {
    const toml::node* node = find(key);
    if (node == nullptr || !node->is_array()) {
        if (node != nullptr) {
            wrong_type(key, expected, *node);
        }
        return false;
    }
    std::vector<T> taken;
    for (const toml::node& element : *node->as_array()) {
        const std::optional<T> value = convert(element);
        if (!value) {
            wrong_type(key, within, element);
            return false;
        }
        taken.push_back(*value);
    }
    values = std::move(taken);
    return true;
}

bool TableReader::read_texts(std::string_view key, std::vector<std::string>& values) {
    return take_list(key, values, R"(a list of texts in brackets, such as ["a", "b"])",
                     "only texts without control characters in the list", text_at);
}

bool TableReader::read_numbers(std::string_view key, std::vector<std::int64_t>& values) {
    return take_list(key, values, "a list of whole numbers such as [1, 8]",
                     "only whole numbers in the list, not names", number_at);
}

const toml::table* TableReader::table(std::string_view key) {
    const toml::node* node = find(key);
    if (node != nullptr && !node->is_table()) {
        wrong_type(key, fmt::format("a section that starts with [{}]", key), *node);
        return nullptr;
    }
    return node == nullptr ? nullptr : node->as_table();
}

std::vector<const toml::table*> TableReader::tables(std::string_view key) {
    std::vector<const toml::table*> found;
    const toml::node* node = find(key);
    if (node == nullptr) {
        return found;
    }
    const std::string expected = fmt::format("sections that start with [[{}]]", key);
    if (!node->is_array()) {
        wrong_type(key, expected + " (two brackets)", *node);
        return found;
    }
    for (const toml::node& element : *node->as_array()) {
        if (element.is_table()) {
            found.push_back(element.as_table());
        } else {
            wrong_type(key, expected, element);
        }
    }
    return found;
}

void TableReader::refuse_secret(std::string_view key, std::string_view instead) {
    refused_.push_back(key);
    if (table_.contains(key)) {
        problem(key, fmt::format("secrets are never in this file: {}", instead));
    }
}

/// What is said of a key that is not known here: one letter off, a key of another table, or further
/// off.
std::string TableReader::help_with(std::string_view key, HomeOf home_of) const {
    const auto slip = nearest_name(key, known_, 1);
    std::string home = home_of == nullptr || !slip.empty() ? "" : home_of(key);
    if (!home.empty()) {
        return home;
    }
    if (const auto near = nearest_name(key, known_); !near.empty()) {
        return fmt::format("did you mean \"{}\"?", near);
    }
    return "known here are " + list_in_quotes(known_);
}

void TableReader::finish(HomeOf home_of) {
    for (const auto& [key, value] : table_) {
        if (contains(known_, key.str()) || contains(refused_, key.str())) {
            continue;
        }
        if (problems_.full()) {
            problems_.add({}, {});
            continue;
        }
        problems_.add(
            place_of(key.source()),
            fmt::format("unknown key {}{}: {}", in_quotes(key.str()),
                        where_.empty() ? "" : " in " + where_, help_with(key.str(), home_of)));
    }
}

}  // namespace pwlog

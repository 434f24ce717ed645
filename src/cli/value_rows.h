// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pwlog {

/// One value of an answer: under the key that users of the Python library know, for people and for
/// programs.
struct ValueRow {
    std::string group;  ///< the object the key is in: `status`, `out1_cd_sec`; empty: none
    std::string key;
    std::string json;  ///< the value as JSON
    std::string text;  ///< the value for people
    std::string unit{};
    std::string meaning{};   ///< what it is or means, in words
    bool only_json = false;  ///< another name of a key that is already there
};

using ValueRows = std::vector<ValueRow>;

/// A number in its shortest form, or null, and `-` for people.
ValueRow number_row(std::string key, std::optional<double> value, std::string unit = "",
                    std::string meaning = "");
/// The same as the device measures it: people see one decimal.
ValueRow measured_row(std::string key, std::optional<double> value, std::string unit,
                      std::string meaning = "");
/// A bit: 0 or 1 for programs, no or yes for people; one without a meaning is not shown to them.
ValueRow bit_row(std::string key, char bit, std::string meaning);
ValueRow text_row(std::string key, const std::string& value, std::string meaning = "");
/// The same value under another name, for programs.
ValueRow alias_row(const ValueRow& row, std::string key);

/// `"text"`.
std::string json_text(std::string_view text);

/// One object on one line; the members of a group in an object of their own.
std::string rows_json(const ValueRows& rows);
/// A line for each value: key, value, unit, words; words that reach beyond `columns` are cut.
std::string rows_table(const ValueRows& rows, std::size_t columns);

}  // namespace pwlog

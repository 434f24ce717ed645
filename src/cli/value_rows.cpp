// SPDX-License-Identifier: MIT
#include "cli/value_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_object.h"
#include "terminal/terminal_text.h"
#include "terminal/text_table.h"

namespace pwlog {

ValueRow number_row(std::string key, std::optional<double> value, std::string unit,
                    std::string meaning) {
    ValueRow row;
    row.key = std::move(key);
    row.json = value ? fmt::format("{}", *value) : "null";
    row.text = value ? row.json : "-";
    row.unit = std::move(unit);
    row.meaning = std::move(meaning);
    return row;
}

ValueRow measured_row(std::string key, std::optional<double> value, std::string unit,
                      std::string meaning) {
    auto row = number_row(std::move(key), value, std::move(unit), std::move(meaning));
    row.text = value ? fmt::format("{:.1f}", *value) : row.text;
    return row;
}

ValueRow bit_row(std::string key, char bit, std::string meaning) {
    auto row = number_row(std::move(key), bit - '0', "", std::move(meaning));
    row.text = bit == '0' ? "no" : "yes";
    row.only_json = row.meaning.empty();
    return row;
}

ValueRow text_row(std::string key, const std::string& value, std::string meaning) {
    ValueRow row;
    row.key = std::move(key);
    row.json = json_text(value);
    row.text = value;
    row.meaning = std::move(meaning);
    return row;
}

ValueRow alias_row(const ValueRow& row, std::string key) {
    ValueRow alias = row;
    alias.key = std::move(key);
    alias.only_json = true;
    return alias;
}

std::string json_text(std::string_view text) {
    JsonObject object;
    object.add("t", text);
    const std::string json = object.take();  // {"t":"…"}
    constexpr std::size_t before = 5;
    return json.substr(before, json.size() - before - 1);
}

std::string rows_json(const ValueRows& rows) {
    JsonObject object;
    std::string open;
    for (const auto& row : rows) {
        if (row.group != open) {
            if (!open.empty()) {
                object.close();
            }
            if (!row.group.empty()) {
                object.open(row.group);
            }
            open = row.group;
        }
        object.add_raw(row.key, row.json);
    }
    if (!open.empty()) {
        object.close();
    }
    return object.take();
}

std::string rows_table(const ValueRows& rows, std::size_t columns) {
    constexpr std::size_t gaps = 6;  // between four columns
    constexpr std::size_t least_words = 10;
    const auto name_of = [](const ValueRow& row) {
        const bool is_nested = !row.group.empty() && row.group != "status";
        return is_nested ? row.group + "." + row.key : row.key;
    };
    std::size_t name = 4;  // the headings' own widths
    std::size_t value = 5;
    std::size_t unit = 4;
    for (const auto& row : rows) {
        name = std::max(name, text_width(name_of(row)));
        value = std::max(value, text_width(row.text));
        unit = std::max(unit, text_width(row.unit));
    }
    const auto taken = std::min(columns, name + value + unit + gaps);
    TextTable table;
    table.column("Name").column("Value", TextTable::Align::right).column("Unit").column("Meaning");
    for (const auto& row : rows) {
        if (!row.only_json) {
            table.row({name_of(row), row.text, row.unit,
                       cut_text(row.meaning, std::max(least_words, columns - taken))});
        }
    }
    return table.text();
}

}  // namespace pwlog

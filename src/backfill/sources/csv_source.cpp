// SPDX-License-Identifier: MIT
#include "backfill/sources/csv_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "backfill/sources/csv_row.h"
#include "base/printable.h"

namespace pwlog {
namespace {

class CsvParser final : public ValueParser {
  public:
    CsvParser(std::string header, char delimiter, std::vector<std::string> names,
              std::vector<std::string> columns, FieldMap map, MappingOptions options)
        : header_(std::move(header)),
          names_(std::move(names)),
          delimiter_(delimiter),
          columns_(std::move(columns)),
          map_(std::move(map)),
          options_(std::move(options)) {
        for (const auto& column : columns_) {
            values_.push_back({column, {}});
        }
    }

    ParsedLine parse(std::string_view line) override {
        if (!row_.split(line, delimiter_)) {
            return {ParsedLine::Kind::unfinished, {}, {}};
        }
        const auto& fields = row_.fields();
        if (std::equal(fields.begin(), fields.end(), names_.begin(), names_.end()) ||
            line.starts_with("sep=")) {
            return {};  // also where files were put together
        }
        if (is_other_header()) {
            return {ParsedLine::Kind::impossible,
                    {},
                    "another table begins here, with other columns: give it as a file of its own"};
        }
        if (row_.is_garbled()) {
            return {ParsedLine::Kind::garbled, {}, "something follows a closing quote"};
        }
        if (fields.size() != columns_.size()) {
            return {
                ParsedLine::Kind::garbled,
                {},
                fmt::format("it has {} fields, the header has {}", fields.size(), columns_.size())};
        }
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            values_[i].value = fields[i];
        }
        return map_values(map_, options_, values_, std::nullopt);
    }

    std::string header() const override { return header_; }

  private:
    /// A cell that says what the times' column is called is no time.
    bool is_other_header() const {
        const auto& rules = map_.sections().front().rules;
        const auto& fields = row_.fields();
        return std::any_of(rules.begin(), rules.end(), [&](const FieldMap::Rule& rule) {
            return rule.goal == FieldMap::Rule::Goal::timestamp && !rule.column.empty() &&
                   std::find(fields.begin(), fields.end(), rule.column) != fields.end();
        });
    }

    std::string header_;
    std::vector<std::string> names_;  // as the header has them
    char delimiter_;
    std::vector<std::string> columns_;
    FieldMap map_;
    MappingOptions options_;
    CsvRow row_;
    std::vector<NamedValue> values_;
};

/// What stands at the beginning of a table, line by line.
struct Beginning {
    std::string comment;    ///< the last one before the header: some write the header as one
    std::string separator;  ///< the line `sep=;`
    std::vector<std::string> rows;  ///< the header is the first
};

Beginning read_beginning(std::string_view text) {
    constexpr std::size_t enough_rows = 200;
    Beginning found;
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    while (!text.empty() && found.rows.size() < enough_rows) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.starts_with("sep=") && found.rows.empty()) {
            found.separator = line;
        } else if (line.starts_with('#') && found.rows.empty()) {
            found.comment = line;
        } else if (!line.empty() && !line.starts_with('#')) {
            found.rows.emplace_back(line);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
}

/// The one that most rows agree about; 0: two are as good.
char find_delimiter(const std::vector<std::string>& rows) {
    std::pair<std::size_t, std::size_t> best(0, 0);  // rows as long as the header, its columns
    char found = ',';
    CsvRow split;
    for (const char candidate : {',', ';', '\t', '|'}) {
        split.split(rows.front(), candidate);
        const std::size_t columns = split.fields().size();
        if (columns < 2) {
            continue;
        }
        const auto same = std::count_if(rows.begin(), rows.end(), [&](const std::string& row) {
            return split.split(row, candidate) && !split.is_garbled() &&
                   split.fields().size() == columns;
        });
        const std::pair score(static_cast<std::size_t>(same), columns);
        found = score > best ? candidate : score == best ? '\0' : found;
        best = std::max(best, score);
    }
    return found;
}

/// `Label (field)`, as Kibana 9 has it: the field.
std::string_view field_of(std::string_view column) {
    const std::size_t open = column.rfind('(');
    return open != column.npos && column.ends_with(')')
               ? column.substr(open + 1, column.size() - open - 2)
               : column;
}

Result<void> check_columns(const FieldMap& map, const std::vector<std::string>& columns,
                           TableColumns* all = nullptr) {
    const auto check = [&](const std::string& name) -> Result<void> {
        const auto times = std::count(columns.begin(), columns.end(), name);
        if (all != nullptr && all->several && !name.empty() && times < 2) {
            (times == 1 ? all->found : all->missing).insert(name);
            return {};
        }
        if (name.empty() || times == 1) {
            return {};
        }
        if (times > 1) {
            return fail(ErrorKind::invalid,
                        fmt::format("{} columns are called '{}': which one? Rename the others in "
                                    "the header",
                                    times, printable(name, 40)));
        }
        std::string known;
        for (const auto& column : columns) {
            known += (known.empty() ? "" : ", ") + printable(column, 40);
        }
        return fail(ErrorKind::invalid,
                    fmt::format("the map names a column '{}', the header has {}",
                                printable(name, 40), known));
    };
    for (const auto& section : map.sections()) {
        for (const auto& rule : section.rules) {
            if (auto found = check(rule.column); !found) {
                return found;
            }
        }
        for (const auto& [name, value] : section.conditions) {
            if (auto found = check(name); !found) {
                return found;
            }
        }
    }
    return {};
}

std::vector<std::string> columns_of(const CsvRow& header) {
    return {header.fields().begin(), header.fields().end()};
}

/// A header that is written as a comment, `#time,power`: where the map's columns are there and not
/// in the first row. Its `#` is dropped unless the map has it too.
void take_commented_header(Beginning& text, char delimiter, const FieldMap& map) {
    CsvRow row;
    row.split(text.rows.front(), delimiter);
    if (text.comment.empty() || check_columns(map, columns_of(row))) {
        return;
    }
    for (const std::size_t begin :
         {std::size_t{0}, std::min(text.comment.find_first_not_of("# "), text.comment.size())}) {
        auto header = text.comment.substr(begin);
        if (row.split(header, delimiter) && check_columns(map, columns_of(row))) {
            text.rows.front() = std::move(header);
            return;
        }
    }
}

/// By name, where nothing is mapped.
void map_by_name(FieldMap& map, std::vector<std::string>& columns, TableColumns* all) {
    for (auto& column : columns) {
        map.add_by_name(column);
        if (!map.has_column(column)) {
            column = field_of(column);
            map.add_by_name(column);
        }
        if (all != nullptr && !map.has_column(column) && column.starts_with("powerwalker.")) {
            all->unknown.insert(column);
        }
    }
}

}  // namespace

Result<void> TableColumns::check() const {
    for (const auto& name : missing) {
        if (all_are_tables && !found.contains(name)) {
            return fail(ErrorKind::invalid,
                        fmt::format("the map names a column '{}', which none of the files has",
                                    printable(name, 40)));
        }
    }
    return {};
}

Result<std::unique_ptr<ValueParser>> make_csv_parser(LineReader& lines, FieldMap map,
                                                     MappingOptions options, char delimiter,
                                                     TableColumns* all) {
    constexpr std::size_t usual_beginning = std::size_t{64} * 1024;
    Beginning text;
    for (const std::size_t size : {usual_beginning, LineReader::longest_line}) {
        const auto bytes = lines.peek(size);
        if (!bytes) {
            return pass_on(bytes);
        }
        text = read_beginning(*bytes);
        if (text.rows.size() > 1) {
            break;  // else the header may be longer
        }
    }
    const auto no_header = [] {
        return fail(ErrorKind::invalid,
                    "the first line is no header of a CSV; if it is something else, say so with "
                    "--from");
    };
    if (text.rows.empty()) {
        return no_header();
    }
    if (delimiter == '\0') {
        delimiter = text.separator.size() == 5 ? text.separator.back() : find_delimiter(text.rows);
    }
    if (delimiter == '\0') {
        return fail(ErrorKind::invalid,
                    "what separates the columns cannot be told; say it with --delimiter");
    }
    if (!map.empty()) {
        take_commented_header(text, delimiter, map);
    }
    auto header = text.rows.front();
    CsvRow row;
    if (!row.split(header, delimiter) || row.is_garbled()) {
        return no_header();
    }
    const auto names = columns_of(row);
    auto columns = names;
    if (map.empty()) {
        map_by_name(map, columns, all);
        options.decimal =
            options.decimal == DecimalMark::unsaid ? DecimalMark::point : options.decimal;
    }
    if (map.empty()) {
        return fail(ErrorKind::invalid,
                    fmt::format("no column is named like a pwlog field ({}); say what "
                                "they are with --map column=field or --map-file",
                                printable(header)));
    }
    if (const auto found = check_columns(map, columns, all); !found) {
        return pass_on(found);
    }
    if (!text.separator.empty()) {
        header = text.separator + "\n" + header;
    }
    return std::make_unique<CsvParser>(std::move(header), delimiter, names, std::move(columns),
                                       std::move(map), std::move(options));
}

}  // namespace pwlog

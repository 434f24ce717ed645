#include "backfill/sources/csv_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/printable.h"

namespace pwlog {
namespace {

/// Splits one row; false: a quoted field goes on in the next line.
bool split_row(std::string_view line, char delimiter, std::vector<std::string>& fields,
               bool& garbled) {
    fields.clear();
    garbled = false;
    for (std::size_t at = 0;;) {
        auto& field = fields.emplace_back();
        if (at < line.size() && line[at] == '"') {
            ++at;
            for (;;) {
                const std::size_t quote = line.find('"', at);
                if (quote == line.npos) {
                    return false;
                }
                field += line.substr(at, quote - at);
                at = quote + 1;
                if (at >= line.size() || line[at] != '"') {
                    break;
                }
                field += '"';
                ++at;
            }
            garbled = garbled || (at < line.size() && line[at] != delimiter);
        }
        const std::size_t end = std::min(line.find(delimiter, at), line.size());
        field += line.substr(at, end - at);
        if (end == line.size()) {
            return true;
        }
        at = end + 1;
    }
}

class CsvParser final : public ValueParser {
  public:
    CsvParser(std::string header, char delimiter, std::vector<std::string> columns, FieldMap map,
              MappingOptions options)
        : header_(std::move(header)),
          delimiter_(delimiter),
          columns_(std::move(columns)),
          map_(std::move(map)),
          options_(std::move(options)) {}

    ParsedLine parse(std::string_view line) override {
        bool garbled = false;
        if (!split_row(line, delimiter_, fields_, garbled)) {
            return {ParsedLine::Kind::unfinished, {}, {}};
        }
        if (line == header_ || fields_ == columns_) {
            return {};  // also where files were put together
        }
        if (garbled) {
            return {ParsedLine::Kind::bad, {}, "something follows a closing quote"};
        }
        if (fields_.size() != columns_.size()) {
            return {ParsedLine::Kind::bad,
                    {},
                    fmt::format("it has {} fields, the header has {}", fields_.size(),
                                columns_.size())};
        }
        row_.clear();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            row_.push_back({columns_[i], fields_[i]});
        }
        return map_values(map_, options_, row_, std::nullopt);
    }

    std::string header() const override { return header_; }

  private:
    std::string header_;
    char delimiter_;
    std::vector<std::string> columns_;
    FieldMap map_;
    MappingOptions options_;
    std::vector<std::string> fields_;
    std::vector<NamedValue> row_;
};

// The first line that is no comment.
std::string find_header(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (!line.empty() && line.front() != '#') {
            return std::string(line);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

Result<void> check_columns(const FieldMap& map, const std::vector<std::string>& columns) {
    const auto check = [&](const std::string& name) -> Result<void> {
        if (name.empty() || std::find(columns.begin(), columns.end(), name) != columns.end()) {
            return {};
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

}  // namespace

Result<std::unique_ptr<ValueParser>> make_csv_parser(LineReader& lines, FieldMap map,
                                                     MappingOptions options) {
    constexpr std::size_t longest_header = std::size_t{64} * 1024;
    const auto beginning = lines.peek(longest_header);
    if (!beginning) {
        return pass_on(beginning);
    }
    auto header = find_header(*beginning);
    constexpr std::array delimiters{',', ';', '\t', '|'};
    const char delimiter =
        *std::max_element(delimiters.begin(), delimiters.end(), [&](char a, char b) {
            return std::count(header.begin(), header.end(), a) <
                   std::count(header.begin(), header.end(), b);
        });
    std::vector<std::string> columns;
    bool garbled = false;
    if (header.empty() || !split_row(header, delimiter, columns, garbled) || garbled) {
        return fail(ErrorKind::invalid, "the first line is no header of a CSV");
    }
    if (map.empty()) {
        for (const auto& column : columns) {
            map.add_by_name(column);
        }
    }
    if (map.empty()) {
        return fail(ErrorKind::invalid,
                    fmt::format("no column is named like a pwlog field ({}); say what "
                                "they are with --map column=field or --map-file",
                                printable(header)));
    }
    if (const auto found = check_columns(map, columns); !found) {
        return pass_on(found);
    }
    return std::make_unique<CsvParser>(std::move(header), delimiter, std::move(columns),
                                       std::move(map), std::move(options));
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include "backfill/json/hit_parser.h"

#include <fmt/format.h>

#include "backfill/json/json_text.h"
#include "backfill/json/json_walk.h"
#include "base/printable.h"

namespace pwlog {
namespace {

constexpr std::string_view usual_time_field = "@timestamp";

class HitParser final : public ValueParser {
  public:
    HitParser(FieldMap map, MappingOptions options)
        : map_(std::move(map)), options_(std::move(options)) {}

    ParsedLine parse(std::string_view line) override {
        count_ = 0;
        JsonScanner scanner(line);
        scanner.skip_space();
        const bool read = hit(scanner) && finish(scanner);
        if (!read) {
            return {ParsedLine::Kind::bad,
                    {},
                    fmt::format("{}, at byte {}", scanner.error(), scanner.where() + 1)};
        }
        row_.clear();
        for (std::size_t i = 0; i < count_; ++i) {
            row_.push_back({values_[i].first, values_[i].second});
        }
        auto problem = map_.contradiction(row_);
        return problem.empty() ? map_values(map_, options_, row_, std::nullopt)
                               : ParsedLine{ParsedLine::Kind::bad, {}, std::move(problem)};
    }

  private:
    static bool finish(JsonScanner& scanner) {
        scanner.skip_space();
        return (scanner.at_end() || scanner.fail("something follows the object")) &&
               scanner.check_utf8();
    }

    // The members of `_source` count as the document's own.
    bool hit(JsonScanner& scanner) {
        return walk_object(scanner, [&](std::string_view name) {
            if (name == "_source" && scanner.peek() == '{') {
                return fields(scanner, {}, deepest_document);
            }
            return value(scanner, text_of(scanner, name), deepest_document);
        });
    }

    bool fields(JsonScanner& scanner, const std::string& prefix, int depth_left) {
        if (depth_left == 0) {
            return scanner.fail("it is nested too deeply");
        }
        return walk_object(scanner, [&](std::string_view raw) {
            const auto name = text_of(scanner, raw);
            return value(scanner, prefix.empty() ? name : prefix + "." + name, depth_left - 1);
        });
    }

    bool value(JsonScanner& scanner, const std::string& name, int depth_left) {
        if (scanner.peek() == '{') {
            return fields(scanner, name, depth_left);
        }
        if (scanner.peek() == '[') {
            return list(scanner, name);
        }
        if (scanner.peek() == '"') {
            std::string_view raw;
            if (!scanner.string(raw)) {
                return false;
            }
            add(name, text_of(scanner, raw));
            return true;
        }
        std::string_view raw;
        if (!take_raw(scanner, raw)) {
            return false;
        }
        if (raw != "null") {
            add(name, std::string(raw));
        }
        return true;
    }

    // More than one value is none that could be mapped: it stays as it is written, to be refused.
    bool list(JsonScanner& scanner, const std::string& name) {
        const char* const start = scanner.cursor();
        const std::size_t before = count_;
        std::size_t elements = 0;
        std::string_view raw;
        const bool read = walk_list(scanner, [&] {
            ++elements;
            if (elements > 1 || scanner.peek() == '{' || scanner.peek() == '[') {
                return take_raw(scanner, raw);
            }
            return value(scanner, name, 1);
        });
        if (read && elements > 1) {
            count_ = before;
            add(name, std::string(start, scanner.cursor()));
        }
        return read;
    }

    static std::string text_of(const JsonScanner& scanner, std::string_view raw) {
        return scanner.had_escape() ? unescape_json(raw) : std::string(raw);
    }

    void add(const std::string& name, std::string value) {
        if (count_ == values_.size()) {
            values_.emplace_back();
        }
        values_[count_].first = name;
        values_[count_].second = std::move(value);
        ++count_;
    }

    FieldMap map_;
    MappingOptions options_;
    std::vector<std::pair<std::string, std::string>> values_;  // the first count_ are of this line
    std::size_t count_ = 0;
    std::vector<NamedValue> row_;
};

}  // namespace

std::unique_ptr<ValueParser> make_hit_parser(FieldMap map, MappingOptions options) {
    return std::make_unique<HitParser>(std::move(map), std::move(options));
}

Result<std::string> find_time_field(FieldMap& map) {
    std::string found;
    for (const auto& section : map.sections()) {
        for (const auto& rule : section.rules) {
            if (rule.goal != FieldMap::Rule::Goal::timestamp || rule.column.empty()) {
                continue;
            }
            if (!found.empty() && found != rule.column) {
                return fail(ErrorKind::invalid,
                            fmt::format("the map has two fields for @timestamp, '{}' and '{}'; "
                                        "documents of an index are read in the order of one: run "
                                        "once for each",
                                        printable(found), printable(rule.column)));
            }
            found = rule.column;
        }
    }
    if (found.empty()) {
        map.add_by_name(usual_time_field);
        found = usual_time_field;
    }
    return found;
}

}  // namespace pwlog

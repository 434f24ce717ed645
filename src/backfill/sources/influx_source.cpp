// SPDX-License-Identifier: MIT
#include "backfill/sources/influx_source.h"

#include <algorithm>
#include <deque>
#include <span>

namespace pwlog {
namespace {

/// Takes one token: up to an unescaped byte of `ends`, `\` taking away what the next byte means. A
/// text in quotes, as a field's value can be, runs to its end. What is not as it stands in the line
/// is put into `unescaped`.
class Tokens {
  public:
    Tokens(std::string_view text, std::deque<std::string>& unescaped)
        : rest_(text), unescaped_(unescaped) {}

    std::string_view take(std::string_view ends, bool may_be_quoted = false) {
        quoted_ = may_be_quoted && rest_.starts_with('"');
        if (quoted_) {
            rest_.remove_prefix(1);
        }
        const std::string_view stops = quoted_ ? "\"" : ends;
        auto token = take_plain(stops);
        if (rest_.starts_with('\\')) {
            token = unescape(token, stops);
        }
        if (quoted_) {
            good_ = good_ && !rest_.empty();
            rest_.remove_prefix(rest_.empty() ? 0 : 1);
        }
        return token;
    }
    bool take_if(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    void skip_blanks() {
        while (take_if(' ')) {
        }
    }
    std::string_view rest() const { return rest_; }
    bool was_quoted() const { return quoted_; }
    bool good() const { return good_; }

  private:
    /// A call of memchr() for each byte would take longer than all the rest.
    static bool has(std::string_view few, char wanted) {
        return std::any_of(few.begin(), few.end(), [&](char c) { return c == wanted; });
    }

    std::string_view take_plain(std::string_view stops) {
        std::size_t size = 0;
        while (size < rest_.size() && rest_[size] != '\\' && !has(stops, rest_[size])) {
            ++size;
        }
        const auto plain = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return plain;
    }

    std::string_view unescape(std::string_view beginning, std::string_view stops) {
        auto& token = unescaped_.emplace_back(beginning);
        const std::string_view special = quoted_ ? "\"\\" : ",= \\";
        while (rest_.starts_with('\\')) {
            const bool escapes = rest_.size() > 1 && has(special, rest_[1]);
            token += rest_[escapes ? 1 : 0];
            rest_.remove_prefix(escapes ? 2 : 1);
            token += take_plain(stops);
        }
        return token;
    }

    std::string_view rest_;
    std::deque<std::string>& unescaped_;
    bool quoted_ = false;
    bool good_ = true;
};

class InfluxParser final : public ValueParser {
  public:
    InfluxParser(FieldMap map, MappingOptions options)
        : map_(std::move(map)), options_(std::move(options)) {}

    ParsedLine parse(std::string_view line) override {
        unescaped_.clear();
        row_.clear();
        if (line.starts_with("CREATE ")) {  // a database or retention policy, in an export
            return {};
        }
        Tokens tokens(line, unescaped_);
        tokens.skip_blanks();
        row_.push_back({"measurement", tokens.take(", ")});
        while (tokens.take_if(',')) {
            const auto name = tokens.take(",= ");
            if (!tokens.take_if('=')) {
                return bad("a tag has no value");
            }
            row_.push_back({name, tokens.take(", ")});
        }
        if (!tokens.take_if(' ')) {
            return bad("it has no fields");
        }
        tokens.skip_blanks();
        do {
            const auto name = tokens.take(",= ");
            if (name.empty() || !tokens.take_if('=')) {
                return bad("a field has no value");
            }
            auto value = tokens.take(", ", true);
            if (!tokens.was_quoted() && (value.ends_with('i') || value.ends_with('u'))) {
                value.remove_suffix(1);
            }
            row_.push_back({name, value});
        } while (tokens.take_if(','));
        tokens.skip_blanks();
        if (!tokens.good()) {  // in quotes a line end is part of the text
            return {ParsedLine::Kind::unfinished, {}, {}};
        }
        if (tokens.rest().empty()) {
            return bad("it has no time");
        }
        const auto time = time_.parse(tokens.rest());
        if (!time) {
            return bad("it has no time: " + time.error().message);
        }
        auto problem = map_.contradiction(std::span(row_).subspan(1));  // beside the measurement
        if (!problem.empty()) {
            return {ParsedLine::Kind::bad, {}, std::move(problem)};
        }
        return map_values(map_, options_, row_, *time);
    }

  private:
    static ParsedLine bad(std::string reason) {
        return {ParsedLine::Kind::garbled, {}, "line protocol: " + std::move(reason)};
    }

    FieldMap map_;
    MappingOptions options_;
    TimeFormat time_;
    std::deque<std::string> unescaped_;
    std::vector<NamedValue> row_;
};

}  // namespace

std::unique_ptr<ValueParser> make_influx_parser(FieldMap map, MappingOptions options) {
    return std::make_unique<InfluxParser>(std::move(map), std::move(options));
}

}  // namespace pwlog

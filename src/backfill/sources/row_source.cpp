// SPDX-License-Identifier: MIT
#include "backfill/sources/row_source.h"

#include <fmt/format.h>

#include <deque>
#include <iterator>

namespace pwlog {
namespace {

// A text in quotes may be so long before the quote is taken for a stray one.
constexpr std::size_t longest_text = std::size_t{16} * 1024;

constexpr std::string_view cut_off_hint =
    "; the input ends here without a line end, so it may be cut off";

class LineRows final : public RowSource {
  public:
    LineRows(LineReader lines, std::shared_ptr<ValueParser> parser)
        : lines_(std::move(lines)), parser_(std::move(parser)) {}

    Result<bool> next(Row& row) override {
        for (;;) {
            KeptLine line;
            if (!again_.empty()) {
                line = std::move(again_.front());
                again_.pop_front();
            } else {
                const auto more = read_line(line);
                if (!more) {
                    return pass_on(more);
                }
                if (!*more && unfinished_.empty()) {
                    return false;
                }
                if (!*more) {
                    give_up_text(row, "a quoted text does not end");
                    return true;
                }
            }
            const auto complete = take_line(std::move(line), row);
            if (!complete || *complete) {
                return complete;
            }
        }
    }

    Result<void> resume(const LinePosition& from) override { return lines_.resume(from); }
    LinePosition position() const override { return lines_.position(); }
    SourceProgress progress() const override {
        return {lines_.input().consumed(), lines_.input().total()};
    }
    std::uint64_t ignored() const override { return ignored_; }
    std::string damage() const override { return lines_.input().damage(); }
    ValueParser* parser(std::size_t) override { return parser_.get(); }

  private:
    /// A line with its own memory: one of a text that goes on, or one that is to be read again.
    struct KeptLine {
        std::string text;
        std::uint64_t number = 0;
        LinePosition before{};
        bool cut_off = false;
        bool too_long = false;
    };

    Result<bool> read_line(KeptLine& line) {
        line.before = lines_.position();
        Line read;
        auto more = lines_.next(read);
        if (more && *more) {
            line.text = read.text;
            line.number = read.number;
            line.cut_off = read.cut_off;
            line.too_long = read.too_long;
        }
        return more;
    }

    // True: the row is complete.
    Result<bool> take_line(KeptLine line, Row& row) {
        row.values.clear();
        row.reason.clear();
        if (line.too_long) {
            set(row, Row::Kind::bad, line);
            row.reason = fmt::format("the line is longer than {} bytes; only its beginning is kept",
                                     LineReader::longest_line);
            return true;
        }
        if (unfinished_.empty() && (line.text.empty() || line.text.front() == '#')) {
            ++ignored_;
            return false;
        }
        if (unfinished_.empty() && line.text.starts_with("{\"@timestamp\"")) {
            set(row, Row::Kind::document, line);
            return true;
        }
        unfinished_.push_back(std::move(line));
        return parse(row);
    }

    // unfinished_ is one line, or several that are one row.
    Result<bool> parse(Row& row) {
        set(row, Row::Kind::values, unfinished_.front());
        for (std::size_t i = 1; i < unfinished_.size(); ++i) {
            row.text += '\n';
            row.text += unfinished_[i].text;
        }
        auto parsed = parser_->parse(row.text);
        switch (parsed.kind) {
            case ParsedLine::Kind::values:
                row.values = std::move(parsed.values);
                break;
            case ParsedLine::Kind::ignored:
                ++ignored_;
                unfinished_.clear();
                return false;
            case ParsedLine::Kind::impossible:
                return fail(ErrorKind::invalid,
                            fmt::format("line {}: {}", row.line, parsed.reason));
            case ParsedLine::Kind::unfinished:
                if (row.text.size() < longest_text) {
                    return false;
                }
                give_up_text(row, "a quoted text does not end");
                return true;
            case ParsedLine::Kind::garbled:
                give_up_text(row, std::move(parsed.reason));
                return true;
            case ParsedLine::Kind::bad:
                row.kind = Row::Kind::bad;
                row.reason = std::move(parsed.reason);
                row.reason += unfinished_.back().cut_off ? cut_off_hint : std::string_view();
                break;
        }
        unfinished_.clear();
        return true;
    }

    // Refuses the first line. What a stray quote has swallowed behind it is read again.
    void give_up_text(Row& row, std::string reason) {
        set(row, Row::Kind::bad, unfinished_.front());
        row.values.clear();
        row.reason = std::move(reason);
        row.reason += unfinished_.front().cut_off ? cut_off_hint : std::string_view();
        again_.insert(again_.begin(), std::make_move_iterator(unfinished_.begin() + 1),
                      std::make_move_iterator(unfinished_.end()));
        unfinished_.clear();
    }

    static void set(Row& row, Row::Kind kind, const KeptLine& line) {
        row.kind = kind;
        row.text = line.text;
        row.line = line.number;
        row.before = line.before;
    }

    LineReader lines_;
    std::shared_ptr<ValueParser> parser_;
    std::vector<KeptLine> unfinished_;
    std::deque<KeptLine> again_;
    std::uint64_t ignored_ = 0;
};

}  // namespace

std::unique_ptr<RowSource> read_rows(LineReader lines, std::shared_ptr<ValueParser> parser) {
    return std::make_unique<LineRows>(std::move(lines), std::move(parser));
}

}  // namespace pwlog

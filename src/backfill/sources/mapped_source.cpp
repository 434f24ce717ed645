#include "backfill/sources/mapped_source.h"

#include <fmt/format.h>

#include <charconv>
#include <deque>
#include <iterator>
#include <optional>
#include <vector>

namespace pwlog {
namespace {

// A text in quotes may be so long before the quote is taken for a stray one.
constexpr std::size_t longest_text = std::size_t{16} * 1024;

constexpr std::string_view cut_off_hint =
    "; the input ends here without a line end, so it may be cut off";

/// Samples close in the middle of things: while one is open another may be handed out. So the place
/// to go on from is the last one where nothing was open (a quiet place), and with it the number of
/// records that came after it: they are made again and left out.
class MappedSource final : public RecordSource {
  public:
    MappedSource(LineReader lines, std::unique_ptr<ValueParser> parser, SampleContext context,
                 std::chrono::milliseconds window)
        : lines_(std::move(lines)),
          parser_(std::move(parser)),
          context_(std::move(context)),
          joiner_(window),
          quiet_(lines_.position()) {}

    Result<void> resume(const SourcePosition& from) {
        const auto& text = from.state;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), to_skip_);
        if (code != std::errc{} || end != text.data() + text.size()) {
            return fail(ErrorKind::corrupt, "the saved place is not one of this kind of source");
        }
        quiet_ = {from.offset, from.lines};
        return lines_.resume(quiet_);
    }

    Result<bool> next(SourceRecord& record) override {
        for (;;) {
            if (!waiting_.empty()) {
                hand_out(record);
                if (to_skip_ > 0) {
                    --to_skip_;
                    continue;
                }
                return true;
            }
            const auto more = read_line();
            if (!more) {
                return pass_on(more);
            }
            if (!*more && waiting_.empty()) {
                return false;
            }
        }
    }

    SourcePosition position() const override {
        return {quiet_.offset, quiet_.lines, std::to_string(handed_out_)};
    }
    SourceProgress progress() const override {
        return {lines_.input().consumed(), lines_.input().total()};
    }
    std::uint64_t ignored_lines() const override { return ignored_; }
    std::string damage() const override { return lines_.input().damage(); }
    std::string rejects_header() const override { return parser_->header(); }

  private:
    /// A record on its way out, with its own memory.
    struct Waiting {
        std::string text;
        std::string reason;  ///< empty: a document
        std::uint64_t line;
    };

    void hand_out(SourceRecord& record) {
        current_ = std::move(waiting_.front());
        waiting_.pop_front();
        ++handed_out_;
        record.text = current_.text;
        record.id = {};
        record.line = current_.line;
        const bool good = current_.reason.empty() && check_.check(current_.text);
        record.kind = good ? SourceRecord::Kind::document : SourceRecord::Kind::bad;
        record.facts = good ? &check_.facts() : nullptr;
        record.reason = current_.reason.empty() ? check_.reason() : current_.reason;
        if (waiting_.empty() && next_quiet_) {
            quiet_ = *next_quiet_;
            next_quiet_.reset();
            handed_out_ = 0;
        }
    }

    /// A line with its own memory: one of a text that goes on, or one that is to be read again.
    struct KeptLine {
        std::string text;
        std::uint64_t number = 0;
        LinePosition before{};
        bool cut_off = false;
        bool too_long = false;
    };

    // False at the end; what is left then waits to be handed out.
    Result<bool> read_line() {
        KeptLine line;
        if (!again_.empty()) {
            line = std::move(again_.front());
            again_.pop_front();
            return take_line(std::move(line));
        }
        line.before = lines_.position();
        Line read;
        const auto more = lines_.next(read);
        if (!more) {
            return pass_on(more);
        }
        if (!*more && !unfinished_.empty()) {
            give_up_text("a quoted text does not end");
            return true;
        }
        if (!*more) {
            joiner_.flush();
            take_complete();
            return false;
        }
        line.text = read.text;
        line.number = read.number;
        line.cut_off = read.cut_off;
        line.too_long = read.too_long;
        return take_line(std::move(line));
    }

    Result<bool> take_line(KeptLine line) {
        if (line.too_long) {
            wait_bad(std::move(line.text), line.number,
                     fmt::format("the line is longer than {} bytes; only its beginning is kept",
                                 LineReader::longest_line));
            return true;
        }
        if (unfinished_.empty() && (line.text.empty() || line.text.front() == '#')) {
            ++ignored_;
            return true;
        }
        if (unfinished_.empty() && line.text.starts_with("{\"@timestamp\"")) {
            waiting_.push_back({std::move(line.text), {}, line.number});
            return true;
        }
        unfinished_.push_back(std::move(line));
        return parse();
    }

    // Parses unfinished_: one line, or several that are one row.
    Result<bool> parse() {
        std::string whole = unfinished_.front().text;
        for (std::size_t i = 1; i < unfinished_.size(); ++i) {
            whole += '\n';
            whole += unfinished_[i].text;
        }
        first_line_ = unfinished_.front().number;
        before_first_ = unfinished_.front().before;
        auto parsed = parser_->parse(whole);
        switch (parsed.kind) {
            case ParsedLine::Kind::values:
                if (take_values(std::move(parsed.values))) {
                    break;
                }
                parsed.reason = "another value of the same device, field and time came before";
                wait_bad(std::move(whole), first_line_, std::move(parsed.reason));
                break;
            case ParsedLine::Kind::ignored:
                ++ignored_;
                break;
            case ParsedLine::Kind::impossible:
                return fail(ErrorKind::invalid,
                            fmt::format("line {}: {}", first_line_, parsed.reason));
            case ParsedLine::Kind::unfinished:
                if (whole.size() >= longest_text) {
                    give_up_text("a quoted text does not end");
                }
                return true;
            case ParsedLine::Kind::bad:
                if (unfinished_.back().cut_off) {
                    parsed.reason += cut_off_hint;
                }
                wait_bad(std::move(whole), first_line_, std::move(parsed.reason));
                break;
            case ParsedLine::Kind::garbled:
                give_up_text(std::move(parsed.reason));
                return true;
        }
        unfinished_.clear();
        return true;
    }

    // Refuses the first line. What a stray quote has swallowed behind it is read again.
    void give_up_text(std::string reason) {
        auto& first = unfinished_.front();
        if (first.cut_off) {
            reason += cut_off_hint;
        }
        wait_bad(std::move(first.text), first.number, std::move(reason));
        again_.insert(again_.begin(), std::make_move_iterator(unfinished_.begin() + 1),
                      std::make_move_iterator(unfinished_.end()));
        unfinished_.clear();
    }

    bool take_values(std::vector<SampleValue> values) {
        // Two devices that never pause together would keep the quiet place where it is.
        constexpr std::uint64_t longest_without_quiet = 10'000;
        const bool force = lines_.position().lines - quiet_.lines > longest_without_quiet;
        if (force) {
            joiner_.flush();
        }
        const bool nothing_open = joiner_.nothing_open();
        if (!joiner_.add(std::move(values), first_line_)) {
            return false;
        }
        const bool all_closed = nothing_open || joiner_.all_opened_at(first_line_);
        take_complete();
        if (all_closed) {
            next_quiet_ = before_first_;
            if (waiting_.empty()) {
                quiet_ = before_first_;
                next_quiet_.reset();
                handed_out_ = 0;
            }
        }
        return true;
    }

    void take_complete() {
        for (auto& sample : joiner_.complete()) {
            for (auto& document : sample_documents(context_, sample)) {
                waiting_.push_back({std::move(document), {}, sample.line});
            }
        }
        joiner_.complete().clear();
    }

    void wait_bad(std::string text, std::uint64_t line, std::string reason) {
        waiting_.push_back({std::move(text), std::move(reason), line});
    }

    LineReader lines_;
    std::unique_ptr<ValueParser> parser_;
    SampleContext context_;
    SampleJoiner joiner_;
    DocumentCheck check_;
    std::deque<Waiting> waiting_;
    Waiting current_{};
    std::vector<KeptLine> unfinished_;
    std::deque<KeptLine> again_;
    std::uint64_t first_line_ = 0;
    LinePosition before_first_;
    LinePosition quiet_;
    std::optional<LinePosition> next_quiet_;  // once all that waits is handed out
    std::uint64_t handed_out_ = 0;            // since quiet_
    std::uint64_t to_skip_ = 0;
    std::uint64_t ignored_ = 0;
};

}  // namespace

Result<std::unique_ptr<RecordSource>> open_mapped(LineReader lines,
                                                  std::unique_ptr<ValueParser> parser,
                                                  SampleContext context,
                                                  std::chrono::milliseconds window,
                                                  const SourcePosition* from) {
    auto source = std::make_unique<MappedSource>(std::move(lines), std::move(parser),
                                                 std::move(context), window);
    if (from != nullptr) {
        if (const auto gone = source->resume(*from); !gone) {
            return pass_on(gone);
        }
    }
    return source;
}

}  // namespace pwlog

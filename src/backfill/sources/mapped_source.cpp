#include "backfill/sources/mapped_source.h"

#include <fmt/format.h>

#include <charconv>
#include <deque>
#include <optional>

namespace pwlog {
namespace {

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

    // False at the end; what is left then waits to be handed out.
    Result<bool> read_line() {
        const LinePosition before = lines_.position();
        Line line;
        const auto more = lines_.next(line);
        if (!more) {
            return pass_on(more);
        }
        if (!*more) {
            if (!unfinished_.empty()) {
                wait_bad(std::exchange(unfinished_, {}), first_line_,
                         "the input ends within a quoted field");
            }
            joiner_.flush();
            take_complete();
            return false;
        }
        if (line.too_long) {
            wait_bad(std::string(line.text), line.number,
                     fmt::format("the line is longer than {} bytes; only its beginning is kept",
                                 LineReader::longest_line));
            return true;
        }
        if (unfinished_.empty() && (line.text.empty() || line.text.front() == '#')) {
            ++ignored_;
            return true;
        }
        if (unfinished_.empty() && line.text.starts_with("{\"@timestamp\"")) {
            waiting_.push_back({std::string(line.text), {}, line.number});
            return true;
        }
        return parse(line, before);
    }

    Result<bool> parse(const Line& line, const LinePosition& before) {
        std::string_view text = line.text;
        if (unfinished_.empty()) {
            first_line_ = line.number;
            before_first_ = before;
        } else {
            unfinished_ += '\n';
            unfinished_ += line.text;
            text = unfinished_;
        }
        auto parsed = parser_->parse(text);
        if (parsed.kind == ParsedLine::Kind::unfinished &&
            text.size() < LineReader::longest_line / 16) {
            if (unfinished_.empty()) {
                unfinished_ = line.text;
            }
            return true;
        }
        std::string whole(text);
        unfinished_.clear();
        switch (parsed.kind) {
            case ParsedLine::Kind::values:
                if (take_values(std::move(parsed.values))) {
                    return true;
                }
                parsed.reason = "another value of the same device, field and time came before";
                break;
            case ParsedLine::Kind::ignored:
                ++ignored_;
                return true;
            case ParsedLine::Kind::impossible:
                return fail(ErrorKind::invalid,
                            fmt::format("line {}: {}", first_line_, parsed.reason));
            case ParsedLine::Kind::unfinished:
                parsed.reason = "a quoted field does not end";
                break;
            case ParsedLine::Kind::bad:
                break;
        }
        if (line.cut_off) {
            parsed.reason += "; the input ends here without a line end, so it may be cut off";
        }
        wait_bad(std::move(whole), first_line_, std::move(parsed.reason));
        return true;
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
    std::string unfinished_;
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

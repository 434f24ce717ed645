// SPDX-License-Identifier: MIT
#include "backfill/sources/mapped_source.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "backfill/sources/row_source.h"
#include "base/parse_number.h"

namespace pwlog {
namespace {

/// Samples close in the middle of things: while one is open another may be handed out. So the place
/// to go on from is the last one where nothing was open (a quiet place), and with it the number of
/// records that came after it: they are made again and left out.
class MappedSource final : public RecordSource {
  public:
    MappedSource(std::unique_ptr<RowSource> rows, std::shared_ptr<History> history,
                 std::chrono::milliseconds window)
        : rows_(std::move(rows)), history_(std::move(history)), joiner_(window) {
        history_->begin_source();
        quiet_history_ = std::make_shared<const std::string>(history_->save());
    }

    Result<void> resume(const SourcePosition& from) {
        const auto to_skip = parse_number<std::uint64_t>(from.state);
        if (!to_skip) {
            return fail(ErrorKind::corrupt, "the saved place is not one of this kind of source");
        }
        to_skip_ = *to_skip;
        if (from.history) {
            if (auto restored = history_->restore(*from.history); !restored) {
                return restored;
            }
            quiet_history_ = from.history;
        }
        quiet_ = {from.offset, from.lines};
        return rows_->resume(quiet_);
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
            const auto more = read_row();
            if (!more) {
                return pass_on(more);
            }
            if (!*more && waiting_.empty()) {
                return false;
            }
        }
    }

    SourcePosition position() const override {
        return {quiet_.offset, quiet_.lines, std::to_string(handed_out_), quiet_history_,
                rows_->sorted()};
    }
    SourceProgress progress() const override { return rows_->progress(); }
    std::uint64_t ignored_lines() const override { return rows_->ignored(); }
    std::string damage() const override { return rows_->damage(); }
    std::string rejects_header(std::size_t source) const override {
        const auto* const parser = rows_->parser(source);
        return parser != nullptr ? parser->header() : std::string();
    }

  private:
    /// A record on its way out, with its own memory.
    struct Waiting {
        std::string text;
        std::string reason;  ///< empty: a document
        std::string id;      ///< of an event
        std::size_t source;
        std::uint64_t line;
    };

    void hand_out(SourceRecord& record) {
        current_ = std::move(waiting_.front());
        waiting_.pop_front();
        ++handed_out_;
        record.text = current_.text;
        record.id = current_.id;
        record.source = current_.source;
        record.line = current_.line;
        const bool good = current_.reason.empty() && check_.check(current_.text);
        record.kind = good ? SourceRecord::Kind::document : SourceRecord::Kind::bad;
        record.facts = good ? &check_.facts() : nullptr;
        record.reason = current_.reason.empty() ? check_.reason() : current_.reason;
        if (waiting_.empty() && next_quiet_) {
            go_on_from(*next_quiet_);
        }
    }

    // False at the end; what is left then waits to be handed out.
    Result<bool> read_row() {
        auto more = rows_->next(row_);
        if (!more) {
            return more;
        }
        if (!*more) {
            joiner_.flush();
            take_complete();
            wait_all(history_->finish(), {row_.source, row_.line});
        } else if (row_.kind == Row::Kind::document) {
            waiting_.push_back({std::exchange(row_.text, {}), {}, {}, row_.source, row_.line});
        } else if (row_.kind == Row::Kind::bad) {
            wait_bad(std::exchange(row_.reason, {}));
        } else if (!take_values()) {
            wait_bad("another value of the same device, field and time came before");
        }
        return more;
    }

    bool take_values() {
        // Two devices that never pause together would keep the quiet place where it is. What is cut
        // in two there is lost in part, so a pause that was not worth remembering counts, too.
        constexpr std::uint64_t longest_without_pause = 10'000;
        const auto lines = rows_->position().lines;
        if (lines - std::max(paused_at_, quiet_.lines) > longest_without_pause) {
            joiner_.flush();
        }
        const bool nothing_open = joiner_.nothing_open();
        if (!joiner_.add(row_.values, {row_.source, row_.line})) {
            return false;
        }
        const bool all_closed = nothing_open || joiner_.all_opened_at({row_.source, row_.line});
        take_complete();
        if (all_closed) {
            paused_at_ = lines;
        }
        // To remember where all devices stand is dear, to make a few records again is not.
        const std::uint64_t least_between_quiet =
            64 * std::max<std::size_t>(1, history_->devices());
        if (all_closed && handed_out_ + waiting_.size() >= least_between_quiet) {
            next_quiet_ = row_.before;
            if (waiting_.empty()) {
                go_on_from(*next_quiet_);
            }
        }
        return true;
    }

    void go_on_from(LinePosition place) {
        quiet_ = place;
        quiet_history_ = std::make_shared<const std::string>(history_->save());
        next_quiet_.reset();
        handed_out_ = 0;
    }

    void take_complete() {
        for (auto& sample : joiner_.complete()) {
            wait_all(history_->documents_of(sample), sample.place);
        }
        joiner_.complete().clear();
    }

    void wait_all(std::vector<Document> documents, const RowPlace& place) {
        for (auto& document : documents) {
            waiting_.push_back(
                {std::move(document.json), {}, std::move(document.id), place.source, place.line});
        }
    }

    void wait_bad(std::string reason) {
        waiting_.push_back(
            {std::exchange(row_.text, {}), std::move(reason), {}, row_.source, row_.line});
    }

    std::unique_ptr<RowSource> rows_;
    Row row_{};
    std::shared_ptr<History> history_;
    SampleJoiner joiner_;
    DocumentCheck check_;
    std::deque<Waiting> waiting_;
    Waiting current_{};
    LinePosition quiet_;
    std::uint64_t paused_at_ = 0;                       // in lines: nothing was open
    std::optional<LinePosition> next_quiet_;            // once all that waits is handed out
    std::shared_ptr<const std::string> quiet_history_;  // as it stood there
    std::uint64_t handed_out_ = 0;                      // since quiet_
    std::uint64_t to_skip_ = 0;
};

}  // namespace

Result<std::unique_ptr<RecordSource>> open_mapped(std::unique_ptr<RowSource> rows,
                                                  std::shared_ptr<History> history,
                                                  std::chrono::milliseconds window,
                                                  const SourcePosition* from) {
    auto source = std::make_unique<MappedSource>(std::move(rows), std::move(history), window);
    if (from != nullptr) {
        if (const auto gone = source->resume(*from); !gone) {
            return pass_on(gone);
        }
    }
    return source;
}

}  // namespace pwlog

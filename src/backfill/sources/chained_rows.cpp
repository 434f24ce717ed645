// SPDX-License-Identifier: MIT
#include "backfill/sources/chained_rows.h"

#include <algorithm>

namespace pwlog {
namespace {

constexpr std::uint64_t stop_asked_every = 1024;

class ChainedRows final : public RowSource {
  public:
    ChainedRows(OpenRowFile open, ChainPlan plan)
        : open_(std::move(open)), plan_(std::move(plan)), parsers_(plan_.links.size()) {}

    Result<bool> next(Row& row) override {
        for (;;) {
            if (auto opened = open_current(); !opened) {
                return pass_on(opened);
            }
            if (!rows_) {
                return false;
            }
            auto more = rows_->next(row);
            if (!more || *more) {
                row.source = link().source;
                row.before.offset += before_.offset;
                row.before.lines += before_.lines;
                return more;
            }
            close_current();
        }
    }

    Result<void> resume(const LinePosition& from) override {
        while (current_ + 1 < plan_.links.size() &&
               from.offset - before_.offset >= link().length.offset) {
            before_.offset += link().length.offset;
            before_.lines += link().length.lines;
            ++current_;
        }
        auto opened = open_current();
        return opened ? rows_->resume({from.offset - before_.offset, from.lines - before_.lines})
                      : opened;
    }

    LinePosition position() const override {
        const auto here = rows_ ? rows_->position() : LinePosition{};
        return {before_.offset + here.offset, before_.lines + here.lines};
    }
    SourceProgress progress() const override {
        if (plan_.links.size() == 1 && rows_) {
            return rows_->progress();
        }
        std::uint64_t total = 0;
        for (const auto& each : plan_.links) {
            total += each.length.offset;
        }
        return {position().offset, total > 0 ? std::optional(total) : std::nullopt};
    }
    std::uint64_t ignored() const override { return ignored_ + (rows_ ? rows_->ignored() : 0); }
    std::string damage() const override {
        return damage_.empty() && rows_ ? rows_->damage() : damage_;
    }
    ValueParser* parser(std::size_t source) override {
        auto& parser = parsers_.at(source);
        if (!parser) {
            if (auto file = open_(source)) {
                parser = std::move(file->parser);
            }
        }
        return parser.get();
    }

  private:
    const ChainPlan::Link& link() const { return plan_.links.at(current_); }

    Result<void> open_current() {
        if (rows_ || current_ == plan_.links.size()) {
            return {};
        }
        auto file = open_(link().source);
        if (!file) {
            return pass_on(file);
        }
        auto& parser = parsers_.at(link().source);
        parser = parser ? parser : file->parser;
        rows_ = read_rows(std::move(file->lines), parser);
        return {};
    }

    void close_current() {
        before_ = position();
        ignored_ += rows_->ignored();
        damage_ = damage_.empty() ? rows_->damage() : damage_;
        rows_.reset();
        ++current_;
    }

    OpenRowFile open_;
    ChainPlan plan_;
    std::vector<std::shared_ptr<ValueParser>> parsers_;  // of what was opened, by source
    std::size_t current_ = 0;
    std::unique_ptr<RowSource> rows_;  // of the current one
    LinePosition before_{};            // the length of those before it
    std::uint64_t ignored_ = 0;        // in those
    std::string damage_;               // of those
};

/// What a first reading of one file shows.
struct Extent {
    std::size_t source = 0;
    std::optional<Timestamp> first{};  ///< none: it holds no value
    Timestamp last = Timestamp::min();
    LinePosition length{};
};

// None: not in order.
Result<std::optional<Extent>> look_through(std::size_t source, const OpenRowFile& open,
                                           const std::stop_token& stop) {
    auto file = open(source);
    if (!file) {
        return pass_on(file);
    }
    const auto rows = read_rows(std::move(file->lines), std::move(file->parser));
    Extent extent{source};
    Row row;
    for (std::uint64_t count = 1;; ++count) {
        const auto more = rows->next(row);
        if (!more) {
            return pass_on(more);
        }
        if (!*more) {
            extent.length = rows->position();
            return std::optional(extent);
        }
        if (!row.values.empty()) {
            const auto time = row.values.front().time;
            if (time < extent.last) {
                return std::optional<Extent>();
            }
            extent.first = extent.first.value_or(time);
            extent.last = time;
        }
        if (count % stop_asked_every == 0 && stop.stop_requested()) {
            return fail(ErrorKind::stopped, "asked to stop");
        }
    }
}

}  // namespace

ChainPlan ChainPlan::as_given(std::size_t count) {
    ChainPlan plan;
    for (std::size_t i = 0; i < count; ++i) {
        plan.links.push_back({i, {}});
    }
    return plan;
}

Result<std::optional<ChainPlan>> plan_chain(std::size_t count, const OpenRowFile& open,
                                            const std::stop_token& stop) {
    std::vector<Extent> extents;
    for (std::size_t i = 0; i < count; ++i) {
        auto extent = look_through(i, open, stop);
        if (!extent || !*extent) {
            return extent ? Result<std::optional<ChainPlan>>(std::nullopt) : pass_on(extent);
        }
        extents.push_back(**extent);
    }
    std::stable_sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
        return a.first.value_or(Timestamp::min()) < b.first.value_or(Timestamp::min());
    });
    ChainPlan plan;
    Timestamp last = Timestamp::min();
    for (const auto& extent : extents) {
        if (extent.first && *extent.first < last) {
            return std::optional<ChainPlan>();
        }
        last = std::max(last, extent.last);
        plan.links.push_back({extent.source, extent.length});
    }
    return std::optional(std::move(plan));
}

std::unique_ptr<RowSource> chain_rows(OpenRowFile open, ChainPlan plan) {
    return std::make_unique<ChainedRows>(std::move(open), std::move(plan));
}

}  // namespace pwlog

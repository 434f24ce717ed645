// SPDX-License-Identifier: MIT
#include "backfill/sources/ndjson_source.h"

#include <fmt/format.h>

#include "backfill/json/json_text.h"

namespace pwlog {
namespace {

class NdjsonSource final : public RecordSource {
  public:
    explicit NdjsonSource(LineReader lines) : lines_(std::move(lines)) {}

    Result<bool> next(SourceRecord& record) override {
        for (;;) {
            Line line;
            before_line_ = lines_.position();
            const auto more = lines_.next(line);
            if (!more) {
                return pass_on(more);
            }
            if (!*more) {
                return action_without_document(record);
            }
            if (line.text.empty() || line.text.front() == '#') {
                ++ignored_;
                continue;
            }
            record.line = line.number;
            record.text = line.text;
            if (line.too_long) {
                return bad(record, fmt::format("the line is longer than {} bytes; only its "
                                               "beginning is kept",
                                               LineReader::longest_line));
            }
            if (check_.check(line.text)) {
                take(record);
                return true;
            }
            if (const auto answered = other_than_document(record, line)) {
                return *answered;
            }
        }
    }

    SourcePosition position() const override {
        // An action that still waits for its document is read again.
        const auto& place = waiting_action_.empty() ? lines_.position() : before_action_;
        return {place.offset, place.lines, {}};
    }
    SourceProgress progress() const override {
        return {lines_.input().consumed(), lines_.input().total()};
    }
    std::uint64_t ignored_lines() const override { return ignored_; }
    std::string damage() const override { return lines_.input().damage(); }

  private:
    void take(SourceRecord& record) {
        record.kind = SourceRecord::Kind::document;
        record.facts = &check_.facts();
        if (waiting_action_.empty() && !from_hit_) {
            record.id = {};
            return;
        }
        id_.swap(waiting_id_);
        record.id = id_;
        waiting_id_.clear();
        waiting_action_.clear();
        from_hit_ = false;
    }

    bool bad(SourceRecord& record, std::string reason) {
        record.kind = SourceRecord::Kind::bad;
        record.facts = nullptr;
        record.id = {};
        record.reason = std::move(reason);
        waiting_action_.clear();
        waiting_id_.clear();
        from_hit_ = false;
        return true;
    }

    // None: the line was taken in and the next one is to be read.
    std::optional<bool> other_than_document(SourceRecord& record, const Line& line) {
        const auto hit = check_.hit();
        if (!hit.source.empty()) {
            waiting_id_ = unescape_json(hit.id);
            from_hit_ = true;
            if (!check_.check(hit.source)) {
                return bad(record, "its _source: " + check_.reason());
            }
            record.text = hit.source;
            take(record);
            return true;
        }
        if (hit.search_reply) {
            return bad(record,
                       "this is a complete response of _search: read it with --from search");
        }
        if (hit.unusable_action) {
            return bad(record, "only the bulk actions create and index have a complete document");
        }
        if (hit.action && waiting_action_.empty()) {
            waiting_action_ = line.text;
            waiting_line_ = line.number;
            waiting_id_ = unescape_json(hit.id);
            before_action_ = before_line_;
            return std::nullopt;
        }
        auto reason = check_.reason();
        if (line.cut_off) {
            reason += "; the input ends here without a line end, so it may be cut off";
        }
        return bad(record, std::move(reason));
    }

    Result<bool> action_without_document(SourceRecord& record) {
        if (waiting_action_.empty()) {
            return false;
        }
        last_action_ = waiting_action_;
        record.line = waiting_line_;
        record.text = last_action_;
        return bad(record, "the input ends after a bulk action, before its document");
    }

    LineReader lines_;
    DocumentCheck check_;
    std::string waiting_action_;  // a bulk action whose document comes next
    std::string waiting_id_;
    std::string id_;
    bool from_hit_ = false;
    std::string last_action_;
    std::uint64_t waiting_line_ = 0;
    LinePosition before_line_;
    LinePosition before_action_;
    std::uint64_t ignored_ = 0;
};

}  // namespace

Result<std::unique_ptr<RecordSource>> open_ndjson(LineReader lines, const SourcePosition* from) {
    if (from != nullptr) {
        if (const auto gone = lines.resume({from->offset, from->lines}); !gone) {
            return pass_on(gone);
        }
    }
    return std::make_unique<NdjsonSource>(std::move(lines));
}

}  // namespace pwlog

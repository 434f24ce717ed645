// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "backfill/json/json_text.h"
#include "backfill/sources/element_cutter.h"
#include "backfill/sources/ndjson_source.h"

namespace pwlog {
namespace {

class SearchReplySource final : public RecordSource {
  public:
    SearchReplySource(LineReader lines, ElementCutter::Shape shape)
        : lines_(std::move(lines)), cutter_(shape) {}

    Result<bool> next(SourceRecord& record) override {
        for (;;) {
            while (at_ < piece_.size()) {
                const char c = piece_[at_++];
                position_.lines += c == '\n' ? 1 : 0;
                position_.offset += 1;
                const bool was_within = cutter_.within_element();
                const bool complete = cutter_.take(c);
                if (!was_within && cutter_.within_element()) {
                    first_line_ = position_.lines + 1;
                }
                if (complete) {
                    judge(record);
                    return true;
                }
            }
            const auto more = lines_.take_bytes();
            if (!more) {
                return pass_on(more);
            }
            if (more->empty()) {
                return at_end(record);
            }
            piece_ = *more;
            at_ = 0;
        }
    }

    SourcePosition position() const override {
        return {position_.offset, position_.lines,
                end_reported_                ? "end"
                : cutter_.between_elements() ? "within"
                                             : ""};
    }
    SourceProgress progress() const override {
        return {lines_.input().consumed(), lines_.input().total()};
    }
    std::string damage() const override {
        const auto& of_input = lines_.input().damage();
        return of_input.empty() && !cutter_.complaint().empty()
                   ? cutter_.complaint() + "; ask again for what lacks"
                   : of_input;
    }

    void go_on(const SourcePosition& position) {
        position_ = {position.offset, position.lines};
        end_reported_ = position.state == "end";
        if (position.state == "within") {
            cutter_.go_on_between_elements();
        }
    }

  private:
    void judge(SourceRecord& record) {
        record.line = first_line_;
        record.id = {};
        record.text = cutter_.element();
        if (record.text.size() > LineReader::longest_line) {
            bad(record,
                fmt::format("the object is longer than {} bytes", LineReader::longest_line));
            record.text = record.text.substr(0, 200);
            return;
        }
        if (check_.check(record.text)) {
            record.kind = SourceRecord::Kind::document;
            record.facts = &check_.facts();
            return;
        }
        const auto hit = check_.hit();
        if (hit.source.empty()) {
            bad(record, check_.reason());
            return;
        }
        id_ = unescape_json(hit.id);
        if (!check_.check(hit.source)) {
            bad(record, "its _source: " + check_.reason());
            return;
        }
        record.kind = SourceRecord::Kind::document;
        record.facts = &check_.facts();
        record.text = hit.source;
        record.id = id_;
    }

    void bad(SourceRecord& record, std::string reason) {
        record.kind = SourceRecord::Kind::bad;
        record.facts = nullptr;
        record.reason = std::move(reason);
        // Kept on one line, so that it can be fed back; line ends mean nothing in JSON.
        one_line_ = cutter_.element();
        for (char& c : one_line_) {
            c = c == '\n' || c == '\r' ? ' ' : c;
        }
        record.text = one_line_;
    }

    Result<bool> at_end(SourceRecord& record) {
        if (!cutter_.within_anything() || std::exchange(end_reported_, true)) {
            return false;
        }
        record.line = position_.lines + 1;
        record.id = {};
        bad(record, "the input breaks off within this JSON");
        if (!cutter_.within_element()) {
            record.text = {};
        }
        return true;
    }

    LineReader lines_;
    ElementCutter cutter_;
    DocumentCheck check_;
    std::string_view piece_;
    std::size_t at_ = 0;
    LinePosition position_;
    std::uint64_t first_line_ = 0;
    std::string id_;
    std::string one_line_;
    bool end_reported_ = false;
};

ElementCutter::Shape shape_of(std::string_view beginning) {
    const std::size_t start = beginning.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    if (start == beginning.npos || beginning[start] == '[') {
        return ElementCutter::Shape::list;
    }
    const std::size_t quote = beginning.find('"', start);
    const auto key = quote == beginning.npos
                         ? std::string_view()
                         : beginning.substr(quote + 1, beginning.find('"', quote + 1) - quote - 1);
    const bool document = key == "@timestamp" || key == "_index" || key == "_source" ||
                          key == "_id" || key == "ecs" || key == "event" || key == "device";
    return document ? ElementCutter::Shape::values : ElementCutter::Shape::replies;
}

}  // namespace

Result<std::unique_ptr<RecordSource>> open_search_replies(LineReader lines,
                                                          const SourcePosition* from) {
    const auto beginning = lines.peek(4096);
    if (!beginning) {
        return pass_on(beginning);
    }
    const auto shape = shape_of(*beginning);
    if (from != nullptr) {
        if (const auto gone = lines.resume({from->offset, from->lines}); !gone) {
            return pass_on(gone);
        }
    }
    auto source = std::make_unique<SearchReplySource>(std::move(lines), shape);
    if (from != nullptr) {
        source->go_on(*from);
    }
    return source;
}

}  // namespace pwlog

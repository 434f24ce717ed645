// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <array>

#include "backfill/json/json_text.h"
#include "backfill/sources/ndjson_source.h"

namespace pwlog {
namespace {

constexpr std::size_t longest_element = LineReader::longest_line;

/// Cuts the elements out of a stream of JSON: the objects in `hits.hits` of each answer, or those
/// of a list, or those that stand at the top. It only counts brackets outside of texts; whether an
/// element is JSON is for the check to say.
class ElementCutter {
  public:
    enum class Shape { replies, list, values };
    static constexpr std::size_t longest_key = 16;

    explicit ElementCutter(Shape shape) : shape_(shape) {}

    /// Takes one byte; true: element() is complete.
    bool take(char c) {
        if (capturing_ && element_.size() <= longest_element) {
            element_ += c;
        }
        if (in_text_) {
            within_text(c);
            return false;
        }
        switch (c) {
            case '"':
                in_text_ = true;
                text_.clear();
                return false;
            case ':':
                if (!capturing_ && depth_ >= 1 && depth_ <= 2) {
                    keys_[depth_ - 1] = text_;
                }
                literal_.clear();
                return false;
            case '{':
            case '[':
                open(c);
                return false;
            case ',':
                judge_literal();
                return false;
            case '}':
            case ']':
                judge_literal();
                return close();
            default:
                if (!capturing_ && literal_.size() < longest_key) {
                    literal_ += c == ' ' || c == '\n' || c == '\r' ? "" : std::string(1, c);
                }
                return false;
        }
    }

    const std::string& element() const { return element_; }
    bool within_element() const { return capturing_; }
    bool within_anything() const { return depth_ > 0; }
    /// Empty, or what an answer says against itself.
    const std::string& complaint() const { return complaint_; }

    /// `between` two elements of one answer or list, to go on there.
    void go_on_between_elements() {
        depth_ = element_depth() - 1;
        keys_ = {"hits", "hits"};
        hits_list_ = true;
    }
    bool between_elements() const { return depth_ > 0 && depth_ == element_depth() - 1; }

  private:
    std::size_t element_depth() const {
        return shape_ == Shape::replies ? 4 : shape_ == Shape::list ? 2 : 1;
    }

    // Not all that was asked for came, though what came looks like an answer.
    void judge_literal() {
        if (capturing_ || shape_ != Shape::replies) {
            return;
        }
        if (depth_ == 1 && keys_[0] == "timed_out" && literal_ == "true") {
            complaint_ = "an answer in it says timed_out";
        } else if (depth_ == 2 && keys_[0] == "_shards" && keys_[1] == "failed" &&
                   literal_ != "0") {
            complaint_ = "an answer in it lacks what failed shards hold";
        }
        literal_.clear();
    }

    void within_text(char c) {
        if (escaped_) {
            escaped_ = false;
        } else if (c == '\\') {
            escaped_ = true;
        } else if (c == '"') {
            in_text_ = false;
            return;
        }
        if (!capturing_ && text_.size() < longest_key) {
            text_ += c;
        }
    }

    void open(char c) {
        ++depth_;
        if (shape_ == Shape::replies && depth_ == 2 && c == '[' && keys_[0] == "responses") {
            depth_ = 0;  // of _msearch: the answers stand in it as others stand at the top
            return;
        }
        if (shape_ == Shape::replies && depth_ == 2 && keys_[0] == "error") {
            complaint_ = "an answer in it is an error and no documents";
        }
        if (depth_ == 3 && !capturing_) {
            hits_list_ = c == '[' && keys_[0] == "hits" && keys_[1] == "hits";
        }
        const bool wanted = shape_ != Shape::replies || hits_list_;
        if (!capturing_ && c == '{' && depth_ == element_depth() && wanted) {
            capturing_ = true;
            element_ = "{";
        }
    }

    bool close() {
        if (depth_ > 0) {
            --depth_;
        }
        if (capturing_ && depth_ < element_depth()) {
            capturing_ = false;
            return true;
        }
        return false;
    }

    Shape shape_;
    std::size_t depth_ = 0;
    bool in_text_ = false;
    bool escaped_ = false;
    bool capturing_ = false;
    bool hits_list_ = false;
    std::string text_;
    std::string literal_;
    std::string complaint_;
    std::array<std::string, 2> keys_;
    std::string element_;
};

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
        if (record.text.size() > longest_element) {
            bad(record, fmt::format("the object is longer than {} bytes", longest_element));
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

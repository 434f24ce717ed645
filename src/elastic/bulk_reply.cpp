// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "base/printable.h"
#include "elastic/bulk.h"

namespace pwlog {

namespace {

using rapidjson::SizeType;

/// Reads `{"errors":…,"items":[{"create":{"status":201,"error":{"type":…,"reason":…}}},…]}` event
/// by event. It returns false, which ends the parse, at the first thing that must not be there;
/// `wrong` says what. Values of other names are skipped, to a bounded depth.
class ReplyReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ReplyReader> {
  public:
    ReplyReader(std::size_t expected, OnConflict on_conflict)
        : expected_(expected), action_(action_name(on_conflict)) {
        reply.outcomes.reserve(expected);
    }

    BulkReply reply;
    std::string wrong;

    /// After the parse: whether everything was there.
    bool complete() {
        if (!seen_errors_ || !seen_items_) {
            return stop("it has no 'errors' or no 'items'");
        }
        if (reply.outcomes.size() != expected_) {
            return stop(fmt::format("{} documents were sent, it has {} items", expected_,
                                    reply.outcomes.size()));
        }
        return true;
    }

    bool StartObject() {
        if (skipping()) {
            return deeper();
        }
        switch (where_) {
            case Where::outside:
                return enter(Where::root);
            case Where::items:
                action_seen_ = false;
                return enter(Where::item);
            case Where::item:
                status_ = 0;
                status_seen_ = error_seen_ = failure_store_used_ = false;
                type_.clear();
                reason_.clear();
                return enter(Where::action);
            case Where::action:
                return name_ == Name::error ? enter(Where::error)
                                            : stop("an object stands in place of a value");
            default:
                return stop("an object stands in place of a value");
        }
    }

    bool EndObject(SizeType) {
        if (skipping()) {
            return shallower();
        }
        switch (where_) {
            case Where::root:
                return enter(Where::outside);
            case Where::item:
                return action_seen_ ? enter(Where::items) : stop("an item is empty");
            case Where::action:
                return finish_item() && enter(Where::item);
            default:
                return enter(Where::action);
        }
    }

    bool StartArray() {
        if (skipping()) {
            return deeper();
        }
        return where_ == Where::root && name_ == Name::items
                   ? enter(Where::items)
                   : stop("an array stands in place of a value");
    }

    bool EndArray(SizeType) { return skipping() ? shallower() : enter(Where::root); }

    bool Key(const char* text, SizeType length, bool) {
        if (skip_depth_ > 0) {
            return true;
        }
        const std::string_view name(text, length);
        switch (where_) {
            case Where::root:
                return name == "errors"  ? take_name(Name::errors, seen_errors_)
                       : name == "items" ? take_name(Name::items, seen_items_)
                                         : skip_next();
            case Where::item:
                return name == action_
                           ? take_name(Name::action, action_seen_)
                           : stop(fmt::format("an item answers another action than '{}'", action_));
            case Where::action:
                return name == "status"          ? take_name(Name::status, status_seen_)
                       : name == "error"         ? take_name(Name::error, error_seen_)
                       : name == "failure_store" ? take_name(Name::failure_store)
                                                 : skip_next();
            default:
                return name == "type"     ? take_name(Name::type)
                       : name == "reason" ? take_name(Name::reason)
                                          : skip_next();
        }
    }

    bool Bool(bool) {
        if (skipping()) {
            return scalar_skipped();
        }
        return where_ == Where::root && name_ == Name::errors
                   ? true
                   : stop("a true or false is misplaced");
    }

    bool Uint(unsigned value) {
        if (skipping()) {
            return scalar_skipped();
        }
        if (where_ != Where::action || name_ != Name::status) {
            return stop("a number is misplaced");
        }
        status_ = value;
        return true;
    }

    bool String(const char* text, SizeType length, bool) {
        if (skipping()) {
            return scalar_skipped();
        }
        const std::string_view value(text, length);
        if (where_ == Where::action && name_ == Name::failure_store) {
            failure_store_used_ = value == "used";
        } else if (where_ == Where::error && name_ == Name::type) {
            type_ = printable(value, 128);
        } else if (where_ == Where::error && name_ == Name::reason) {
            reason_ = printable(value, 1024);
        } else {
            return stop("a text stands where none belongs");
        }
        return true;
    }

    bool Null() {
        if (skipping()) {
            return scalar_skipped();
        }
        return where_ == Where::error ? true : stop("a null is misplaced");  // a reason can be null
    }

    /// Every other kind of number: negative, with a fraction, beyond 32 bits.
    bool Default() { return skipping() ? scalar_skipped() : stop("a number is misplaced"); }

  private:
    enum class Where { outside, root, items, item, action, error };
    enum class Name { none, errors, items, action, status, error, failure_store, type, reason };

    static constexpr int deepest = 32;

    bool stop(std::string why) {
        wrong = std::move(why);
        return false;
    }

    bool enter(Where next) {
        where_ = next;
        return true;
    }

    bool take_name(Name name) {
        name_ = name;
        return true;
    }

    bool take_name(Name name, bool& seen) {
        if (seen) {
            return stop("a name stands in it twice");
        }
        seen = true;
        return take_name(name);
    }

    // A skipped value: from its key on skip_next_ is set; inside a container skip_depth_ counts.
    bool skip_next() {
        skip_next_ = true;
        return true;
    }
    bool skipping() const { return skip_next_ || skip_depth_ > 0; }
    bool scalar_skipped() {
        skip_next_ = false;
        return true;
    }
    bool deeper() {
        skip_next_ = false;
        return ++skip_depth_ <= deepest || stop("it is nested too deeply");
    }
    bool shallower() {
        --skip_depth_;
        return true;
    }

    bool finish_item() {
        if (!status_seen_) {
            return stop("an item has no status");
        }
        if (reply.outcomes.size() == expected_) {
            return stop(fmt::format("it has more items than the {} documents sent", expected_));
        }
        constexpr unsigned replaced = 200;
        constexpr unsigned is_new = 201;
        constexpr unsigned was_there = 409;
        auto outcome = Outcome::duplicate;
        if (status_ == is_new || status_ == replaced) {
            outcome = Outcome::stored;
            reply.in_failure_store += failure_store_used_ ? 1 : 0;
            reply.replaced += status_ == replaced ? 1 : 0;
        } else if (status_ != was_there) {
            const auto concerns = judge_refusal(status_, type_, reason_);
            outcome = concerns == Concerns::document ? Outcome::rejected : Outcome::kept;
            reply.problems.push_back({reply.outcomes.size(), status_, type_, reason_, concerns});
        }
        reply.outcomes.push_back(outcome);
        return true;
    }

    std::size_t expected_;
    std::string_view action_;
    Where where_ = Where::outside;
    Name name_ = Name::none;
    bool skip_next_ = false;
    int skip_depth_ = 0;
    bool seen_errors_ = false;
    bool seen_items_ = false;
    bool action_seen_ = false;
    bool status_seen_ = false;
    bool error_seen_ = false;
    bool failure_store_used_ = false;
    unsigned status_ = 0;
    std::string type_;
    std::string reason_;
};

}  // namespace

Result<BulkReply> parse_bulk_reply(std::string_view body, std::size_t expected,
                                   OnConflict on_conflict) {
    const auto garbled = [&body](std::string_view why) {
        return fail(ErrorKind::garbled,
                    fmt::format("the bulk answer proves nothing: {}; it begins '{}'", why,
                                printable(body, 80)));
    };
    if (says_all_stored(body, expected, on_conflict)) {
        return BulkReply{std::vector(expected, Outcome::stored), {}, 0, 0};
    }
    if (body.find('\0') != body.npos) {
        return garbled("it holds a NUL");  // RapidJSON would take it for the end
    }
    ReplyReader reader(expected, on_conflict);
    rapidjson::MemoryStream stream(body.data(), body.size());
    rapidjson::Reader json;
    const auto outcome =
        json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(stream,
                                                                                           reader);
    if (!reader.wrong.empty()) {
        return garbled(reader.wrong);
    }
    if (outcome.IsError()) {
        return garbled(fmt::format("{} At byte {}", rapidjson::GetParseError_En(outcome.Code()),
                                   outcome.Offset()));
    }
    if (!reader.complete()) {
        return garbled(reader.wrong);
    }
    return std::move(reader.reply);
}

}  // namespace pwlog

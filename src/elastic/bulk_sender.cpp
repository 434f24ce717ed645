// SPDX-License-Identifier: MIT
#include "elastic/bulk_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "elastic/json.h"
#include "elastic/verdicts.h"

namespace pwlog {

namespace {

/// So many documents of one index refused for a reason that nobody knows, and none taken: the rest
/// need not be tried. Where some are taken, up to `most_odd` are held one by one.
constexpr std::size_t enough_odd = 3;
constexpr std::size_t most_odd = 100;
/// A body smaller than this did not fail for its size.
constexpr std::size_t small_body = std::size_t{32} * 1024;

std::string describe(const ItemProblem& problem) {
    return fmt::format("{} {}: {}", problem.status, problem.type, problem.reason);
}

/// Refusals whose fault is not known: the document's, or its index's.
struct OddItem {
    std::size_t position;
    std::string reason;
};

}  // namespace

/// One call of send(): what is still to be sent, the next on top, and what is known already.
struct BulkSender::Batch {
    std::span<const BulkDocument> documents;
    const std::stop_token& stop;
    std::optional<std::chrono::milliseconds> timeout;
    std::vector<Range> todo;
    SendReport report;
    std::vector<bool> waits;           // by position: not before its hold lets it go
    std::set<std::string_view> taken;  // indices that took something
    std::set<std::string_view> held;   // those that are held since
    std::map<std::string_view, std::vector<OddItem>> odd;

    bool going_on() const { return report.next == NextStep::go_on; }
    void end(NextStep next, std::string why) {
        report.next = next;
        report.problem = std::move(why);
    }
    /// Whether a document that waits may still go out in this call.
    bool may_go(std::size_t at) const {
        const auto index = documents[at].index;
        const auto found = odd.find(index);
        return report.outcomes[at] == Outcome::kept && !waits[at] && !held.contains(index) &&
               (found == odd.end() || found->second.size() < enough_odd || taken.contains(index));
    }
};

BulkSender::BulkSender(const SenderOptions& options, ServerSession session, const Clock& clock)
    : limits_(options.limits),
      on_conflict_(options.on_conflict),
      refusals_in_a_row_(options.refusals_in_a_row),
      session_(std::move(session)),
      holds_(clock, options.holds),
      body_(options.limits, options.on_conflict),
      cap_(options.limits.bytes) {}

Result<BulkSender> BulkSender::open(const SenderOptions& options, const Clock& clock) {
    auto session = ServerSession::open(options.servers, options.http, options.templates, clock);
    if (!session) {
        return pass_on(session);
    }
    return BulkSender(options, std::move(*session), clock);
}

std::string BulkSender::server_name() const {
    return session_.identified() ? session_.info().name() : std::string();
}

void BulkSender::hurry() {
    session_.renew_credentials();
    holds_.hurry();
}

SendReport BulkSender::send(std::span<const BulkDocument> documents, const std::stop_token& stop,
                            std::optional<std::chrono::milliseconds> timeout) {
    // The refusal of a single index does not show in the status of a whole answer.
    if (!holds_.empty() && session_.renew_credentials()) {
        holds_.hurry();
    }
    Batch batch{documents, stop, timeout, {{0, documents.size()}}, {}, {}, {}, {}, {}};
    batch.report.outcomes.assign(documents.size(), Outcome::kept);
    for (const auto& document : documents) {
        batch.waits.push_back(!holds_.admit(document.index, document.id));
    }
    while (!batch.todo.empty() && batch.going_on()) {
        const Range range = batch.todo.back();
        batch.todo.pop_back();
        if (range.first == range.second || !prepare(batch, range)) {
            continue;
        }
        const std::size_t end = encode(batch, range);
        if (end != range.second) {
            batch.todo.emplace_back(end, range.second);
        }
        if (body_.count() > 0) {
            exchange(batch, {range.first, end});
        }
    }
    settle_holds(batch);
    if (batch.report.next != NextStep::stopped) {
        known_good_ = batch.going_on();
    }
    if (batch.report.next == NextStep::pause) {
        session_.forget();
    }
    return std::move(batch.report);
}

/// Identifies the server and checks the indices of the range; what is not fit is held.
bool BulkSender::prepare(Batch& batch, Range range) {
    if (const auto ready = session_.prepare(batch.stop); !ready) {
        return end_preparation(batch, {}, ready.error());  // every host was tried
    }
    std::string_view last;
    for (std::size_t at = range.first; at < range.second; ++at) {
        const auto index = batch.documents[at].index;
        if (index == last || !batch.may_go(at)) {
            continue;
        }
        last = index;
        const auto mode = session_.index_mode(std::string(index), batch.stop);
        if (!mode && mode.error().kind == ErrorKind::not_found) {  // the same on every host
            hold(batch, index, mode.error().message, true);
        } else if (!mode) {
            return end_preparation(batch, range, mode.error());
        }
    }
    return true;
}

/// Always false. An empty range: another host is of no use.
bool BulkSender::end_preparation(Batch& batch, Range range, const Error& error) {
    if (error.kind == ErrorKind::stopped) {
        batch.end(NextStep::stopped, error.message);
    } else {
        const bool later = error.kind == ErrorKind::timeout || error.kind == ErrorKind::unavailable;
        const auto next = later ? NextStep::retry : NextStep::pause;
        if (range.first == range.second) {
            batch.end(next, error.message);
        } else {
            trouble(batch, range, next, error.message);
        }
    }
    return false;
}

/// Fills the body from the range's begin; returns the position behind what went in.
std::size_t BulkSender::encode(Batch& batch, Range range) {
    body_.clear();
    sent_.clear();
    body_.set_limits({std::min(limits_.documents, range.second - range.first), cap_.bytes()});
    std::size_t at = range.first;
    std::string_view last;  // neighbours mostly have the same index: it is asked about once
    bool makes_own_ids = false;
    for (; at < range.second; ++at) {
        if (!batch.may_go(at)) {
            continue;
        }
        BulkDocument document = batch.documents[at];
        if (document.index != last) {
            last = document.index;
            makes_own_ids =
                session_.index_mode(std::string(last), batch.stop) == IndexMode::time_series;
        }
        if (makes_own_ids) {
            document.id = {};
        }
        const auto added = body_.add(document);
        if (added == BulkBody::Added::full) {
            break;
        }
        if (added == BulkBody::Added::invalid) {
            refuse(batch, {at, 0, "invalid_document", "it is empty or holds a line end"});
        } else {
            sent_.push_back(at);
        }
    }
    return at;
}

void BulkSender::exchange(Batch& batch, Range range) {
    ++batch.report.requests;
    const auto reply = session_.post_bulk(body_.text(), batch.timeout, batch.stop);
    if (reply) {
        failures_in_a_row_ = 0;
        batch.report.sent_twice = batch.report.sent_twice || reply->sent_twice;
        take_reply(batch, range, *reply);
        return;
    }
    if (reply.error().kind == ErrorKind::stopped) {
        batch.end(NextStep::stopped, reply.error().message);
        return;
    }
    // Who refuses a large body may close before the refusal is read: try smaller ones.
    if (++failures_in_a_row_ > 1 && body_.text().size() > small_body) {
        cap_.lower(body_.text().size());
    }
    trouble(batch, range, NextStep::retry, reply.error().message);
}

void BulkSender::take_reply(Batch& batch, Range range, const HttpReply& reply) {
    const auto said = [&] { return fmt::format("{}: {}", session_.host(), describe_reply(reply)); };
    switch (classify_response(session_.info(), reply)) {
        case RequestVerdict::ok: {
            const auto items = parse_bulk_reply(reply.body, sent_.size(), on_conflict_);
            if (!items) {
                trouble(batch, range, NextStep::retry,
                        fmt::format("{}: {}", session_.host(), items.error().message));
                return;
            }
            session_.succeeded();
            cap_.succeeded();
            take_items(batch, *items);
            return;
        }
        case RequestVerdict::split:
            split(batch, range, reply);
            return;
        case RequestVerdict::pause:
            batch.end(NextStep::pause, said());
            return;
        case RequestVerdict::retry:
            batch.report.retry_after = reply.retry_after;
            if (reply.status == 429) {  // the cluster has too much to do, this host or another
                batch.end(NextStep::retry, said());
            } else {
                trouble(batch, range, NextStep::retry, said());
            }
            return;
        case RequestVerdict::foreign:
            trouble(batch, range, NextStep::pause,
                    fmt::format("what answers at {} is not {} (any more): {}", session_.host(),
                                session_.info().name(), describe_reply(reply)));
            return;
    }
}

void BulkSender::take_items(Batch& batch, const BulkReply& reply) {
    for (std::size_t i = 0; i < reply.verdicts.size(); ++i) {
        const bool stored = reply.verdicts[i] == ItemVerdict::stored;
        if (stored || reply.verdicts[i] == ItemVerdict::duplicate) {
            const auto& document = batch.documents[sent_[i]];
            batch.report.outcomes[sent_[i]] = stored ? Outcome::stored : Outcome::duplicate;
            holds_.release(document.index, document.id);
            batch.taken.insert(document.index);
        }
    }
    batch.report.in_failure_store += reply.in_failure_store;
    batch.report.replaced += reply.replaced;
    for (const auto& problem : reply.problems) {
        ItemProblem moved = problem;
        moved.position = sent_[problem.position];
        const auto index = batch.documents[moved.position].index;
        const auto said = fmt::format("{}: {}", session_.host(), describe(problem));
        switch (reply.verdicts[problem.position]) {
            case ItemVerdict::reject:
                refuse(batch, std::move(moved));
                break;
            case ItemVerdict::index:
                hold(batch, index, said);
                break;
            case ItemVerdict::unknown:
                batch.odd[index].push_back({moved.position, said});
                break;
            default:
                if (batch.going_on()) {
                    batch.end(NextStep::retry, said);
                }
        }
    }
}

/// The request as a whole was too large, or something in it made it fail: in two halves again.
void BulkSender::split(Batch& batch, Range range, const HttpReply& reply) {
    session_.succeeded();
    if (reply.status == 413) {
        cap_.lower(body_.text().size());
    }
    if (sent_.size() > 1) {
        batch.report.sent_twice = true;
        const std::size_t middle = sent_[sent_.size() / 2];
        batch.todo.emplace_back(middle, range.second);
        batch.todo.emplace_back(range.first, middle);
        return;
    }
    const auto said = describe_reply(reply);
    if (reply.status == 413 || is_documents_fault(json_text(reply.body, "/error/type"),
                                                  json_text(reply.body, "/error/reason"))) {
        refuse(batch, {sent_.front(), static_cast<unsigned>(reply.status), "whole_request", said});
    } else {
        batch.odd[batch.documents[sent_.front()].index].push_back(
            {sent_.front(), fmt::format("{}: {}", session_.host(), said)});
    }
}

/// Rejects a document, unless its index took none of its neighbours and too many went that way.
void BulkSender::refuse(Batch& batch, ItemProblem problem) {
    const auto index = batch.documents[problem.position].index;
    auto& in_a_row = refused_in_a_row_[std::string(index)];
    if (batch.taken.contains(index)) {
        in_a_row = 0;
    } else if (in_a_row >= refusals_in_a_row_) {
        hold(batch, index,
             fmt::format("{} of its documents were refused in a row and none was taken, so the "
                         "set-up is wrong and not the documents; the rest is kept. The last "
                         "refusal: {}",
                         in_a_row, describe(problem)));
        return;
    } else {
        ++in_a_row;
    }
    holds_.release(index, batch.documents[problem.position].id);
    batch.report.outcomes[problem.position] = Outcome::rejected;
    batch.report.refusals.push_back(std::move(problem));
}

/// The index takes nothing now: once for each call of send().
void BulkSender::hold(Batch& batch, std::string_view index, std::string reason, bool templates) {
    if (batch.held.insert(index).second) {
        session_.forget(std::string(index));
        holds_.refuse(index, {}, std::move(reason), templates);
    }
}

/// At the end of a call: whose fault the odd refusals are, and who has to wait.
void BulkSender::settle_holds(Batch& batch) {
    for (const auto index : batch.taken) {
        refused_in_a_row_.erase(std::string(index));
        if (!batch.held.contains(index)) {
            holds_.release(index, {});
        }
    }
    for (const auto& [index, items] : batch.odd) {
        const bool alone =
            batch.taken.contains(index) && holds_.documents_of(index) + items.size() <= most_odd;
        for (const auto& [position, reason] : items) {
            if (alone) {
                holds_.refuse(index, batch.documents[position].id, reason);
                batch.waits[position] = true;
            } else {
                hold(batch, index, reason);
            }
        }
    }
    bool any = false;
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
        const bool held = batch.waits[i] || batch.held.contains(batch.documents[i].index);
        any = any || (held && batch.report.outcomes[i] == Outcome::kept);
    }
    for (const auto& [key, hold] : holds_.all()) {
        if (any && batch.report.problem.empty()) {
            batch.report.problem = describe(hold);
        }
        batch.report.templates_missing = batch.report.templates_missing || hold.templates_missing;
    }
}

/// This host is of no use now: the range goes to another one, or the batch ends.
void BulkSender::trouble(Batch& batch, Range range, NextStep next, std::string why) {
    if (session_.fail_over()) {
        batch.report.sent_twice = true;
        batch.todo.push_back(range);
    } else {
        batch.end(next, std::move(why));
    }
}

}  // namespace pwlog

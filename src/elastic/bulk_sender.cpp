// SPDX-License-Identifier: MIT
#include "elastic/bulk_sender.h"

#include <fmt/format.h>

#include <algorithm>

#include "elastic/json.h"
#include "elastic/verdicts.h"

namespace pwlog {

namespace {

/// A body smaller than this did not fail for its size.
constexpr std::size_t small_body = std::size_t{32} * 1024;

}  // namespace

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

SendReport BulkSender::send(std::span<const DocumentView> documents, const std::stop_token& stop,
                            std::optional<std::chrono::milliseconds> timeout) {
    // The refusal of a single index does not show in the status of a whole answer.
    if (!holds_.empty() && session_.renew_credentials()) {
        holds_.hurry();
    }
    session_.set_deadline(timeout ? std::optional(std::chrono::steady_clock::now() + *timeout)
                                  : std::nullopt);
    BulkBatch batch(documents, holds_, refused_in_a_row_, refusals_in_a_row_);
    todo_ = {{0, documents.size()}};
    while (!todo_.empty() && batch.going_on()) {
        const Range range = todo_.back();
        todo_.pop_back();
        if (range.first == range.second || !prepare(batch, range, stop)) {
            continue;
        }
        const std::size_t end = encode(batch, range, stop);
        if (end != range.second) {
            todo_.emplace_back(end, range.second);
        }
        if (body_.count() > 0) {
            exchange(batch, {range.first, end}, stop);
        }
    }
    batch.settle();
    for (const auto index : batch.held()) {
        session_.forget(std::string(index));
    }
    if (batch.report.next != NextStep::stopped) {
        known_good_ = batch.going_on();
    }
    if (batch.report.next == NextStep::pause) {
        session_.forget();
    }
    return std::move(batch.report);
}

/// Identifies the server and checks the indices of the range; what is not fit is held.
bool BulkSender::prepare(BulkBatch& batch, Range range, const std::stop_token& stop) {
    if (const auto ready = session_.prepare(stop); !ready) {
        return end_preparation(batch, {}, ready.error());  // every host was tried
    }
    std::string_view last;
    for (std::size_t at = range.first; at < range.second; ++at) {
        const std::string_view index = batch[at].index;
        if (index == last || !batch.may_go(at)) {
            continue;
        }
        last = index;
        const auto mode = session_.index_mode(std::string(index), stop);
        if (!mode && mode.error().kind == ErrorKind::not_found) {  // the same on every host
            batch.hold(index, mode.error().message, true);
        } else if (!mode) {
            return end_preparation(batch, range, mode.error());
        }
    }
    return true;
}

/// Always false. An empty range: another host is of no use.
bool BulkSender::end_preparation(BulkBatch& batch, Range range, const Error& error) {
    const bool later = error.kind == ErrorKind::timeout || error.kind == ErrorKind::unavailable;
    const auto next = error.kind == ErrorKind::stopped ? NextStep::stopped
                      : later                          ? NextStep::retry
                                                       : NextStep::pause;
    if (next == NextStep::stopped || range.first == range.second) {
        batch.end(next, error.message);
    } else {
        trouble(batch, range, next, error.message);
    }
    return false;
}

/// Fills the body from the range's begin; returns the position behind what went in.
std::size_t BulkSender::encode(BulkBatch& batch, Range range, const std::stop_token& stop) {
    body_.clear();
    sent_.clear();
    body_.set_limits({std::min(limits_.documents, range.second - range.first), cap_.bytes()});
    constexpr std::size_t action_bytes = 96;  // with an id
    std::size_t expected = 0;
    for (std::size_t i = range.first; i < range.second && expected < cap_.bytes(); ++i) {
        expected += batch[i].json.size() + action_bytes;
    }
    body_.expect(expected);
    std::size_t at = range.first;
    std::string_view last;  // neighbours mostly have the same index: it is asked about once
    bool makes_own_ids = false;
    for (; at < range.second; ++at) {
        if (!batch.may_go(at)) {
            continue;
        }
        const DocumentView& document = batch[at];
        if (document.index != last) {
            last = document.index;
            makes_own_ids = session_.index_mode(std::string(last), stop) == IndexMode::time_series;
        }
        const auto added = body_.add(
            document.index, makes_own_ids ? std::string_view() : document.id, document.json);
        if (added == BulkBody::Added::full) {
            break;
        }
        if (added == BulkBody::Added::invalid) {
            batch.refuse({at, 0, "invalid_document", "it is empty or holds a line end"});
        } else {
            sent_.push_back(at);
        }
    }
    return at;
}

void BulkSender::exchange(BulkBatch& batch, Range range, const std::stop_token& stop) {
    ++batch.report.requests;
    const auto reply = session_.post_bulk(body_.text(), stop);
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

void BulkSender::take_reply(BulkBatch& batch, Range range, const HttpReply& reply) {
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

void BulkSender::take_items(BulkBatch& batch, const BulkReply& reply) {
    for (std::size_t i = 0; i < reply.outcomes.size(); ++i) {
        if (reply.outcomes[i] == Outcome::stored || reply.outcomes[i] == Outcome::duplicate) {
            batch.take(sent_[i], reply.outcomes[i]);
        }
    }
    batch.report.in_failure_store += reply.in_failure_store;
    batch.report.replaced += reply.replaced;
    for (auto problem : reply.problems) {
        problem.position = sent_[problem.position];
        batch.fail(problem, fmt::format("{}: {}", session_.host(), describe(problem)));
    }
}

/// The request as a whole was too large, or something in it made it fail: in two halves again.
void BulkSender::split(BulkBatch& batch, Range range, const HttpReply& reply) {
    session_.succeeded();
    if (reply.status == 413) {
        cap_.lower(body_.text().size());
    }
    if (sent_.size() > 1) {
        batch.report.sent_twice = true;
        const std::size_t middle = sent_[sent_.size() / 2];
        todo_.emplace_back(middle, range.second);
        todo_.emplace_back(range.first, middle);
        return;
    }
    const auto said = describe_reply(reply);
    const bool its_own =
        reply.status == 413 || is_documents_fault(json_text(reply.body, "/error/type"),
                                                  json_text(reply.body, "/error/reason"));
    batch.fail({sent_.front(), static_cast<unsigned>(reply.status), "whole_request", said,
                its_own ? Concerns::document : Concerns::unknown},
               fmt::format("{}: {}", session_.host(), said));
}

/// This host is of no use now: the range goes to another one, or the batch ends.
void BulkSender::trouble(BulkBatch& batch, Range range, NextStep next, std::string why) {
    if (session_.fail_over()) {
        batch.report.sent_twice = true;
        todo_.push_back(range);
    } else {
        batch.end(next, std::move(why));
    }
}

}  // namespace pwlog

#include "elastic/bulk_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "elastic/verdicts.h"

namespace pwlog {

namespace {

/// A document that met a status nobody knows is given up after so many tries.
constexpr int most_odd_answers = 5;
/// A body smaller than this did not fail for its size.
constexpr std::size_t small_body = std::size_t{32} * 1024;

std::string describe(const ItemProblem& problem) {
    return fmt::format("{} {}: {}", problem.status, problem.type, problem.reason);
}

}  // namespace

/// One call of send(): what is still to be sent, the next on top, and what is known already.
struct BulkSender::Batch {
    std::span<const BulkDocument> documents;
    const std::stop_token& stop;
    std::optional<std::chrono::milliseconds> timeout;
    std::vector<Range> todo;
    SendReport report;

    bool going_on() const { return report.next == NextStep::go_on; }
    void end(NextStep next, std::string why) {
        report.next = next;
        report.problem = std::move(why);
    }
};

BulkSender::BulkSender(const SenderOptions& options, ServerSession session)
    : limits_(options.limits),
      refusals_in_a_row_(options.refusals_in_a_row),
      session_(std::move(session)),
      cap_(options.limits.bytes) {}

Result<BulkSender> BulkSender::open(const SenderOptions& options, const Clock& clock) {
    auto session = ServerSession::open(options.servers, options.http, clock);
    if (!session) {
        return pass_on(session);
    }
    return BulkSender(options, std::move(*session));
}

std::string BulkSender::server_name() const {
    return session_.identified() ? session_.info().name() : std::string();
}

SendReport BulkSender::send(std::span<const BulkDocument> documents, const std::stop_token& stop,
                            std::optional<std::chrono::milliseconds> timeout) {
    Batch batch{documents, stop, timeout, {{0, documents.size()}}, {}};
    batch.report.fates.assign(documents.size(), Fate::kept);
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
    if (batch.report.next != NextStep::stopped) {
        known_good_ = batch.going_on();
    }
    if (batch.going_on()) {
        odd_answers_.clear();
    }
    if (batch.report.next == NextStep::pause) {
        session_.forget();
    }
    return std::move(batch.report);
}

/// Identifies the server and checks the indices of the range.
bool BulkSender::prepare(Batch& batch, Range range) {
    Result<void> ready = session_.prepare(batch.stop);
    std::string_view last;
    for (std::size_t at = range.first; ready && at < range.second; ++at) {
        const auto index = batch.documents[at].index;
        if (index != last) {
            last = index;
            if (const auto mode = session_.index_mode(std::string(index), batch.stop); !mode) {
                ready = pass_on(mode);
            }
        }
    }
    if (ready) {
        return true;
    }
    const auto& error = ready.error();
    if (error.kind == ErrorKind::stopped) {
        batch.end(NextStep::stopped, error.message);
    } else if (error.kind == ErrorKind::not_found) {  // templates: the same on every host
        batch.report.templates_missing = true;
        batch.end(NextStep::pause, error.message);
    } else {
        const bool later = error.kind == ErrorKind::timeout || error.kind == ErrorKind::unavailable;
        trouble(batch, range, later ? NextStep::retry : NextStep::pause, error.message);
    }
    return false;
}

/// Fills the body from the range's begin; returns the position behind what went in.
std::size_t BulkSender::encode(Batch& batch, Range range) {
    body_.clear();
    body_.set_limits({std::min(limits_.documents, range.second - range.first), cap_.bytes()});
    std::size_t at = range.first;
    std::string_view last;  // neighbours mostly have the same index: it is asked about once
    bool makes_own_ids = false;
    for (; at < range.second; ++at) {
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
            if (body_.count() > 0) {
                break;  // a body stands for whole ranges only: this one begins the next
            }
            refuse(batch, {at, 0, "invalid_document", "it is empty or holds a line end"});
            return at + 1;
        }
    }
    return at;
}

void BulkSender::exchange(Batch& batch, Range range) {
    ++batch.report.requests;
    const auto reply = session_.post_bulk(body_.text(), batch.timeout, batch.stop);
    if (reply) {
        failures_in_a_row_ = 0;
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
            const auto items = parse_bulk_reply(reply.body, range.second - range.first);
            if (!items) {
                trouble(batch, range, NextStep::retry,
                        fmt::format("{}: {}", session_.host(), items.error().message));
                return;
            }
            session_.succeeded();
            cap_.succeeded();
            take_items(batch, range, *items);
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

void BulkSender::take_items(Batch& batch, Range range, const BulkReply& reply) {
    std::set<std::string_view> taken;  // indices that took something
    std::string_view last;
    for (std::size_t i = 0; i < reply.verdicts.size(); ++i) {
        const bool stored = reply.verdicts[i] == ItemVerdict::stored;
        if (stored || reply.verdicts[i] == ItemVerdict::duplicate) {
            const auto& document = batch.documents[range.first + i];
            batch.report.fates[range.first + i] = stored ? Fate::stored : Fate::duplicate;
            if (document.index != last) {
                last = document.index;
                taken.insert(last);
            }
        }
    }
    for (const auto index : taken) {
        refused_in_a_row_.erase(std::string(index));
    }
    batch.report.in_failure_store += reply.in_failure_store;
    for (const auto& problem : reply.problems) {
        ItemProblem moved = problem;
        moved.position += range.first;
        const auto verdict = reply.verdicts[problem.position];
        if (verdict == ItemVerdict::reject &&
            taken.contains(batch.documents[moved.position].index)) {
            batch.report.fates[moved.position] = Fate::rejected;
            batch.report.refusals.push_back(std::move(moved));
        } else if (verdict == ItemVerdict::reject) {
            refuse(batch, std::move(moved));
        } else if (verdict == ItemVerdict::unknown) {
            count_try(batch, std::move(moved));
        } else if (verdict == ItemVerdict::pause) {
            batch.end(NextStep::pause, fmt::format("{}: {}", session_.host(), describe(problem)));
        } else if (batch.going_on()) {
            batch.end(NextStep::retry, fmt::format("{}: {}", session_.host(), describe(problem)));
        }
    }
}

/// The request as a whole was too large, or something in it made it fail: in two halves again.
void BulkSender::split(Batch& batch, Range range, const HttpReply& reply) {
    session_.succeeded();
    if (reply.status == 413) {
        cap_.lower(body_.text().size());
    }
    if (range.second - range.first == 1) {
        refuse(batch, {range.first, static_cast<unsigned>(reply.status), "whole_request",
                       describe_reply(reply)});
        return;
    }
    const std::size_t middle = range.first + (range.second - range.first) / 2;
    batch.todo.emplace_back(middle, range.second);
    batch.todo.emplace_back(range.first, middle);
}

/// Rejects a document whose index took none of its neighbours, unless too many went that way.
/// False: kept.
bool BulkSender::refuse(Batch& batch, ItemProblem problem) {
    auto& in_a_row = refused_in_a_row_[std::string(batch.documents[problem.position].index)];
    if (in_a_row >= refusals_in_a_row_) {
        batch.end(NextStep::pause,
                  fmt::format(
                      "{} documents for {} were refused in a row and none was taken, so the set-up "
                      "is wrong and not the documents; the rest is kept. The last refusal: {}",
                      in_a_row, batch.documents[problem.position].index, describe(problem)));
        return false;
    }
    ++in_a_row;
    batch.report.fates[problem.position] = Fate::rejected;
    batch.report.refusals.push_back(std::move(problem));
    return true;
}

void BulkSender::count_try(Batch& batch, ItemProblem problem) {
    const std::string id(batch.documents[problem.position].id);
    if (++odd_answers_[id] < most_odd_answers) {
        if (batch.going_on()) {
            batch.end(NextStep::retry, fmt::format("{}: {}", session_.host(), describe(problem)));
        }
        return;
    }
    if (refuse(batch, std::move(problem))) {
        odd_answers_.erase(id);
    }
}

/// This host is of no use now: the range goes to another one, or the batch ends.
void BulkSender::trouble(Batch& batch, Range range, NextStep next, std::string why) {
    if (session_.fail_over()) {
        batch.todo.push_back(range);
    } else {
        batch.end(next, std::move(why));
    }
}

}  // namespace pwlog

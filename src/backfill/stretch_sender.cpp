#include "backfill/stretch_sender.h"

#include <fmt/format.h>

#include <random>

namespace pwlog {
namespace {

constexpr int most_unknown_tries = 5;

std::function<double()> uniform_source() {
    return [engine = std::minstd_rand(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0, 1)(engine);
    };
}

std::string_view document_of(std::string_view lines) {
    lines.remove_prefix(lines.find('\n') + 1);
    lines.remove_suffix(1);
    return lines;
}

}  // namespace

Result<StretchSender> StretchSender::open(const SendOptions& options, const Clock& clock,
                                          std::function<void(const std::string&)> trouble) {
    auto http = HttpClient::open(options.http);
    if (!http) {
        return pass_on(http);
    }
    return StretchSender(options, clock, std::move(*http), std::move(trouble));
}

StretchSender::StretchSender(const SendOptions& options, const Clock& clock, HttpClient http,
                             std::function<void(const std::string&)> trouble)
    : options_(options),
      clock_(clock),
      http_(std::move(http)),
      hosts_(options.servers),
      backoff_(options.backoff, uniform_source()),
      trouble_(std::move(trouble)),
      last_success_(clock.steady_now()) {}

Result<void> StretchSender::send(Stretch& stretch, const std::stop_token& stop) {
    const std::string_view text = stretch.body.text();
    std::vector<Item> items;
    items.reserve(stretch.body.count());
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', text.find('\n', begin) + 1) + 1;
        items.push_back({text.substr(begin, end - begin), items.size()});
        begin = end;
    }
    last_success_ = clock_.steady_now();
    return send_items(std::move(items), text, stretch, stop);
}

// `body` is the items' lines, one behind the other.
Result<void> StretchSender::send_items(std::vector<Item> items, std::string_view body,
                                       Stretch& stretch, const std::stop_token& stop) {
    std::string rest;  // the body of what is tried again
    while (!items.empty()) {
        const auto reply = http_.send(hosts_.current(),
                                      {.method = HttpMethod::post,
                                       .path = std::string(bulk_path),
                                       .body = body,
                                       .content_type = "application/x-ndjson"},
                                      stop);
        if (!reply && reply.error().kind == ErrorKind::stopped) {
            return pass_on(reply);
        }
        std::string why = reply ? "" : reply.error().message;
        std::chrono::milliseconds at_least{};
        switch (reply ? classify_response(options_.server, *reply) : RequestVerdict::retry) {
            case RequestVerdict::split:
                return split(std::move(items), stretch, *reply, stop);
            case RequestVerdict::pause:
                return fail(ErrorKind::denied, describe_reply(*reply));
            case RequestVerdict::ok:
                if (const auto answer = parse_bulk_reply(reply->body, items.size())) {
                    hosts_.succeeded();
                    const std::size_t before = items.size();
                    items = apply(*answer, items, stretch);
                    if (items.empty()) {
                        return {};
                    }
                    if (items.size() < before) {
                        last_success_ = clock_.steady_now();
                        backoff_.reset();
                    }
                    const auto& problem = answer->problems.front();
                    why = fmt::format("{} of {} documents are to be sent again: {} {}: {}",
                                      items.size(), before, problem.status, problem.type,
                                      problem.reason);
                    break;
                } else {
                    why = answer.error().message;
                }
                break;
            default:
                if (reply) {
                    why = describe_reply(*reply);
                    at_least =
                        clamp_retry_after(reply->retry_after.value_or(std::chrono::seconds(0)));
                }
        }
        if (auto waited = wait(why, at_least, stop); !waited) {
            return waited;
        }
        std::string fresh;
        for (const auto& item : items) {
            fresh += item.lines;
        }
        // The items' lines are part of the stretch, never of `rest`.
        rest = std::move(fresh);
        body = rest;
    }
    return {};
}

Result<void> StretchSender::split(std::vector<Item> items, Stretch& stretch, const HttpReply& reply,
                                  const std::stop_token& stop) {
    if (items.size() == 1) {
        const auto& item = items.front();
        stretch.tally.rejected += 1;
        stretch.rejects.push_back({stretch.lines[item.position], describe_reply(reply),
                                   std::string(document_of(item.lines))});
        return {};
    }
    const auto middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
    std::vector<Item> second(middle, items.end());
    items.erase(middle, items.end());
    for (auto* half : {&items, &second}) {
        std::string body;
        for (const auto& item : *half) {
            body += item.lines;
        }
        if (auto sent = send_items(std::move(*half), body, stretch, stop); !sent) {
            return sent;
        }
    }
    return {};
}

// Books what is decided; returns what is to be sent again.
std::vector<StretchSender::Item> StretchSender::apply(const BulkReply& reply,
                                                      const std::vector<Item>& items,
                                                      Stretch& stretch) {
    std::vector<Item> again;
    auto problem = reply.problems.begin();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto verdict = reply.verdicts[i];
        if (verdict == ItemVerdict::stored) {
            stretch.tally.stored += 1;
            continue;
        }
        if (verdict == ItemVerdict::duplicate) {
            stretch.tally.duplicate += 1;
            continue;
        }
        const auto& its_problem = *problem++;
        Item item = items[i];
        item.unknown_tries += verdict == ItemVerdict::unknown ? 1 : 0;
        if (verdict != ItemVerdict::reject && item.unknown_tries < most_unknown_tries) {
            again.push_back(item);
            continue;
        }
        stretch.tally.rejected += 1;
        stretch.rejects.push_back(
            {stretch.lines[item.position],
             fmt::format("Elasticsearch refused it: {} {}: {}", its_problem.status,
                         its_problem.type, its_problem.reason),
             std::string(document_of(item.lines))});
    }
    return again;
}

Result<void> StretchSender::wait(const std::string& why, std::chrono::milliseconds at_least,
                                 const std::stop_token& stop) {
    const auto now = clock_.steady_now();
    if (now - last_success_ > options_.give_up_after) {
        return fail(ErrorKind::unavailable, why);
    }
    trouble_(why);
    if (at_least.count() == 0 && hosts_.failed(now)) {
        return {};
    }
    const auto pause = std::max(at_least, backoff_.next());
    if (!clock_.wait_until(now + pause, stop)) {
        return fail(ErrorKind::stopped, "asked to stop");
    }
    return {};
}

}  // namespace pwlog

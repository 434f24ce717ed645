// SPDX-License-Identifier: MIT
#include "backfill/index/index_client.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

namespace pwlog {
namespace {

constexpr std::size_t longest_page = std::size_t{4} * 1024 * 1024;
constexpr auto goodbye_timeout = std::chrono::seconds(5);

bool worth_another_try(const HttpReply& reply) {
    return reply.status == 408 || reply.status == 429 || reply.status >= 500;
}

}  // namespace

bool says(const HttpReply& reply, std::string_view what) {
    return reply.body.find(what) != std::string::npos;
}

Result<IndexClient> IndexClient::open(IndexQuery query, const Clock& clock, std::stop_token stop) {
    query.http.longest_reply = longest_page;
    query.tell = [tell = std::move(query.tell),
                  mutex = std::make_shared<std::mutex>()](const std::string& text) {
        const std::lock_guard lock(*mutex);
        tell(text);
    };
    auto client = HttpClient::open(query.http);
    if (!client) {
        return pass_on(client);
    }
    auto info = identify_server(*client, query.address.server, stop);
    if (!info) {
        return pass_on(info);
    }
    IndexClient opened(std::make_shared<const IndexQuery>(std::move(query)), std::move(*client),
                       clock, std::move(stop));
    opened.info_ = std::move(*info);
    return opened;
}

Result<IndexClient> IndexClient::another(std::stop_token stop) const {
    auto client = HttpClient::open(query_->http);
    if (!client) {
        return pass_on(client);
    }
    IndexClient opened(query_, std::move(*client), *clock_, std::move(stop));
    opened.info_ = info_;
    return opened;
}

Error IndexClient::explain(const HttpReply& reply) const {
    const auto text = fmt::format("{}: {}", query_->address.text(),
                                  reply.status == 404 && says(reply, "index_not_found_exception")
                                      ? "there is no such index"
                                      : describe_reply(reply));
    switch (reply.status) {
        case 401:
        case 403:
            return {ErrorKind::denied, text};
        case 404:
            return {ErrorKind::not_found, text};
        default:
            return {worth_another_try(reply) ? ErrorKind::unavailable : ErrorKind::refused, text};
    }
}

Result<HttpReply> IndexClient::ask(HttpMethod method, const std::string& path,
                                   const std::string& body) {
    Backoff backoff(query_->backoff);
    const auto end = clock_->steady_now() + query_->give_up_after;
    for (bool told = false;; told = true) {
        auto reply = client_.send(query_->address.server,
                                  {.method = method, .path = path, .body = body}, stop_);
        if (reply && !worth_another_try(*reply)) {
            if (!is_from(info_, *reply) && reply->status == 200) {
                return fail(ErrorKind::invalid, fmt::format("{}: what answers now is not {}: {}",
                                                            query_->address.server.text(),
                                                            info_.name(), describe_reply(*reply)));
            }
            return reply;
        }
        const Error trouble = reply ? explain(*reply) : reply.error();
        const bool lasting = trouble.kind == ErrorKind::stopped ||
                             trouble.kind == ErrorKind::denied ||
                             trouble.kind == ErrorKind::garbled;
        const auto pause = backoff.after(reply ? reply->retry_after : std::nullopt);
        if (lasting || clock_->steady_now() + pause >= end) {
            return tl::unexpected<Error>(trouble);
        }
        if (!told) {
            query_->tell(trouble.message + "; trying again");
        }
        if (!clock_->wait_until(clock_->steady_now() + pause, stop_)) {
            return fail(ErrorKind::stopped, "asked to stop");
        }
    }
}

void IndexClient::say_goodbye(HttpMethod method, const std::string& path, const std::string& body) {
    const auto ignored =
        client_.send(query_->address.server,
                     {.method = method, .path = path, .body = body, .timeout = goodbye_timeout});
    static_cast<void>(ignored);
}

}  // namespace pwlog

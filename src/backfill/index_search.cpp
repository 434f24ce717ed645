#include "backfill/index_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/json_object.h"
#include "base/printable.h"
#include "elastic/json.h"

namespace pwlog {
namespace {

constexpr std::size_t longest_page = std::size_t{4} * 1024 * 1024;
constexpr auto goodbye_timeout = std::chrono::seconds(5);

double uniform() {
    static thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(engine);
}

bool worth_another_try(const HttpReply& reply) {
    return reply.status == 408 || reply.status == 429 || reply.status >= 500;
}

bool says(const HttpReply& reply, std::string_view what) {
    return reply.body.find(what) != std::string::npos;
}

}  // namespace

IndexSearch::IndexSearch(IndexSearch&& other) noexcept
    : query_(std::move(other.query_)),
      client_(std::move(other.client_)),
      clock_(other.clock_),
      stop_(std::move(other.stop_)),
      info_(std::move(other.info_)),
      time_is_date_(other.time_is_date_),
      total_(other.total_),
      pit_id_(std::exchange(other.pit_id_, {})) {}

IndexSearch::~IndexSearch() { close(); }

Result<IndexSearch> IndexSearch::open(IndexQuery query, const Clock& clock, std::stop_token stop) {
    query.http.longest_reply = longest_page;
    auto client = HttpClient::open(query.http);
    if (!client) {
        return pass_on(client);
    }
    auto info = identify_server(*client, query.address.server, stop);
    if (!info) {
        return pass_on(info);
    }
    IndexSearch search(std::move(query), std::move(*client), clock, std::move(stop));
    search.info_ = std::move(*info);
    if (const auto there = search.check_field(); !there) {
        return pass_on(there);
    }
    search.count();
    return search;
}

// ---- questions ----

Error IndexSearch::explain(const HttpReply& reply) const {
    const auto text = fmt::format("{}: {}", query_.address.text(),
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

/// Until an answer comes that another try would not change.
Result<HttpReply> IndexSearch::ask(HttpMethod method, const std::string& path,
                                   const std::string& body) {
    Backoff backoff(query_.backoff, uniform);
    const auto end = clock_->steady_now() + query_.give_up_after;
    for (bool told = false;; told = true) {
        auto reply = client_.send(query_.address.server,
                                  {.method = method, .path = path, .body = body}, stop_);
        if (reply && !worth_another_try(*reply)) {
            if (!is_from(info_, *reply) && reply->status == 200) {
                return fail(ErrorKind::invalid, fmt::format("{}: what answers now is not {}: {}",
                                                            query_.address.server.text(),
                                                            info_.name(), describe_reply(*reply)));
            }
            return reply;
        }
        const Error trouble = reply ? explain(*reply) : reply.error();
        const bool lasting = trouble.kind == ErrorKind::stopped ||
                             trouble.kind == ErrorKind::denied ||
                             trouble.kind == ErrorKind::garbled;
        const auto pause = reply && reply->retry_after
                               ? Backoff::Milliseconds(clamp_retry_after(*reply->retry_after))
                               : backoff.next();
        if (lasting || clock_->steady_now() + pause >= end) {
            return tl::unexpected<Error>(trouble);
        }
        if (!told) {
            query_.tell(trouble.message + "; trying again");
        }
        if (!clock_->wait_until(clock_->steady_now() + pause, stop_)) {
            return fail(ErrorKind::stopped, "asked to stop");
        }
    }
}

Result<void> IndexSearch::check_field() {
    const auto reply = ask(HttpMethod::get, field_path(query_), {});
    if (!reply) {
        return pass_on(reply);
    }
    if (reply->status != 200) {
        return tl::unexpected<Error>(explain(*reply));
    }
    const auto has = [&](std::string_view type) {
        return !json_text(reply->body, field_pointer(query_, type).c_str()).empty();
    };
    if (json_text(reply->body, "/indices/0").empty()) {
        return fail(ErrorKind::not_found,
                    fmt::format("{}: no index is called so", query_.address.text()));
    }
    time_is_date_ = has("date") || has("date_nanos");
    constexpr std::array orderly{"long", "unsigned_long", "integer", "double", "keyword"};
    if (!time_is_date_ && std::none_of(orderly.begin(), orderly.end(), has)) {
        return fail(ErrorKind::not_found,
                    fmt::format("{} has no field '{}' to go by in the order of time; map the one "
                                "that holds it to @timestamp",
                                query_.address.text(), printable(query_.time_field)));
    }
    return {};
}

std::optional<std::int64_t> IndexSearch::count_of(const std::string& filter) {
    JsonObject json;
    json.add_raw("query", filter);
    const auto reply =
        ask(HttpMethod::post, fmt::format("/{}/_count", query_.address.pattern), json.take());
    return reply && reply->status == 200 ? json_integer(reply->body, "/count") : std::nullopt;
}

void IndexSearch::count() {
    if (const auto documents = count_of(wanted_filter(query_, time_is_date_))) {
        total_ = static_cast<std::uint64_t>(*documents);
    }
    if (const auto timeless = count_of(timeless_filter(query_)); timeless && *timeless > 0) {
        query_.tell(fmt::format("{}: {} documents have no '{}' and are left out",
                                query_.address.text(), *timeless, printable(query_.time_field)));
    }
}

// ---- pages ----

bool IndexSearch::breaks_ties() const { return !pit_id_.empty() && !opensearch(); }

std::string IndexSearch::behind(const std::string& time) const {
    // No document's place in its shard is behind this one.
    return breaks_ties() && by_time() ? fmt::format("[{},9223372036854775807]", time)
                                      : fmt::format("[{}]", time);
}

Result<void> IndexSearch::begin() {
    close();
    const char* const api = opensearch() ? "_search/point_in_time" : "_pit";
    const auto reply =
        ask(HttpMethod::post,
            fmt::format("/{}/{}?keep_alive={}", query_.address.pattern, api, pit_keep_alive), {});
    if (!reply) {
        return pass_on(reply);
    }
    if (reply->status == 200) {
        pit_id_ = json_text(reply->body, opensearch() ? "/pit_id" : "/id");
    } else if (reply->status == 401 || says(*reply, "index_not_found_exception")) {
        return tl::unexpected<Error>(explain(*reply));
    }
    if (pit_id_.empty()) {
        query_.tell(
            fmt::format("{}: no point in time is to be had there ({}); what changes in the "
                        "index meanwhile may be missed",
                        query_.address.text(), describe_reply(*reply)));
    }
    return {};
}

Result<const SearchPage*> IndexSearch::page(const std::string& after, std::size_t size) {
    // A point in time knows its indices. Part of the hits would be worse than none.
    const auto path = fmt::format("{}/_search?allow_partial_search_results=false",
                                  pit_id_.empty() ? "/" + query_.address.pattern : "");
    auto reply = ask(HttpMethod::post, path,
                     search_body(query_, {wanted_filter(query_, time_is_date_), after, size,
                                          pit_id_, by_time(), breaks_ties()}));
    if (!reply) {
        const bool too_long = reply.error().kind == ErrorKind::garbled;
        return fail(too_long ? ErrorKind::full : reply.error().kind, reply.error().message);
    }
    if (reply->status != 200) {
        const auto error = explain(*reply);
        // "search_context_missing_exception"; what cannot be decoded is of another cluster.
        const bool lost = !pit_id_.empty() && (reply->status == 404 || reply->status == 400) &&
                          (says(*reply, "context_missing") || says(*reply, "point in time") ||
                           says(*reply, "invalid id"));
        return fail(lost ? ErrorKind::gone : error.kind, error.message);
    }
    body_ = std::move(reply->body);
    if (const auto read = read_search_page(body_, page_); !read) {
        return pass_on(read);
    }
    if (page_.incomplete) {
        return fail(ErrorKind::unavailable,
                    fmt::format("{}: a search was answered in part only", query_.address.text()));
    }
    if (!page_.pit_id.empty() && !pit_id_.empty()) {
        pit_id_ = page_.pit_id;
    }
    return &page_;
}

void IndexSearch::close() {
    if (pit_id_.empty()) {
        return;
    }
    JsonObject json;
    if (opensearch()) {
        json.open_list("pit_id");
        json.add_item(pit_id_);
        json.close_list();
    } else {
        json.add("id", pit_id_);
    }
    const auto body = json.take();
    // Nothing depends on the answer: what is not closed ends by itself.
    const auto ignored = client_.send(query_.address.server,
                                      {.method = HttpMethod::del,
                                       .path = opensearch() ? "/_search/point_in_time" : "/_pit",
                                       .body = body,
                                       .timeout = goodbye_timeout});
    static_cast<void>(ignored);
    pit_id_.clear();
}

}  // namespace pwlog

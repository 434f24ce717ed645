#include "elastic/server_session.h"

#include <utility>

#include "elastic/bulk.h"
#include "elastic/template_check.h"

namespace pwlog {

ServerSession::ServerSession(std::vector<ServerUrl> servers, HttpClient client, const Clock& clock)
    : client_(std::move(client)), hosts_(std::move(servers)), clock_(&clock) {}

Result<ServerSession> ServerSession::open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                          const Clock& clock) {
    auto client = HttpClient::open(http);
    if (!client) {
        return pass_on(client);
    }
    return ServerSession(std::move(servers), std::move(*client), clock);
}

Result<void> ServerSession::prepare(const std::stop_token& stop) {
    while (!info_) {
        auto info = identify_server(client_, hosts_.current(), stop);
        if (info) {
            info_ = std::move(*info);
        } else if (info.error().kind == ErrorKind::stopped || !fail_over()) {
            return pass_on(info);
        }
    }
    return {};
}

Result<IndexMode> ServerSession::index_mode(const std::string& index, const std::stop_token& stop) {
    if (const auto known = checked_.find(index); known != checked_.end()) {
        return known->second;
    }
    const auto check = check_template(client_, hosts_.current(), *info_, index, stop);
    if (!check) {
        return pass_on(check);
    }
    if (!check->may_ship()) {
        return fail(ErrorKind::not_found, check->message);
    }
    checked_[index] = check->index_mode;
    return check->index_mode;
}

Result<HttpReply> ServerSession::post_bulk(std::string_view body,
                                           std::optional<std::chrono::milliseconds> timeout,
                                           const std::stop_token& stop) {
    return client_.send(hosts_.current(),
                        {.method = HttpMethod::post,
                         .path = std::string(bulk_path),
                         .body = body,
                         .content_type = "application/x-ndjson",
                         .timeout = timeout},
                        stop);
}

bool ServerSession::fail_over() {
    forget();  // what comes back may be a new, empty server
    return hosts_.failed(clock_->steady_now());
}

void ServerSession::forget() {
    info_.reset();
    checked_.clear();
}

}  // namespace pwlog

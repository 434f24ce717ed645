// SPDX-License-Identifier: MIT
#include "elastic/server.h"

#include <fmt/format.h>

#include <charconv>

#include "base/printable.h"
#include "elastic/json.h"

namespace pwlog {

namespace {

bool is_json(const HttpReply& reply) {
    const auto& type = reply.content_type;
    return type.starts_with("application/json") ||
           type.starts_with("application/vnd.elasticsearch+json");
}

/// "8.19.21-SNAPSHOT" → 8, 19.
bool parse_version(const std::string& text, ServerInfo& info) {
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, info.major);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') {
        return false;
    }
    return std::from_chars(major.ptr + 1, end, info.minor).ec == std::errc();
}

Result<ServerInfo> read_banner(const HttpReply& reply) {
    ServerInfo info;
    info.version = json_text(reply.body, "/version/number");
    if (reply.status != 200 || !parse_version(info.version, info)) {
        return fail(ErrorKind::invalid, describe_reply(reply));
    }
    info.cluster_uuid = printable(json_text(reply.body, "/cluster_uuid"), 40);
    if (info.cluster_uuid == "_na_") {  // a node that has joined no cluster since its start
        info.cluster_uuid.clear();
    }
    if (json_text(reply.body, "/version/distribution") == "opensearch") {
        info.product = ServerInfo::Product::opensearch;
        return info;
    }
    info.serverless = json_text(reply.body, "/version/build_flavor") == "serverless";
    const bool says_so = json_text(reply.body, "/tagline") == "You Know, for Search";
    if (info.marks_answers() ? reply.elastic_product != "Elasticsearch" : !says_so) {
        return fail(ErrorKind::invalid, describe_reply(reply));
    }
    return info;
}

/// Its security refuses in these words, and without the mark that all other answers have.
bool is_elasticsearch_denying(const HttpReply& reply) {
    const bool in_its_words =
        json_text(reply.body, "/error/type") == "security_exception" &&
        json_text(reply.body, "/error/reason").find("] is unauthorized for ") != std::string::npos;
    return reply.status == 403 && (reply.elastic_product == "Elasticsearch" || in_its_words);
}

}  // namespace

std::string ServerInfo::name() const {
    const auto* const product_name =
        product == Product::elasticsearch ? "Elasticsearch" : "OpenSearch";
    if (version.empty()) {
        return product_name;
    }
    return fmt::format("{} {}{}", product_name, printable(version, 30),
                       serverless ? " serverless" : "");
}

Result<ServerInfo> identify_server(HttpClient& client, const ServerUrl& server,
                                   const std::stop_token& stop) {
    const auto reply = client.send(server, {.path = "/"}, stop);
    if (!reply) {
        return pass_on(reply);
    }
    if (is_elasticsearch_denying(*reply)) {
        return ServerInfo{};
    }
    const auto said = [&] { return fmt::format("{}: {}", server.text(), describe_reply(*reply)); };
    if (reply->status == 401 || reply->status == 403) {
        return fail(ErrorKind::denied, said());
    }
    if (reply->status == 408 || reply->status == 429 || reply->status >= 500) {
        return fail(ErrorKind::unavailable, said());
    }
    auto info = read_banner(*reply);
    if (!info) {
        return fail(ErrorKind::invalid,
                    fmt::format("what answers at {} is neither Elasticsearch nor OpenSearch: {}",
                                server.text(), info.error().message));
    }
    return info;
}

bool is_from(const ServerInfo& server, const HttpReply& reply) {
    return is_json(reply) && (!server.marks_answers() || reply.elastic_product == "Elasticsearch");
}

std::string describe_reply(const HttpReply& reply) {
    std::string text = fmt::format("HTTP {}", reply.status);
    const auto type = json_text(reply.body, "/error/type");
    auto reason = json_text(reply.body, "/error/reason");
    if (reason.empty()) {
        reason = json_text(reply.body, "/error");  // "no handler found for uri […]"
    }
    if (!type.empty()) {
        return fmt::format("{}, {}: {}", text, printable(type, 80), printable(reason, 300));
    }
    if (!reason.empty()) {
        return fmt::format("{}, {}", text, printable(reason, 300));
    }
    if (!reply.content_type.empty()) {
        text += fmt::format(", {}", printable(reply.content_type, 60));
    }
    return reply.body.empty() ? text
                              : fmt::format("{}, begins '{}'", text, printable(reply.body, 80));
}

}  // namespace pwlog

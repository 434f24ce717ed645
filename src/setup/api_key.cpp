// SPDX-License-Identifier: MIT
#include "setup/api_key.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/json_object.h"
#include "base/secret.h"
#include "base/unique_fd.h"
#include "base/write_all.h"
#include "elastic/json.h"

namespace pwlog {

namespace {

constexpr std::string_view rights =
    R"({"names":["powerwalker-metrics-*","powerwalker-events-*"],)"
    R"("privileges":["create_doc","auto_configure","view_index_metadata","read"]})";

std::string request_for(const std::string& name) {
    JsonObject json;
    json.add("name", name);
    json.add_raw("role_descriptors",
                 fmt::format(R"({{"pwlog":{{"cluster":[],"indices":[{}]}}}})", rights));
    json.add_raw("metadata", R"({"managed_by":"pwlog"})");
    return json.take();
}

/// `encoded` since 7.16; before that the two halves, which HttpClient takes as well.
Secret key_in(const HttpReply& reply) {
    auto encoded = json_text(reply.body, "/encoded");
    if (!encoded.empty()) {
        return Secret(std::move(encoded));
    }
    const auto id = json_text(reply.body, "/id");
    const auto key = json_text(reply.body, "/api_key");
    return id.empty() || key.empty() ? Secret() : Secret(id + ":" + key);
}

/// Of its rights those that whoever makes the key lacks, as it can do no more than he; where that
/// cannot be asked, making it says why.
std::string lacking_rights(HttpClient& client, const ServerUrl& server,
                           const std::stop_token& stop) {
    const auto body = fmt::format(R"({{"index":[{}]}})", rights);
    const auto reply = client.send(
        server,
        {.method = HttpMethod::post, .path = "/_security/user/_has_privileges", .body = body},
        stop);
    std::string lacking;
    for (const auto* right : {"create_doc", "auto_configure", "view_index_metadata", "read"}) {
        if (reply && reply->status == 200 &&
            reply->body.find(fmt::format(R"("{}":false)", right)) != std::string::npos) {
            lacking += (lacking.empty() ? "" : ", ") + std::string(right);
        }
    }
    return lacking;
}

/// A cluster without security does not know this path at all.
bool has_no_keys(const HttpReply& reply) {
    return (reply.status == 400 || reply.status == 405) &&
           reply.body.find("no handler found") != std::string::npos;
}

}  // namespace

SetupLine create_api_key(HttpClient& client, const ServerUrl& server, const ServerInfo& info,
                         const std::string& host_name, const std::filesystem::path& file,
                         std::optional<uid_t> owner, const std::stop_token& stop) {
    const std::string name = "pwlog-" + host_name;
    const auto failed = [&name](std::string why) {
        return SetupLine{"api_key/" + name, SetupOutcome::failed, std::move(why)};
    };
    if (info.product == ServerInfo::Product::opensearch) {
        return failed(
            info.name() +
            " makes no API keys: give username and password_file in [elasticsearch], of a "
            "user with the same rights");
    }
    // The file first: a key that cannot be kept must not be made.
    const UniqueFd fd(
        open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) {
        return failed(fmt::format("{}: {}", file.string(), std::strerror(errno)));
    }
    if (owner && fchown(fd.get(), *owner, static_cast<gid_t>(-1)) != 0) {
        const std::string why = std::strerror(errno);
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
        return failed(fmt::format("{}: giving it to user {}: {}", file.string(), *owner, why));
    }
    const auto give_up = [&](std::string why) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
        return failed(std::move(why));
    };
    if (const auto lacking = lacking_rights(client, server, stop); !lacking.empty()) {
        return give_up("the login itself lacks " + lacking +
                       " on powerwalker-metrics-* or powerwalker-events-*, and a key can do no "
                       "more than whoever makes it");
    }
    const auto body = request_for(name);
    const auto reply = client.send(
        server, {.method = HttpMethod::post, .path = "/_security/api_key", .body = body}, stop);
    if (!reply) {
        return give_up(reply.error().message);
    }
    if (has_no_keys(*reply)) {
        return give_up(
            "this server has no security, so it makes no key and none is needed: leave out "
            "--api-key, and api_key_file in [elasticsearch]");
    }
    if (reply->status != 200) {
        return give_up(describe_reply(*reply));
    }
    const Secret key = key_in(*reply);
    if (key.empty()) {
        return give_up("the answer holds no key");
    }
    if (!write_all(fd.get(), key.reveal()) || !write_all(fd.get(), "\n") || fsync(fd.get()) != 0) {
        return give_up(fmt::format("writing {}: {}; the key that was made is {}", file.string(),
                                   std::strerror(errno), json_text(reply->body, "/id")));
    }
    return {"api_key/" + name, SetupOutcome::created, "in " + file.string()};
}

}  // namespace pwlog

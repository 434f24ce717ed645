// SPDX-License-Identifier: MIT
#include "bulk_server.h"

#include <fmt/format.h>

namespace pwlog::test {
namespace {

std::string text_of(const std::string& action, std::string_view key) {
    const auto at = action.find(fmt::format("\"{}\":\"", key));
    if (at == action.npos) {
        return {};
    }
    const auto begin = at + key.size() + 4;
    return action.substr(begin, action.find('"', begin) - begin);
}

}  // namespace

BulkServer::BulkServer() : stub_([this](const StubRequest& request) { return answer(request); }) {}

std::map<std::string, std::string> BulkServer::documents() const {
    const std::lock_guard lock(mutex_);
    return documents_;
}

std::size_t BulkServer::count(const std::string& index) const {
    std::size_t found = 0;
    for (const auto& [name, json] : documents()) {
        found += name.starts_with(index + " ") ? 1 : 0;
    }
    return found;
}

StubReply BulkServer::answer(const StubRequest& request) {
    if (request.target == "/") {
        return {.body = R"({"version":{"number":"8.19.21"},"tagline":"You Know, for Search"})"};
    }
    if (!request.target.starts_with("/_bulk")) {
        return {.body = R"({"i":{"mappings":{"_meta":{"managed_by":"pwlog","version":2,)"
                        R"("index_mode":"time_series"}}}})"};
    }
    if (before) {
        if (auto own = before()) {
            ++requests_;
            return *own;
        }
    }
    if (request.body.size() > largest_body) {
        ++requests_;
        return {.status = 413, .body = "{}"};
    }
    std::string items;
    for (std::size_t at = 0; at < request.body.size();) {
        const auto action_end = request.body.find('\n', at);
        const auto end = request.body.find('\n', action_end + 1);
        const auto action = request.body.substr(at, action_end - at);
        const auto json = request.body.substr(action_end + 1, end - action_end - 1);
        items += items.empty() ? "" : ",";
        items += item(action, json);
        at = end + 1;
    }
    ++requests_;
    return {.body = "{\"errors\":true,\"items\":[" + items + "]}"};
}

std::string BulkServer::item(const std::string& action, const std::string& json) {
    if (refuse && refuse(json)) {
        return R"({"create":{"status":400,"error":{"type":"document_parsing_exception",)"
               R"("reason":"[1:7] failed to parse"}}})";
    }
    if (item_status) {
        if (const int status = item_status(json); status != 201) {
            return fmt::format(R"({{"create":{{"status":{},"error":{{"type":"busy",)"
                               R"("reason":"later"}}}}}})",
                               status);
        }
    }
    const auto id = text_of(action, "_id");
    const std::lock_guard lock(mutex_);
    const auto [at, fresh] =
        documents_.emplace(text_of(action, "_index") + " " + (id.empty() ? json : id), json);
    return fresh ? R"({"create":{"status":201}})"
                 : R"({"create":{"status":409,"error":{"type":"version_conflict_engine_exception",)"
                   R"("reason":"exists"}}})";
}

}  // namespace pwlog::test

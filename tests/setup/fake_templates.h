// SPDX-License-Identifier: MIT
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <map>
#include <set>
#include <string>

#include "support/http_stub.h"

namespace pwlog::test {

/// As much of an Elasticsearch as `setup` talks to: it keeps what is PUT and gives it back in the
/// wrapping of each API. What has to be odd about it, `override` answers first. Handed to HttpStub
/// by reference.
class FakeTemplates {
  public:
    std::map<std::string, std::string> stored;  ///< by path: "/_ilm/policy/powerwalker"
    std::map<std::string, StubReply> override;  ///< by "GET /path"
    std::string banner = R"({"version":{"number":"8.19.21"},"tagline":"You Know, for Search"})";
    bool serverless = false;  ///< refuses what Elastic's serverless keeps to itself

    StubReply operator()(const StubRequest& request) {
        if (const auto odd = override.find(request.method + " " + request.target);
            odd != override.end()) {
            return odd->second;
        }
        if (request.target == "/") {
            return {.body = banner};
        }
        if (serverless && request.target.starts_with("/_ilm")) {
            return refusal(410, "api_not_available_exception",
                           "Request for uri [" + request.target + "] with method [" +
                               request.method +
                               "] exists but is not available when running in serverless mode");
        }
        if (const auto settings = serverless ? kept_settings(request.body) : std::string();
            !settings.empty()) {
            return refusal(
                400, "illegal_argument_exception",
                "Settings [" + settings + "] are not available when running in serverless mode");
        }
        if (request.target.find("/_mapping") != std::string::npos) {
            return {.body = "{}"};
        }
        if (request.method == "PUT") {
            stored[request.target] = request.body;
            return {.body = R"({"acknowledged":true})"};
        }
        const auto found = stored.find(request.target);
        if (found == stored.end()) {
            return {.status = 404,
                    .body = R"({"error":{"type":"resource_not_found_exception","reason":""}})"};
        }
        if (request.method == "DELETE") {
            stored.erase(found);
            return {.body = R"({"acknowledged":true})"};
        }
        return {.body = wrapped(found->first, found->second)};
    }

  private:
    static StubReply refusal(int status, const std::string& type, const std::string& reason) {
        return {.status = status,
                .body = R"({"error":{"type":")" + type + R"(","reason":")" + reason + "\"}}"};
    }
    /// Those of a template that only a server of one's own takes: all but what Elastic lists as
    /// available to serverless projects, as far as ours could be there.
    static std::string kept_settings(const std::string& body) {
        static const std::set<std::string> available{
            "codec", "mode",    "routing_path", "refresh_interval",
            "sort",  "mapping", "time_series",  "query"};
        rapidjson::Document document;
        document.Parse(body.c_str());
        const auto* const index = document.IsObject()
                                      ? rapidjson::Pointer("/template/settings/index").Get(document)
                                      : nullptr;
        std::string kept;
        if (index != nullptr) {
            for (const auto& setting : index->GetObject()) {
                if (!available.contains(setting.name.GetString())) {
                    kept += (kept.empty() ? "index." : ",index.") +
                            std::string(setting.name.GetString());
                }
            }
        }
        return kept;
    }
    static std::string wrapped(const std::string& path, const std::string& body) {
        const auto name = path.substr(path.rfind('/') + 1);
        if (path.starts_with("/_ilm")) {
            return "{\"" + name + "\":{\"version\":1," + body.substr(body.find('{') + 1) + "}";
        }
        const std::string kind = path.substr(2, path.rfind('/') - 2);
        return "{\"" + kind + "s\":[{\"name\":\"" + name + "\",\"" + kind + "\":" + body + "}]}";
    }
};

}  // namespace pwlog::test

// SPDX-License-Identifier: MIT
#pragma once

#include <map>
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

    StubReply operator()(const StubRequest& request) {
        if (const auto odd = override.find(request.method + " " + request.target);
            odd != override.end()) {
            return odd->second;
        }
        if (request.target == "/") {
            return {.body = banner};
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

// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/http_stub.h"

namespace pwlog::test {

/// The documents of a bulk body, by their lines.
struct BulkLine {
    std::string action;
    std::string document;
};

inline std::vector<BulkLine> lines_of(const std::string& body) {
    std::vector<BulkLine> lines;
    for (std::size_t at = 0; at < body.size();) {
        const auto action_end = body.find('\n', at);
        const auto end = body.find('\n', action_end + 1);
        lines.push_back(
            {body.substr(at, action_end - at), body.substr(action_end + 1, end - action_end - 1)});
        at = end + 1;
    }
    return lines;
}

/// An item of a bulk answer with this status; a 400 is a document's own fault, unless `type` says
/// otherwise.
inline std::string bulk_item(int status, std::string type = {}) {
    if (type.empty()) {
        type = status == 400 ? "document_parsing_exception" : "some_exception";
    }
    const std::string error = R"(,"error":{"type":")" + type + R"(","reason":"because"})";
    return R"({"create":{"status":)" + std::to_string(status) + (status < 300 ? "" : error) + "}}";
}

/// An Elasticsearch, good but for what `status_of`, `bulk` and `other` say: what it gets it stores,
/// once. Hand it to HttpStub by reference; what is set while requests may come is set through
/// change().
class FakeBulk {
  public:
    /// The status of each document; by default what a good server answers.
    std::function<int(const BulkLine&)> status_of;
    std::string type{};  ///< of the error of a document that is not taken; empty: fits its status
    /// Something else in place of the whole bulk answer, by the number of the bulk request, from 0.
    std::function<std::optional<StubReply>(std::size_t, const StubRequest&)> bulk;
    /// Something else in place of the answer to "/" or a template question.
    std::function<std::optional<StubReply>(const StubRequest&)> other;
    std::string index_mode = "time_series";

    StubReply operator()(const StubRequest& request) {
        const std::lock_guard lock(mutex_);
        if (request.target.starts_with("/_bulk")) {
            const auto number = bulks_++;
            const auto odd = bulk ? bulk(number, request) : std::nullopt;
            return odd ? *odd : store(request.body);
        }
        if (const auto odd = other ? other(request) : std::nullopt) {
            return *odd;
        }
        if (request.target == "/") {
            return {.body = R"({"version":{"number":"8.19.21"},"tagline":"You Know, for Search"})"};
        }
        return {
            .body =
                R"({"i":{"mappings":{"_meta":{"managed_by":"pwlog","version":2,"index_mode":")" +
                index_mode + R"("}}}})"};
    }

    /// How often each document was stored.
    std::map<std::string, int> stored() const {
        const std::lock_guard lock(mutex_);
        return stored_;
    }
    std::size_t bulk_requests() const {
        const std::lock_guard lock(mutex_);
        return bulks_;
    }
    template <class Change>
    void change(Change change) {
        const std::lock_guard lock(mutex_);
        change(*this);
    }
    /// What a good server answers to these documents, after storing them.
    StubReply store(const std::string& body) {
        std::string items;
        bool errors = false;
        for (const auto& line : lines_of(body)) {
            int status = status_of ? status_of(line) : 201;
            if (status == 201 && ++stored_[line.document] > 1) {
                --stored_[line.document];
                status = 409;
            }
            errors = errors || status >= 300;
            items += (items.empty() ? "" : ",") + bulk_item(status, type);
        }
        return {.body = R"({"errors":)" + std::string(errors ? "true" : "false") + R"(,"items":[)" +
                        items + "]}"};
    }

  private:
    mutable std::mutex mutex_;
    std::map<std::string, int> stored_;
    std::size_t bulks_ = 0;
};

}  // namespace pwlog::test

// SPDX-License-Identifier: MIT
#include "index_server.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <functional>

namespace pwlog::test {
namespace {

StubReply error(int status, const std::string& type) {
    StubReply reply;
    reply.status = status;
    reply.body = fmt::format(R"({{"error":{{"type":"{}","reason":"for a test"}},"status":{}}})",
                             type, status);
    return reply;
}

StubReply good(std::string body) {
    StubReply reply;
    reply.body = std::move(body);
    return reply;
}

}  // namespace

IndexServer::IndexServer(Kind kind, std::vector<Document> documents)
    : kind_(kind), documents_(std::move(documents)), stub_([this](const StubRequest& request) {
          auto reply = before ? before(request) : std::nullopt;
          auto given = reply ? std::move(*reply) : answer(request);
          if (kind_ == Kind::opensearch) {
              given.headers = {"Content-Type: application/json; charset=UTF-8"};
          }
          return given;
      }) {
    std::stable_sort(documents_.begin(), documents_.end(),
                     [](const Document& a, const Document& b) { return a.time < b.time; });
}

std::size_t IndexServer::open_pits() const {
    const std::lock_guard lock(mutex_);
    return pits_.size();
}

void IndexServer::forget_pits() {
    const std::lock_guard lock(mutex_);
    pits_.clear();
}

StubReply IndexServer::answer(const StubRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto& target = request.target;
    const auto has = [&](std::string_view part) { return target.find(part) != target.npos; };
    if (target == "/") {
        return root();
    }
    if (request.method == "DELETE") {
        const bool right_api =
            target == (kind_ == Kind::opensearch ? "/_search/point_in_time" : "/_pit");
        rapidjson::Document json;
        json.Parse(request.body.c_str());
        if (right_api) {
            pits_.erase(kind_ == Kind::opensearch ? json["pit_id"][0].GetString()
                                                  : json["id"].GetString());
        }
        return good("{}");
    }
    if (has("/_field_caps?fields=")) {
        auto field = target.substr(target.rfind('=') + 1);
        if (field.starts_with("%40")) {
            field.replace(0, 3, "@");
        }
        return good(
            fmt::format(R"({{"indices":["old-1"],"fields":{{"{}":{{"{}":{{"type":"{}"}}}}}}}})",
                        field, time_type, time_type));
    }
    if (has("/_count")) {
        const bool timeless = request.body.find("must_not") != request.body.npos;
        return good(fmt::format(R"({{"count":{}}})", timeless ? 0 : documents_.size()));
    }
    if (has("keep_alive=")) {
        return open_pit(request);
    }
    return has("/_search") ? search(request) : error(400, "no handler found");
}

StubReply IndexServer::root() const {
    return good(kind_ == Kind::opensearch
                    ? R"({"version":{"distribution":"opensearch","number":"2.19.1"}})"
                    : R"({"version":{"number":"8.19.21"},"tagline":"You Know, for Search"})");
}

StubReply IndexServer::open_pit(const StubRequest& request) {
    const bool opensearch_api = request.target.find("_search/point_in_time") != std::string::npos;
    if (kind_ == Kind::without_pit || opensearch_api != (kind_ == Kind::opensearch)) {
        return error(400, "no handler found");
    }
    const auto id = fmt::format("pit-{}", next_pit_++);
    pits_.insert(id);
    return good(fmt::format(R"({{"{}":"{}"}})", opensearch_api ? "pit_id" : "id", id));
}

StubReply IndexServer::search(const StubRequest& request) {
    rapidjson::Document json;
    json.Parse(request.body.c_str());
    const bool with_pit = json.HasMember("pit");
    if (with_pit != request.target.starts_with("/_search")) {
        return error(400, "a point in time and an index");
    }
    std::string pit;
    if (with_pit) {
        pit = json["pit"]["id"].GetString();
        if (!pits_.contains(pit)) {
            return error(404, "search_context_missing_exception");
        }
    }
    std::vector<std::int64_t> after;
    if (json.HasMember("search_after")) {
        for (const auto& value : json["search_after"].GetArray()) {
            after.push_back(value.GetInt64());
        }
        if (after.size() != json["sort"].Size()) {
            return error(400, "search_after has another size than sort");
        }
    }
    Order order;
    for (const auto& field : json["sort"].GetArray()) {
        const bool by_shard = field.HasMember("_shard_doc");
        order.by_shard = order.by_shard || by_shard;
        order.by_time = order.by_time || !by_shard;
    }
    // In another point in time documents may be elsewhere in their shard.
    order.turned_by = pit.empty() ? 0 : static_cast<std::size_t>(std::stoi(pit.substr(4))) * 97;
    if (json.HasMember("slice")) {
        if (!with_pit) {
            return error(400, "slices without a point in time");
        }
        order.slice = json["slice"]["id"].GetUint64();
        order.slices = json["slice"]["max"].GetUint64();
    }
    return good(fmt::format(
        R"({{"took":1,"timed_out":false,"_shards":{{"total":1,"failed":0}},{}"hits":{{"hits":[{}]}}}})",
        with_pit ? fmt::format(R"("pit_id":"{}",)", pit) : "",
        hits_behind(after, json["size"].GetUint64(), order)));
}

std::string IndexServer::hits_behind(const std::vector<std::int64_t>& after, std::size_t size,
                                     const Order& order) {
    std::vector<std::pair<std::vector<std::int64_t>, const Document*>> found;
    for (std::size_t place = 0; place < documents_.size(); ++place) {
        // A slice is a stretch of the places in the shard.
        const auto in_shard = (place + order.turned_by) % documents_.size();
        if (in_shard * order.slices / documents_.size() != order.slice) {
            continue;
        }
        std::vector<std::int64_t> sort;
        if (order.by_time) {
            sort.push_back(documents_[place].time);
        }
        if (order.by_shard) {
            sort.push_back(static_cast<std::int64_t>(in_shard));
        }
        if (after.empty() || sort > after) {
            found.emplace_back(std::move(sort), &documents_[place]);
        }
    }
    std::shuffle(found.begin(), found.end(), chance_);
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    found.resize(std::min(found.size(), size));
    std::string hits;
    for (const auto& [sort, document] : found) {
        hits += fmt::format(
            R"({}{{"_index":"old-1","_id":"{}","_score":null,"_source":{},"sort":[{}]}})",
            hits.empty() ? "" : ",", document->id, document->source, fmt::join(sort, ","));
    }
    return hits;
}

}  // namespace pwlog::test

// SPDX-License-Identifier: MIT
#include "setup/kibana_reply.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/json_document.h"
#include "base/printable.h"
#include "elastic/json.h"

namespace pwlog {
namespace {

using rapidjson::Document;
using rapidjson::Pointer;
using rapidjson::Value;

constexpr std::size_t longest_message = 300;

/// Null where the text is no JSON.
Document parse(std::string_view text) {
    Document document;
    (void)json::parse(document, text);
    return document;
}

std::string text_of(const Value& value, const char* pointer) {
    const Value* const found = Pointer(pointer).Get(value);
    return found != nullptr && found->IsString() ? found->GetString() : "";
}

std::string label_of(const Value& object) {
    return text_of(object, "/type") + "/" + text_of(object, "/id");
}

template <class Visit>
void for_each(const Value& document, const char* pointer, Visit visit) {
    const Value* const list = Pointer(pointer).Get(document);
    if (list != nullptr && list->IsArray()) {
        std::for_each(list->Begin(), list->End(), visit);
    }
}

bool is_too_old(const std::string& version) {
    constexpr std::pair least{8, 12};
    std::pair found{0, 0};
    const char* const end = version.data() + version.size();
    const auto [dot, error] = std::from_chars(version.data(), end, found.first);
    if (error != std::errc() || dot == end) {
        return false;  // a key that may not see the version may still import
    }
    std::from_chars(dot + 1, end, found.second);
    return found < least;
}

}  // namespace

std::string describe_kibana(const HttpReply& reply) {
    const auto message = json_text(reply.body, "/message");
    return fmt::format("HTTP {}: {}", reply.status,
                       printable(message.empty() ? reply.body : message, longest_message));
}

Result<void> check_kibana_status(const HttpReply& reply, const std::string& where) {
    if (reply.status == 401 || reply.status == 403) {
        return fail(ErrorKind::denied, fmt::format("{}: {}", where, describe_kibana(reply)));
    }
    const auto status = parse(reply.body);
    if (text_of(status, "/status/overall/level").empty()) {
        return fail(
            reply.status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid,
            fmt::format("{} does not answer as Kibana does: {}", where, describe_kibana(reply)));
    }
    if (reply.status != 200) {
        return fail(
            ErrorKind::unavailable,
            fmt::format("Kibana at {} is not ready: {}", where,
                        printable(text_of(status, "/status/overall/summary"), longest_message)));
    }
    const auto version = text_of(status, "/version/number");
    if (is_too_old(version)) {
        return fail(ErrorKind::invalid, fmt::format("Kibana {} at {}: 8.12 or later is needed",
                                                    printable(version, 30), where));
    }
    return {};
}

std::map<std::string, std::string> exported_objects(const std::string& ndjson) {
    std::map<std::string, std::string> found;
    for (std::size_t at = 0; at < ndjson.size();) {
        const auto end = std::min(ndjson.find('\n', at), ndjson.size());
        auto line = ndjson.substr(at, end - at);
        if (const auto object = parse(line); object.IsObject()) {
            found[label_of(object)] = std::move(line);
        }
        at = end + 1;
    }
    return found;
}

std::set<std::string> missing_objects(const HttpReply& reply) {
    std::set<std::string> missing;
    if (reply.status == 400) {
        for_each(parse(reply.body), "/attributes/objects",
                 [&missing](const Value& object) { missing.insert(label_of(object)); });
    }
    return missing;
}

bool is_same_object(const std::string& stored, const std::string& line) {
    const auto theirs = parse(stored);
    const auto ours = parse(line);
    const Value* const attributes = Pointer("/attributes").Get(theirs);
    const Value* const references = Pointer("/references").Get(theirs);
    if (attributes == nullptr || !attributes->IsObject() || references == nullptr ||
        *references != ours["references"]) {
        return false;
    }
    const auto& wanted = ours["attributes"];
    return std::all_of(wanted.MemberBegin(), wanted.MemberEnd(), [&](const auto& member) {
        const auto found = attributes->FindMember(member.name);
        return found != attributes->MemberEnd() && found->value == member.value;
    });
}

void judge_import(const Result<HttpReply>& reply, std::vector<SetupLine>& lines) {
    std::string otherwise = "Kibana's answer does not mention it";
    std::map<std::string, std::string> problems;
    std::set<std::string> done;
    const auto document = reply && reply->status == 200 ? parse(reply->body) : Document();
    if (!document.IsObject()) {
        otherwise = reply ? describe_kibana(*reply) : reply.error().message;
    }
    for_each(document, "/successResults", [&](const Value& object) {
        const auto other = text_of(object, "/destinationId");
        done.insert(label_of(object));
        if (!other.empty()) {
            problems[label_of(object)] =
                fmt::format("Kibana gave it the id {}, as ours is taken", printable(other));
        }
    });
    for_each(document, "/errors", [&](const Value& object) {
        problems[label_of(object)] = printable(
            fmt::format("{} {}", text_of(object, "/error/type"), text_of(object, "/error/message")),
            longest_message);
    });
    for (auto& line : lines) {
        const auto problem = problems.find(line.object);
        if (line.outcome == SetupOutcome::unchanged ||
            (problem == problems.end() && done.contains(line.object))) {
            continue;
        }
        line.outcome = SetupOutcome::failed;
        line.detail = problem == problems.end() ? otherwise : problem->second;
    }
}

}  // namespace pwlog

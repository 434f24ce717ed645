// SPDX-License-Identifier: MIT
#include "fake_kibana.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <sstream>

namespace pwlog::test {
namespace {

using rapidjson::Document;
using rapidjson::Value;

constexpr const char* import_path = "/api/saved_objects/_import?overwrite=true";
const std::string rule_path = "/api/alerting/rule/";

std::string label_of(const Value& object) {
    return std::string(object["type"].GetString()) + "/" + object["id"].GetString();
}

Document parse(const std::string& text) {
    Document document;
    document.Parse(text.data(), text.size());
    return document;
}

StubReply not_found() {
    return {.status = 404, .body = R"({"statusCode":404,"error":"Not Found","message":"none"})"};
}

StubReply bad_request(const std::string& message) {
    return {.status = 400,
            .body = fmt::format(R"({{"statusCode":400,"error":"Bad Request","message":"{}"}})",
                                message)};
}

/// The file of a multipart body, by its boundary.
std::string uploaded_file(const StubRequest& request) {
    const auto& type = request.headers.at("content-type");
    const std::string marker = "boundary=";
    const auto at = type.find(marker);
    if (!type.starts_with("multipart/form-data") || at == std::string::npos) {
        return "";
    }
    const std::string line = "--" + type.substr(at + marker.size());
    const auto begin = request.body.find("\r\n\r\n");
    const auto end = request.body.find("\r\n" + line + "--\r\n");
    if (!request.body.starts_with(line + "\r\n") || begin == std::string::npos ||
        end == std::string::npos) {
        return "";
    }
    return request.body.substr(begin + 4, end - begin - 4);
}

std::string join(const std::vector<std::string>& parts) {
    return fmt::format("{}", fmt::join(parts, ","));
}

struct Key {
    rapidjson::Type type;
    bool required;
};
using Schema = std::map<std::string, Key>;

constexpr auto text = rapidjson::kStringType;
constexpr auto count = rapidjson::kNumberType;
constexpr auto list = rapidjson::kArrayType;
constexpr auto object = rapidjson::kObjectType;
constexpr auto yes = rapidjson::kTrueType;
constexpr auto no = rapidjson::kFalseType;

const Schema rule_schema{{"name", {text, true}},      {"rule_type_id", {text, true}},
                         {"consumer", {text, true}},  {"schedule", {object, true}},
                         {"params", {object, true}},  {"actions", {list, false}},
                         {"tags", {list, false}},     {"enabled", {yes, false}},
                         {"throttle", {text, false}}, {"notify_when", {text, false}}};
const Schema query_schema{{"searchType", {text, true}},
                          {"index", {list, true}},
                          {"timeField", {text, true}},
                          {"esQuery", {text, true}},
                          {"size", {count, true}},
                          {"timeWindowSize", {count, true}},
                          {"timeWindowUnit", {text, true}},
                          {"thresholdComparator", {text, true}},
                          {"threshold", {list, true}},
                          {"aggType", {text, false}},
                          {"aggField", {text, false}},
                          {"groupBy", {text, false}},
                          {"termField", {text, false}},
                          {"termSize", {count, false}},
                          {"excludeHitsFromPreviousRun", {no, false}}};

bool fits(const Value& value, rapidjson::Type type) {
    const bool truth = type == yes || type == no;
    return truth ? value.IsBool() : value.GetType() == type;
}

std::string check(const Value& value, const Schema& schema) {
    for (const auto& member : value.GetObject()) {
        const auto key = schema.find(member.name.GetString());
        if (key == schema.end()) {
            return fmt::format("[{}]: definition for this key is missing", member.name.GetString());
        }
        if (!fits(member.value, key->second.type)) {
            return fmt::format("[{}]: wrong type", key->first);
        }
    }
    for (const auto& [name, key] : schema) {
        if (key.required && !value.HasMember(name.c_str())) {
            return fmt::format("[{}]: expected value but got [undefined]", name);
        }
    }
    return "";
}

std::string check_query(const Value& params) {
    if (auto problem = check(params, query_schema); !problem.empty()) {
        return problem;
    }
    const std::string aggregation = params["aggType"].GetString();
    if ((aggregation != "count") != params.HasMember("aggField")) {
        return "[aggField]: must go with an [aggType] that is not count";
    }
    if ((params["groupBy"] == "top") != params.HasMember("termField") ||
        params.HasMember("termField") != params.HasMember("termSize")) {
        return "[termField], [termSize]: must go with [groupBy] top";
    }
    const auto query = parse(params["esQuery"].GetString());
    return query.IsObject() && query.HasMember("query") ? "" : "[esQuery]: must contain \"query\"";
}

}  // namespace

std::string problem_of_rule(const std::string& body) {
    const auto rule = parse(body);
    if (!rule.IsObject()) {
        return "not an object";
    }
    if (auto problem = check(rule, rule_schema); !problem.empty()) {
        return problem;
    }
    if (!rule["schedule"].HasMember("interval") || rule["schedule"].MemberCount() != 1) {
        return "[schedule]: interval and nothing else";
    }
    return rule["rule_type_id"] == ".es-query" ? check_query(rule["params"]) : "another rule type";
}

StubReply FakeKibana::operator()(const StubRequest& request) {
    if (const auto odd = override.find(request.method + " " + request.target);
        odd != override.end()) {
        return odd->second;
    }
    if (request.method != "GET" && !request.headers.contains("kbn-xsrf")) {
        return bad_request("Request must contain a kbn-xsrf header.");
    }
    if (request.headers.contains("content-encoding")) {
        wrong.push_back("a packed body");
    }
    if (request.target == "/api/status") {
        return {
            .body = fmt::format(
                R"({{"version":{{"number":"{}"}},"status":{{"overall":{{"level":"available"}}}}}})",
                version)};
    }
    if (request.target == "/api/spaces/space/" + space && !space.empty()) {
        return {.body = fmt::format(R"({{"id":"{}"}})", space)};
    }
    const auto path = request.target.starts_with("/s/")
                          ? request.target.substr(request.target.find('/', 3))
                          : request.target;
    if (request.method == "POST" && path == "/api/saved_objects/_export") {
        return export_objects(request.body);
    }
    if (request.method == "POST" && path == import_path) {
        return import_objects(request);
    }
    return path.starts_with(rule_path) ? rule(request, path.substr(rule_path.size())) : not_found();
}

StubReply FakeKibana::export_objects(const std::string& body) {
    std::vector<std::string> missing;
    std::string lines;
    const auto asked = parse(body);
    for (const auto& one : asked["objects"].GetArray()) {
        const auto found = stored.find(label_of(one));
        if (found == stored.end()) {
            missing.push_back(fmt::format(R"({{"type":"{}","id":"{}"}})", one["type"].GetString(),
                                          one["id"].GetString()));
        } else {
            lines += found->second + "\n";
        }
    }
    if (missing.empty()) {
        return {.body = lines};
    }
    return {.status = 400,
            .body = fmt::format(R"({{"message":"Error","attributes":{{"objects":[{}]}}}})",
                                join(missing))};
}

StubReply FakeKibana::import_objects(const StubRequest& request) {
    std::vector<std::string> done;
    std::vector<std::string> failed;
    std::istringstream lines(uploaded_file(request));
    for (std::string line; std::getline(lines, line);) {
        const auto one = parse(line);
        if (!one.IsObject()) {
            return bad_request("Unexpected token in JSON");
        }
        const std::string label = label_of(one);
        const std::string which =
            fmt::format(R"("type":"{}","id":"{}")", one["type"].GetString(), one["id"].GetString());
        if (const auto why = refuse.find(label); why != refuse.end()) {
            failed.push_back(fmt::format(R"({{{},"error":{{"type":"unknown","message":"{}"}}}})",
                                         which, why->second));
            continue;
        }
        stored[label] = line;
        done.push_back(rename.contains(label)
                           ? fmt::format(R"({{{},"destinationId":"{}"}})", which, rename[label])
                           : fmt::format("{{{}}}", which));
    }
    return {.body = fmt::format(
                R"({{"success":{},"successCount":{},"successResults":[{}],"errors":[{}]}})",
                failed.empty(), done.size(), join(done), join(failed))};
}

StubReply FakeKibana::rule(const StubRequest& request, const std::string& id) {
    if (request.method == "GET") {
        return rules.contains(id) ? StubReply{.body = rules[id]} : not_found();
    }
    if (const auto problem = problem_of_rule(request.body); !problem.empty()) {
        return bad_request(problem);
    }
    rules[id] = request.body;
    return {.body = request.body};
}

}  // namespace pwlog::test

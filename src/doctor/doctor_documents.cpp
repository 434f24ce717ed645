// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <algorithm>
#include <map>

#include "base/json_document.h"
#include "base/json_member.h"
#include "base/json_object.h"
#include "base/printable.h"
#include "base/secret.h"
#include "base/text_values.h"
#include "doctor/doctor_server.h"
#include "document/document.h"
#include "elastic/template_check.h"
#include "setup/setup_objects.h"

namespace pwlog {

namespace {

using rapidjson::Pointer;

Finding finding(DoctorStep step, std::string name, Verdict verdict, std::string subject,
                std::string message, std::string next = {}) {
    return {step,           std::move(name), verdict, std::move(subject), std::move(message),
            std::move(next)};
}

rapidjson::Document parsed(const HttpReply& reply) {
    rapidjson::Document document;
    if (!json::parse(document, reply.body) || !document.IsObject()) {
        document.SetObject();
    }
    return document;
}

/// What shipping needs, and `setup --api-key` gives. Asking for it changes nothing.
constexpr std::string_view privileges_question =
    R"({"index":[{"names":["powerwalker-metrics-*","powerwalker-events-*"],)"
    R"("privileges":["create_doc","auto_configure","view_index_metadata"]}]})";

std::string missing_privileges(const rapidjson::Document& answer) {
    std::string missing;
    const auto* const index = Pointer("/index").Get(answer);
    if (index == nullptr || !index->IsObject()) {
        return missing;
    }
    for (const auto& [name, privileges] : index->GetObject()) {
        for (const auto& [privilege, granted] : privileges.GetObject()) {
            if (granted.IsFalse()) {
                missing +=
                    fmt::format("{}{} on {}", missing.empty() ? "" : ", ",
                                printable(privilege.GetString()), printable(name.GetString()));
            }
        }
    }
    return missing;
}

Finding refused(const ExaminedServer& server, const ElasticConfig& config, const HttpReply& reply) {
    constexpr auto step = DoctorStep::authorisation;
    if (config.authentication == AuthScheme::none) {
        return finding(step, "credentials_missing", Verdict::fail, server.url.text(),
                       "it asks for credentials, and none are configured",
                       "pwlog setup --api-key /etc/pwlog/api_key, and api_key_file in "
                       "[elasticsearch]");
    }
    if (!read_secret_file(config.secret_file)) {
        return finding(step, "credentials_unread", Verdict::skipped, server.url.text(),
                       "it asks for credentials, and the secret cannot be read here");
    }
    return finding(step, "credentials_refused", Verdict::fail, server.url.text(),
                   describe_reply(reply),
                   "the key may have been revoked or be of another cluster: pwlog setup --api-key");
}

/// The newest document of each device, of this month and the last.
std::map<std::string, Timestamp> newest_of(const rapidjson::Document& answer) {
    std::map<std::string, Timestamp> newest;
    const auto& devices = json::member(json::member(answer, "aggregations"), "device");
    for (const auto& bucket : json::elements(devices, "buckets")) {
        if (const auto time_ms = json::number(json::member(bucket, "time"), "value")) {
            newest[json::text(bucket, "key")] =
                Timestamp(milliseconds(static_cast<std::int64_t>(*time_ms)));
        }
    }
    return newest;
}

/// `device`: a PDU, an ATS or a UPS of the configuration.
template <class Device>
Finding judge_age(const Device& device, const std::map<std::string, Timestamp>& newest,
                  const DaemonStatus* daemon, Timestamp now) {
    constexpr auto step = DoctorStep::documents;
    constexpr auto leeway = std::chrono::minutes(2);
    const auto found = newest.find(device.id);
    const auto* const read = daemon == nullptr ? nullptr : daemon->device(device.id);
    const bool just_begun = read != nullptr && read->cycles * device.interval < leeway;
    const auto verdict = daemon == nullptr || just_begun ? Verdict::warn : Verdict::fail;
    const auto next = daemon == nullptr ? "start pwlog"
                      : just_begun      ? "the daemon has only just started: try again in a minute"
                                        : "pwlog status shows the reason";
    if (found == newest.end()) {
        return finding(step, "documents_none", verdict, device.id, "no document in the last 7 days",
                       next);
    }
    const auto age = now - found->second;
    if (age > 3 * device.interval + leeway) {
        return finding(step, "documents_old", verdict, device.id,
                       fmt::format("the newest document is {} old", rough_duration(age)), next);
    }
    return finding(step, "documents_fresh", Verdict::pass, device.id,
                   fmt::format("the newest document is {} old", rough_duration(age)));
}

/// Of these devices alone: how many more other loggers have in the index nobody knows.
std::string newest_question(const Config& config) {
    std::vector<std::string> ids;
    const auto add = [&ids](const auto& devices) {
        for (const auto& device : devices) {
            ids.push_back(device.id);
        }
    };
    add(config.pdus);
    add(config.ats);
    add(config.ups);
    JsonObject ours;
    ours.open("terms");
    ours.add("device.id", ids);
    ours.close();
    return fmt::format(R"({{"size":0,"track_total_hits":false,"query":{{"bool":{{"filter":[{},)"
                       R"({{"range":{{"@timestamp":{{"gte":"now-7d"}}}}}}]}}}},)"
                       R"("aggs":{{"device":{{"terms":{{"field":"device.id","size":{}}},)"
                       R"("aggs":{{"time":{{"max":{{"field":"@timestamp"}}}}}}}}}}}})",
                       ours.take(), std::max<std::size_t>(1, ids.size()));
}

std::string search_path(Timestamp now) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    return fmt::format("/{},{}/_search?ignore_unavailable=true&allow_no_indices=true",
                       index_name(Family::metrics, now - std::chrono::days(7)),
                       index_name(Family::metrics, Timestamp(day)));
}

}  // namespace

Findings examine_authorisation(ExaminedServer& server, const ElasticConfig& config,
                               const std::stop_token& stop) {
    constexpr auto step = DoctorStep::authorisation;
    const auto reply = server.client.send(server.url,
                                          {.method = HttpMethod::post,
                                           .path = "/_security/user/_has_privileges",
                                           .body = privileges_question},
                                          stop);
    if (!reply) {
        return {not_judged(step, reply.error().message)};
    }
    if (reply->status == 401) {
        return {refused(server, config, *reply)};
    }
    if (config.authentication == AuthScheme::none &&
        reply->body.find("no handler found") != std::string::npos) {
        return {finding(step, "authorised", Verdict::pass, server.url.text(),
                        "it has no security: no credentials are needed")};
    }
    const auto answer = parsed(*reply);
    const auto* const all = Pointer("/has_all_requested").Get(answer);
    if (reply->status != 200 || all == nullptr || !all->IsBool()) {
        return {not_judged(
            step, "this server cannot be asked what we may do there: " + describe_reply(*reply))};
    }
    if (!all->GetBool()) {
        return {finding(step, "privileges_missing", Verdict::fail, server.url.text(),
                        "these credentials lack " + missing_privileges(answer),
                        "pwlog setup --api-key makes a key with exactly what is needed")};
    }
    return {finding(step, "authorised", Verdict::pass, server.url.text(),
                    "the credentials have what shipping needs")};
}

Findings examine_templates(ExaminedServer& server, const ElasticConfig& config, Timestamp now,
                           const std::stop_token& stop) {
    using State = TemplateCheck::State;
    constexpr auto step = DoctorStep::templates;
    static const std::map<State, std::string> names{{State::outdated, "template_outdated"},
                                                    {State::missing, "template_missing"},
                                                    {State::foreign, "template_foreign"},
                                                    {State::unknown, "template_unknown"}};
    const auto check_of = [&](const std::string& index) {
        return check_template(server.client, server.url, server.info,
                              {template_version(), config.index_mode}, index, stop);
    };
    Findings findings;
    for (const auto family : {Family::metrics, Family::events}) {
        const auto index = index_name(family, now);
        // An index that is there hides that the next one would not be made as it should.
        const auto later = index_name(family, now + std::chrono::days(31));
        const auto check = check_of(index);
        const auto next = check_of(later);
        if (!check) {
            findings.push_back(not_judged(step, check.error().message));
        } else if (!check->may_ship()) {
            findings.push_back(finding(step, names.at(check->state), Verdict::fail, index,
                                       check->message, "pwlog setup"));
        } else if (next && !next->may_ship()) {
            findings.push_back(finding(
                step, names.at(next->state), Verdict::fail, later,
                "shipping would stop at the end of this month: " + next->message, "pwlog setup"));
        } else if (family == Family::metrics && check->index_mode != config.index_mode) {
            findings.push_back(finding(
                step, "template_other_mode", Verdict::warn, index,
                "index_mode differs from the configuration; the existing index keeps its own",
                "pwlog setup, for the coming months"));
        } else {
            findings.push_back(finding(step, "template_current", Verdict::pass, index,
                                       check->state == State::newer ? "from a later version: fits"
                                                                    : "pwlog's, and current"));
        }
    }
    return findings;
}

Findings examine_documents(ExaminedServer& server, const Config& config, const DaemonStatus* daemon,
                           Timestamp now, const std::stop_token& stop) {
    constexpr auto step = DoctorStep::documents;
    const auto question = newest_question(config);
    const auto reply = server.client.send(
        server.url, {.method = HttpMethod::post, .path = search_path(now), .body = question}, stop);
    if (!reply) {
        return {not_judged(step, reply.error().message)};
    }
    if (reply->status != 200) {
        return {not_judged(step, "these credentials may not search: " + describe_reply(*reply))};
    }
    const auto newest = newest_of(parsed(*reply));
    Findings findings;
    const auto judge = [&](const auto& devices) {
        for (const auto& device : devices) {
            findings.push_back(judge_age(device, newest, daemon, now));
        }
    };
    judge(config.pdus);
    judge(config.ats);
    judge(config.ups);
    return findings;
}

Findings examine_shipping(const DaemonStatus* daemon) {
    if (daemon == nullptr || daemon->shipping.last_error.empty()) {
        return {};
    }
    return {finding(DoctorStep::documents, "shipping_fails", Verdict::fail, "",
                    "the daemon says: " + daemon->shipping.last_error,
                    "fix the problem above; the daemon tries again within minutes, with "
                    "the key and certificate files as they are then, or at once after systemctl "
                    "reload pwlog; a key from LoadCredential= needs systemctl restart pwlog")};
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include "setup/kibana_setup.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "setup/kibana_reply.h"

namespace pwlog {
namespace {

using Texts = std::map<std::string, std::string>;

/// One run against one Kibana.
class KibanaSetup {
  public:
    KibanaSetup(HttpClient& client, const ServerUrl& kibana, const KibanaOptions& options,
                const std::stop_token& stop)
        : client_(client), kibana_(kibana), options_(options), stop_(stop) {}

    Result<void> identify() {
        const auto reply = send(HttpMethod::get, "/api/status");
        if (!reply) {
            return pass_on(reply);
        }
        if (auto ready = check_kibana_status(*reply, kibana_.text()); !ready) {
            return ready;
        }
        return find_space();
    }

    /// What Kibana has of `objects`, by label. It refuses the whole export for one that is missing,
    /// and says which.
    Result<Texts> stored(const std::vector<KibanaObject>& objects) {
        std::set<std::string> missing;
        for (int attempt = 0; attempt < 2 && missing.size() < objects.size(); ++attempt) {
            const auto reply = send(HttpMethod::post, in_space("/api/saved_objects/_export"),
                                    export_request(objects, missing));
            if (!reply) {
                return pass_on(reply);
            }
            if (reply->status == 200) {
                return exported_objects(reply->body);
            }
            missing.merge(missing_objects(*reply));
            if (missing.empty()) {
                return fail(reply->status == 401 || reply->status == 403 ? ErrorKind::denied
                                                                         : ErrorKind::refused,
                            fmt::format("reading the saved objects: {}", describe_kibana(*reply)));
            }
        }
        return Texts{};
    }

    /// One line per object, in the same order.
    std::vector<SetupLine> import(const std::vector<KibanaObject>& objects, const Texts& stored) {
        std::vector<SetupLine> lines;
        std::string ndjson;
        for (const auto& object : objects) {
            const auto found = stored.find(object.label());
            lines.push_back({object.label(), found == stored.end() ? SetupOutcome::created
                                             : is_same_object(found->second, object.line)
                                                 ? SetupOutcome::unchanged
                                                 : SetupOutcome::updated});
            if (lines.back().outcome != SetupOutcome::unchanged) {
                ndjson += object.line + "\n";
            }
        }
        if (!options_.dry_run && !ndjson.empty()) {
            judge_import(post_file(ndjson), lines);
        }
        return lines;
    }

    SetupLine install(const KibanaRule& rule) {
        const std::string path = in_space("/api/alerting/rule/" + rule.id);
        const auto current = send(HttpMethod::get, path);
        if (current && current->status == 200) {
            return {rule.label(), SetupOutcome::unchanged,
                    "it may have been changed; delete it to get it again"};
        }
        if (!current || current->status != 404) {
            return outcome_of(rule.label(), current, SetupOutcome::failed, describe_kibana);
        }
        return options_.dry_run ? SetupLine{rule.label(), SetupOutcome::created}
                                : outcome_of(rule.label(), send(HttpMethod::post, path, rule.body),
                                             SetupOutcome::created, describe_kibana);
    }

  private:
    Result<HttpReply> send(HttpMethod method, const std::string& path, std::string_view body = {}) {
        return client_.send(
            kibana_, {.method = method, .path = path, .body = body, .header = "kbn-xsrf: pwlog"},
            stop_);
    }

    std::string in_space(const std::string& path) const {
        return options_.choice.space.empty() ? path
                                             : fmt::format("/s/{}{}", options_.choice.space, path);
    }

    /// Kibana imports into a space that does not exist, with success, where nobody will see it.
    Result<void> find_space() {
        const auto& space = options_.choice.space;
        if (space.empty()) {
            return {};
        }
        const auto reply = send(HttpMethod::get, "/api/spaces/space/" + space);
        if (!reply) {
            return pass_on(reply);
        }
        if (reply->status == 404) {
            return fail(ErrorKind::not_found,
                        fmt::format("there is no space '{}' in Kibana; create it first", space));
        }
        if (reply->status != 200) {
            return fail(
                reply->status < 500 ? ErrorKind::denied : ErrorKind::unavailable,
                fmt::format("looking for the space '{}': {}", space, describe_kibana(*reply)));
        }
        return {};
    }

    static std::string export_request(const std::vector<KibanaObject>& objects,
                                      const std::set<std::string>& missing) {
        std::string list;
        for (const auto& object : objects) {
            if (!missing.contains(object.label())) {
                list += fmt::format(R"({}{{"type":"{}","id":"{}"}})", list.empty() ? "" : ",",
                                    object.type, object.id);
            }
        }
        return fmt::format(R"({{"objects":[{}],"excludeExportDetails":true}})", list);
    }

    Result<HttpReply> post_file(const std::string& ndjson) {
        return client_.send(kibana_,
                            {.method = HttpMethod::post,
                             .path = in_space("/api/saved_objects/_import?overwrite=true"),
                             .body = ndjson,
                             .content_type = "application/ndjson",
                             .form_file = "powerwalker.ndjson",
                             .header = "kbn-xsrf: pwlog"},
                            stop_);
    }

    HttpClient& client_;
    const ServerUrl& kibana_;
    const KibanaOptions& options_;
    const std::stop_token& stop_;
};

}  // namespace

Result<std::vector<SetupLine>> run_kibana_setup(HttpClient& client, const ServerUrl& kibana,
                                                const KibanaOptions& options,
                                                const std::stop_token& stop) {
    const auto objects = load_kibana_objects(options.choice);
    if (!objects) {
        return pass_on(objects);
    }
    const auto rules =
        options.alerts ? load_kibana_rules(options.choice) : Result<std::vector<KibanaRule>>{};
    if (!rules) {
        return pass_on(rules);
    }
    KibanaSetup setup(client, kibana, options, stop);
    if (const auto found = setup.identify(); !found) {
        return pass_on(found);
    }
    const auto stored = setup.stored(*objects);
    if (!stored) {
        return pass_on(stored);
    }
    auto lines = setup.import(*objects, *stored);
    for (const auto& rule : *rules) {
        lines.push_back(setup.install(rule));
    }
    return lines;
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include "setup/setup_indices.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include "base/json_document.h"
#include "elastic/json.h"
#include "elastic/server.h"

namespace pwlog {

namespace {

using rapidjson::Document;
using rapidjson::Pointer;

struct OldIndex {
    std::string name;
    std::string mode;
};

/// Those of ours in an answer of `GET …/_mapping` whose `_meta.version` is behind.
std::vector<OldIndex> behind(const std::string& answer) {
    std::vector<OldIndex> indices;
    Document document;
    if (!json::parse(document, answer) || !document.IsObject()) {
        return indices;
    }
    for (const auto& member : document.GetObject()) {
        const auto* const by = Pointer("/mappings/_meta/managed_by").Get(member.value);
        const auto* const version = Pointer("/mappings/_meta/version").Get(member.value);
        const auto* const mode = Pointer("/mappings/_meta/index_mode").Get(member.value);
        if (by != nullptr && *by == "pwlog" && version != nullptr && version->IsInt64() &&
            version->GetInt64() < template_version()) {
            indices.push_back({member.name.GetString(),
                               mode != nullptr && mode->IsString() ? mode->GetString() : ""});
        }
    }
    return indices;
}

/// The mapping that the templates would give the index now.
std::string mapping_of(const std::string& simulation) {
    Document document;
    const bool parsed = json::parse(document, simulation).has_value();
    const auto* const mapping = parsed ? Pointer("/template/mappings").Get(document) : nullptr;
    if (mapping == nullptr) {
        return {};
    }
    return json::to_text(*mapping);
}

SetupLine line_for(const std::string& index, const Result<HttpReply>& reply, SetupOutcome done) {
    return outcome_of("index/" + index, reply, done);
}

SetupLine update(HttpClient& client, const ServerUrl& server, const OldIndex& index,
                 const std::stop_token& stop) {
    const auto simulation = client.send(
        server,
        {.method = HttpMethod::post, .path = "/_index_template/_simulate_index/" + index.name},
        stop);
    if (!simulation || simulation->status != 200) {
        return line_for(index.name, simulation, SetupOutcome::failed);
    }
    if (json_text(simulation->body, "/template/mappings/_meta/index_mode") != index.mode) {
        return {"index/" + index.name, SetupOutcome::skipped,
                fmt::format("made for index_mode \"{}\", it stays as it is", index.mode)};
    }
    const auto mapping = mapping_of(simulation->body);
    return line_for(index.name,
                    client.send(server,
                                {.method = HttpMethod::put,
                                 .path = fmt::format("/{}/_mapping", index.name),
                                 .body = mapping},
                                stop),
                    SetupOutcome::updated);
}

}  // namespace

std::vector<SetupLine> update_indices(HttpClient& client, const ServerUrl& server,
                                      const std::stop_token& stop) {
    const std::string pattern = "powerwalker-metrics-*,powerwalker-events-*";
    const auto reply = client.send(
        server, {.path = "/" + pattern + "/_mapping?filter_path=*.mappings._meta"}, stop);
    if (!reply || reply->status != 200) {
        return {line_for(pattern, reply, SetupOutcome::failed)};
    }
    std::vector<SetupLine> lines;
    for (const auto& index : behind(reply->body)) {
        lines.push_back(update(client, server, index, stop));
    }
    return lines;
}

std::vector<SetupLine> create_indices(HttpClient& client, const ServerUrl& server,
                                      const std::vector<std::string>& indices, bool dry_run,
                                      const std::stop_token& stop) {
    std::vector<SetupLine> lines;
    for (const auto& index : indices) {
        const auto found = client.send(server, {.path = "/" + index + "/_mapping"}, stop);
        const bool lacks = found && found->status == 404;
        if (!lacks || dry_run) {
            lines.push_back(lacks ? SetupLine{"index/" + index, SetupOutcome::created}
                                  : line_for(index, found, SetupOutcome::unchanged));
            continue;
        }
        const auto reply =
            client.send(server, {.method = HttpMethod::put, .path = "/" + index}, stop);
        const bool there =  // `run` was quicker
            reply && json_text(reply->body, "/error/type") == "resource_already_exists_exception";
        lines.push_back(there ? SetupLine{"index/" + index, SetupOutcome::unchanged}
                              : line_for(index, reply, SetupOutcome::created));
    }
    return lines;
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include "setup/setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "elastic/json.h"
#include "elastic/server.h"
#include "elastic/server_check.h"
#include "setup/setup_indices.h"

namespace pwlog {

namespace {

using Kind = SetupObject::Kind;

/// Where the object stands in the answer of its GET.
std::string pointer_to(const SetupObject& object) {
    switch (object.kind) {
        case Kind::ilm:
            return fmt::format("/{}", object.name);
        case Kind::component_template:
            return "/component_templates/0/component_template";
        case Kind::index_template:
            return "/index_templates/0/index_template";
    }
    return "";
}

std::string meta_pointer(const SetupObject& object, const char* name) {
    return fmt::format("{}{}/_meta/{}", pointer_to(object),
                       object.kind == Kind::ilm ? "/policy" : "", name);
}

bool not_found(const HttpReply& reply) {
    return reply.status == 404 &&
           json_text(reply.body, "/error/type") == "resource_not_found_exception";
}

/// One run against one server.
class Setup {
  public:
    Setup(HttpClient& client, const ServerUrl& server, bool dry_run, const std::stop_token& stop)
        : client_(client), server_(server), dry_run_(dry_run), stop_(stop) {}

    Result<HttpReply> send(HttpMethod method, const SetupObject& object) {
        return client_.send(
            server_,
            {.method = method,
             .path = object.path(),
             .body = method == HttpMethod::put ? std::string_view(object.body) : ""},
            stop_);
    }

    SetupLine install(const SetupObject& object) {
        const auto current = send(HttpMethod::get, object);
        if (current && not_found(*current)) {
            return write(object, SetupOutcome::created);
        }
        if (!current || current->status != 200) {
            return outcome_of(object.label(), current, SetupOutcome::failed);
        }
        if (json_text(current->body, meta_pointer(object, "managed_by").c_str()) != "pwlog") {
            return {object.label(), SetupOutcome::failed,
                    "there is one of this name that is not pwlog's; delete or rename it first"};
        }
        const auto stored = json_integer(current->body, meta_pointer(object, "version").c_str());
        if (stored.value_or(0) > template_version()) {
            return {object.label(), SetupOutcome::unchanged,
                    fmt::format("version {} is newer than this program's {}", *stored,
                                template_version())};
        }
        if (covers(current->body, pointer_to(object).c_str(), object.body)) {
            return {object.label(), SetupOutcome::unchanged};
        }
        return write(object, SetupOutcome::updated);
    }

    SetupLine remove(const SetupObject& object) {
        const auto current = send(HttpMethod::get, object);
        if (current && not_found(*current)) {
            return {object.label(), SetupOutcome::unchanged, "not there"};
        }
        if (!current || current->status != 200) {
            return outcome_of(object.label(), current, SetupOutcome::failed);
        }
        if (json_text(current->body, meta_pointer(object, "managed_by").c_str()) != "pwlog") {
            return {object.label(), SetupOutcome::skipped, "not pwlog's"};
        }
        if (dry_run_) {
            return {object.label(), SetupOutcome::removed};
        }
        const auto reply = send(HttpMethod::del, object);
        if (object.kind == Kind::ilm && reply && reply->status == 400 &&
            reply->body.find("in use") != std::string::npos) {
            return {
                object.label(), SetupOutcome::skipped,
                "indices still use it, and it continues to delete old ones; to keep them for ever "
                "and remove it: POST /powerwalker-*/_ilm/remove, then this again"};
        }
        return outcome_of(object.label(), reply, SetupOutcome::removed);
    }

  private:
    SetupLine write(const SetupObject& object, SetupOutcome done) {
        return dry_run_ ? SetupLine{object.label(), done}
                        : outcome_of(object.label(), send(HttpMethod::put, object), done);
    }

    HttpClient& client_;
    const ServerUrl& server_;
    bool dry_run_;
    const std::stop_token& stop_;
};

/// Empty: the server has index lifecycle management. Else why not. As a side effect the retention
/// that is stored becomes the wanted one where none was asked for.
std::string why_no_lifecycle(Setup& setup, const ServerInfo& info, SetupChoice& choice) {
    if (info.product == ServerInfo::Product::opensearch || info.serverless) {
        return info.name() + " has no ILM";
    }
    const SetupObject policy{.kind = Kind::ilm, .name = "powerwalker"};
    const auto current = setup.send(HttpMethod::get, policy);
    if (!current || current->status == 200 || current->status >= 500 || current->status == 401 ||
        current->status == 403 || not_found(*current)) {
        if (current && !choice.retention) {
            choice.retention = stored_retention(current->body);
        }
        return {};  // other failures are told where the policy is written
    }
    choice.serverless = current->status == 410;  // where it did not say what it is
    return fmt::format("this server has no ILM ({})", describe_reply(*current));
}

/// A retention that was asked for and cannot be had is a failure, though the rest is installed.
SetupLine line_without_lifecycle(const std::string& why, const SetupChoice& choice) {
    const auto what = choice.retention ? fmt::format("--retention {}d is not in force: ",
                                                     choice.retention->count())
                                       : std::string();
    return {"ilm/powerwalker", choice.retention ? SetupOutcome::failed : SetupOutcome::skipped,
            fmt::format("{}{}; delete old months by other means", what, why)};
}

}  // namespace

std::string_view to_text(SetupOutcome outcome, bool dry_run) {
    constexpr std::array<std::string_view, 6> done{"created",   "updated", "removed",
                                                   "unchanged", "skipped", "failed"};
    constexpr std::array<std::string_view, 3> planned{"would be created", "would be updated",
                                                      "would be removed"};
    const auto at = static_cast<std::size_t>(outcome);
    return dry_run && at < planned.size() ? planned.at(at) : done.at(at);
}

SetupLine outcome_of(std::string object, const Result<HttpReply>& reply, SetupOutcome done,
                     std::string (*describe)(const HttpReply&)) {
    if (reply && reply->status == 200) {
        return {std::move(object), done};
    }
    return {std::move(object), SetupOutcome::failed,
            !reply                ? reply.error().message
            : describe == nullptr ? describe_reply(*reply)
                                  : describe(*reply)};
}

Result<std::vector<SetupLine>> run_setup(HttpClient& client, const ServerUrl& server,
                                         const SetupOptions& options, const std::stop_token& stop) {
    const auto info = identify_server(client, server, stop);
    if (!info) {
        return pass_on(info);
    }
    if (const auto fit = check_server(*info, options.choice.index_mode);
        fit.state == ServerCheck::State::unfit) {
        return fail(ErrorKind::invalid, fit.text() + "; nothing was installed");
    }
    Setup setup(client, server, options.dry_run, stop);
    SetupChoice choice = options.choice;
    choice.serverless = info->serverless;
    std::vector<SetupLine> lines;
    if (const auto why = why_no_lifecycle(setup, *info, choice); !why.empty()) {
        choice.lifecycle = false;
        lines.push_back(line_without_lifecycle(why, choice));
    }
    const auto objects = load_setup_objects(choice);
    if (!objects) {
        return pass_on(objects);
    }
    bool complete = true;
    for (const auto& object : *objects) {
        lines.push_back(setup.install(object));
        complete = complete && lines.back().outcome != SetupOutcome::failed;
    }
    if (complete && !options.dry_run) {
        auto updated = update_indices(client, server, stop);
        std::move(updated.begin(), updated.end(), std::back_inserter(lines));
    }
    return lines;
}

Result<std::vector<SetupLine>> remove_setup(HttpClient& client, const ServerUrl& server,
                                            bool dry_run, const std::stop_token& stop) {
    const auto info = identify_server(client, server, stop);
    if (!info) {
        return pass_on(info);
    }
    Setup setup(client, server, dry_run, stop);
    SetupChoice choice;
    choice.lifecycle = why_no_lifecycle(setup, *info, choice).empty();
    std::vector<SetupObject> objects;
    for (const auto mode : {IndexMode::time_series, IndexMode::standard}) {
        choice.index_mode = mode;
        const auto some = load_setup_objects(choice);
        if (!some) {
            return pass_on(some);
        }
        objects.insert(objects.end(), some->begin(), some->end());
    }
    std::vector<SetupLine> lines;
    // What is built from others goes before them.
    for (const auto kind : {Kind::index_template, Kind::component_template, Kind::ilm}) {
        for (const auto& object : objects) {
            const bool done = std::any_of(lines.begin(), lines.end(), [&](const SetupLine& line) {
                return line.object == object.label();
            });
            if (object.kind == kind && !done) {
                lines.push_back(setup.remove(object));
            }
        }
    }
    return lines;
}

Result<std::vector<std::string>> print_setup(const SetupChoice& choice,
                                             const std::filesystem::path& folder) {
    const auto objects = load_setup_objects(choice);
    if (!objects) {
        return pass_on(objects);
    }
    std::vector<std::string> names;
    for (const auto& object : *objects) {
        const auto name = write_file(folder / (object.label() + ".json"), object.body);
        if (!name) {
            return pass_on(name);
        }
        names.push_back(*name);
    }
    return names;
}

}  // namespace pwlog

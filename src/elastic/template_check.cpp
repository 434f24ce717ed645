// SPDX-License-Identifier: MIT
#include "elastic/template_check.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <optional>

#include "base/json_document.h"
#include "elastic/server_check.h"

namespace pwlog {

namespace {

using State = TemplateCheck::State;
using rapidjson::Document;
using rapidjson::Pointer;
using rapidjson::Value;

/// What the `_meta` of a mapping says.
struct Meta {
    bool ours = false;
    std::int64_t version = 0;
    IndexMode index_mode = IndexMode::time_series;
};

Meta read_meta(const Value& mappings_holder) {
    Meta meta;
    const auto* const by = Pointer("/mappings/_meta/managed_by").Get(mappings_holder);
    const auto* const version = Pointer("/mappings/_meta/version").Get(mappings_holder);
    const auto* const mode = Pointer("/mappings/_meta/index_mode").Get(mappings_holder);
    if (by == nullptr || !by->IsString() || std::string_view(by->GetString()) != "pwlog" ||
        version == nullptr || !version->IsInt64() || mode == nullptr || !mode->IsString()) {
        return meta;
    }
    meta.ours = true;
    meta.version = version->GetInt64();
    meta.index_mode = std::string_view(mode->GetString()) == "standard" ? IndexMode::standard
                                                                        : IndexMode::time_series;
    return meta;
}

TemplateCheck judge(const Meta& meta, const std::string& what, std::int64_t current) {
    if (!meta.ours) {
        return {
            State::foreign,
            {},
            fmt::format("{} is not pwlog's; nothing is sent there. Move it away, or give pwlog's "
                        "templates the higher priority, then run `pwlog setup`",
                        what)};
    }
    if (meta.version < current) {
        return {
            State::outdated, meta.index_mode,
            fmt::format("{} is of version {}, this program writes version {}: run `pwlog setup`",
                        what, meta.version, current)};
    }
    return {meta.version > current ? State::newer : State::present, meta.index_mode, {}};
}

/// Asks, and sorts what comes back into an answer, "may not", and failures.
class Asking {
  public:
    Asking(HttpClient& client, const ServerUrl& server, const ServerInfo& info,
           const std::stop_token& stop)
        : client_(client), server_(server), info_(info), stop_(stop) {}

    /// None for 403: the key may not ask this. `refused` is what any other status means for the
    /// caller.
    Result<std::optional<HttpReply>> ask(HttpMethod method, std::string path) {
        auto reply = client_.send(server_, {.method = method, .path = std::move(path)}, stop_);
        if (!reply) {
            return pass_on(reply);
        }
        if (reply->status == 401) {
            return fail(ErrorKind::denied,
                        fmt::format("{}: {}", server_.text(), describe_reply(*reply)));
        }
        if (reply->status == 403) {
            return std::optional<HttpReply>();
        }
        constexpr std::size_t longest =
            std::size_t{512} * 1024;  // what follows builds a tree of it
        if ((reply->status != 200 && reply->status != 404) || !is_from(info_, *reply) ||
            reply->body.size() > longest) {
            const bool later = reply->status == 408 || reply->status == 429 || reply->status >= 500;
            return fail(later ? ErrorKind::unavailable : ErrorKind::garbled,
                        fmt::format("{}: asked about the templates: {}", server_.text(),
                                    describe_reply(*reply)));
        }
        return std::optional<HttpReply>(std::move(*reply));
    }

  private:
    HttpClient& client_;
    const ServerUrl& server_;
    const ServerInfo& info_;
    const std::stop_token& stop_;
};

/// The members of an answer of `GET …/_mapping` are indices; the last by name is the newest month.
std::optional<Meta> newest_index(const HttpReply& reply) {
    Document document;
    if (reply.status != 200 || !json::parse(document, reply.body) || !document.IsObject()) {
        return std::nullopt;
    }
    std::string_view newest;
    std::optional<Meta> meta;
    for (const auto& member : document.GetObject()) {
        if (!meta || newest < member.name.GetString()) {
            newest = member.name.GetString();
            meta = read_meta(member.value);
        }
    }
    return meta;
}

/// None where no template applies at all.
std::optional<Meta> simulated(const HttpReply& reply) {
    Document document;
    const bool parsed = json::parse(document, reply.body) && document.IsObject();
    const Value* const made = parsed ? Pointer("/template").Get(document) : nullptr;
    return made == nullptr ? std::nullopt : std::optional(read_meta(*made));
}

TemplateCheck missing(const std::string& index) {
    return {State::missing,
            {},
            fmt::format("no template of pwlog's applies to {}: run `pwlog setup` once", index)};
}

/// By the newest index of the same family: made from the template that will make this one too.
Result<TemplateCheck> check_siblings(Asking& asking, const std::string& index,
                                     std::int64_t version) {
    const auto pattern = index.substr(0, index.rfind('-')) + "-*";
    const auto reply =
        asking.ask(HttpMethod::get, "/" + pattern + "/_mapping?filter_path=*.mappings._meta");
    if (!reply) {
        return pass_on(reply);
    }
    const auto newest = *reply ? newest_index(**reply) : std::nullopt;
    if (newest) {
        return judge(*newest, "the newest index of " + pattern, version);
    }
    return TemplateCheck{
        State::unknown,
        {},
        fmt::format("this key may read neither the templates nor an index of {}: let "
                    "`pwlog setup --api-key` make the key, or give it view_index_metadata "
                    "on that pattern",
                    pattern)};
}

Result<TemplateCheck> ask_for_template(Asking& asking, std::int64_t version,
                                       const std::string& index) {
    const auto existing =
        asking.ask(HttpMethod::get, "/" + index + "/_mapping?filter_path=*.mappings._meta");
    if (!existing) {
        return pass_on(existing);
    }
    if (*existing && (*existing)->status == 200) {
        return judge(newest_index(**existing).value_or(Meta{}), "the index " + index, version);
    }
    const auto made = asking.ask(HttpMethod::post, "/_index_template/_simulate_index/" + index);
    if (!made) {
        return pass_on(made);
    }
    if (!*made) {
        return check_siblings(asking, index, version);
    }
    const auto meta = simulated(**made);
    return meta ? judge(*meta, "the template that applies to " + index, version) : missing(index);
}

}  // namespace

Result<TemplateCheck> check_template(HttpClient& client, const ServerUrl& server,
                                     const ServerInfo& info, const OurTemplates& ours,
                                     const std::string& index, const std::stop_token& stop) {
    Asking asking(client, server, info, stop);
    auto check = ask_for_template(asking, ours.version, index);
    if (!check || check->may_ship() || check->state == State::foreign) {
        return check;
    }
    if (const auto fit = check_server(info, ours.index_mode);
        fit.state == ServerCheck::State::unfit) {
        check->message = fit.text();
    }
    return check;
}

}  // namespace pwlog

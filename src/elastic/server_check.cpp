// SPDX-License-Identifier: MIT
#include "elastic/server_check.h"

namespace pwlog {
namespace {

using State = ServerCheck::State;

bool is_before(const ServerInfo& info, int major, int minor) {
    return info.major < major || (info.major == major && info.minor < minor);
}

}  // namespace

ServerCheck check_server(const ServerInfo& info, IndexMode mode) {
    const bool series = mode == IndexMode::time_series;
    if (info.product == ServerInfo::Product::opensearch) {
        return series ? ServerCheck{State::unfit, "server_needs_standard",
                                    info.name() + " has no time-series indices",
                                    "set index_mode = \"standard\" in [elasticsearch], then run "
                                    "`pwlog setup`"}
                      : ServerCheck{};
    }
    // A key may be denied the version; serverless says 8.11.0 and is always the newest.
    if (info.version.empty() || info.serverless) {
        return {};
    }
    if (is_before(info, 7, 9)) {
        return {State::unfit, "server_too_old", info.name() + " cannot take pwlog's templates",
                "update it to 8.12 or later"};
    }
    if (series && is_before(info, 8, 7)) {
        return {State::unfit, "server_too_old", info.name() + " has no time-series indices",
                "update it to 8.12 or later, or set index_mode = \"standard\" in [elasticsearch], "
                "then run `pwlog setup`"};
    }
    if (is_before(info, 8, 12)) {
        return {State::old, "server_old",
                info.name() + " is older than 8.12, which pwlog is made for",
                "update Elasticsearch"};
    }
    return {};
}

}  // namespace pwlog

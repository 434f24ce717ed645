// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "document/document_kind.h"
#include "elastic/http.h"
#include "elastic/server_url.h"

namespace pwlog {

struct KnownAnswer;

/// Asks an index what it has of a device.
class KnownSearch {
  public:
    KnownSearch(std::vector<ServerUrl> servers, HttpClient client, std::stop_token stop)
        : servers_(std::move(servers)), client_(std::move(client)), stop_(std::move(stop)) {}

    /// `filters` beside the device; `rest` of the request.
    Result<KnownAnswer> ask(Family family, const std::string& device, const std::string& filters,
                            std::string_view rest);

  private:
    std::vector<ServerUrl> servers_;
    HttpClient client_;
    std::stop_token stop_;
};

/// A filter. `bound`: lt, lte, gt, gte.
std::string time_range(std::string_view bound, Timestamp time);

/// What only live documents have: how long their reading took.
inline constexpr std::string_view read_live = R"({"exists":{"field":"event.duration"}})";

}  // namespace pwlog

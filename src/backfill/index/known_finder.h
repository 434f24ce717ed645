// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backfill/history/known_device.h"
#include "backfill/index/known_search.h"
#include "base/result.h"
#include "document/document.h"
#include "elastic/http.h"
#include "elastic/server_url.h"

namespace pwlog {

/// Finds out what Elasticsearch has of a device already, so that history is joined to it: four
/// questions for each device, one for ten days with live documents, one or two for each joint.
class KnownFinder final : public KnownDevices {
  public:
    /// `tell`, for people, gets why that cannot be had; then history begins with nothing known.
    static Result<KnownFinder> open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                    std::stop_token stop,
                                    std::function<void(const std::string&)> tell);

    KnownDevice find(const std::string& device, Timestamp from) override;
    std::optional<JoinedSample> live_at(const std::string& device, Timestamp time) override;

  private:
    KnownFinder(KnownSearch search, std::function<void(const std::string&)> tell)
        : search_(std::move(search)), tell_(std::move(tell)) {}

    /// Of the documents found, the newest of one time.
    Result<std::optional<JoinedSample>> find_sample(const std::string& device,
                                                    const std::string& filters);
    /// The newest sample of each channel, the oldest first.
    Result<std::vector<JoinedSample>> find_before(const std::string& device, Timestamp from);
    Result<void> find_alarms(const std::string& device, Timestamp from, KnownDevice& known);

    KnownSearch search_;
    std::function<void(const std::string&)> tell_;
};

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backfill/history/known_device.h"
#include "base/result.h"
#include "document/document.h"
#include "elastic/http.h"
#include "elastic/server_url.h"

namespace pwlog {

/// Finds out what Elasticsearch has of a device already, so that history is joined to it: three
/// questions for each device, and one or two for each joint.
class KnownFinder final : public KnownDevices {
  public:
    /// `tell`, for people, gets why that cannot be had; then history begins with nothing known.
    static Result<KnownFinder> open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                    std::stop_token stop,
                                    std::function<void(const std::string&)> tell);

    KnownDevice find(const std::string& device, Timestamp from) override;
    std::optional<JoinedSample> live_at(const std::string& device, Timestamp time) override;

  private:
    KnownFinder(std::vector<ServerUrl> servers, HttpClient client, std::stop_token stop,
                std::function<void(const std::string&)> tell)
        : servers_(std::move(servers)),
          client_(std::move(client)),
          stop_(std::move(stop)),
          tell_(std::move(tell)) {}

    struct Answer;
    /// `filters` beside the device; `rest` of the request.
    Result<Answer> search(Family family, const std::string& device, const std::string& filters,
                          std::string_view rest);
    /// Of the documents found, the newest of one time.
    Result<std::optional<JoinedSample>> find_sample(const std::string& device,
                                                    const std::string& filters);
    Result<void> find_alarms(const std::string& device, Timestamp from, KnownDevice& known);
    Result<void> find_live(const std::string& device, Timestamp from, KnownDevice& known);
    Result<void> find_joint(const std::string& device, Timestamp from, LiveSpan& span);

    std::vector<ServerUrl> servers_;
    HttpClient client_;
    std::stop_token stop_;
    std::function<void(const std::string&)> tell_;
};

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "backfill/history/known_device.h"
#include "base/result.h"
#include "elastic/http.h"
#include "elastic/server_url.h"

namespace pwlog {

/// Finds out what Elasticsearch has of a device already, so that history is joined to it: three
/// questions for each device. One thread at a time.
class KnownFinder {
  public:
    /// `tell`, for people, gets why that cannot be had; then history begins with nothing known.
    static Result<KnownFinder> open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                    std::stop_token stop,
                                    std::function<void(const std::string&)> tell);

    KnownDevice find(const std::string& device, Timestamp from);

  private:
    KnownFinder(std::vector<ServerUrl> servers, HttpClient client, std::stop_token stop,
                std::function<void(const std::string&)> tell)
        : servers_(std::move(servers)),
          client_(std::move(client)),
          stop_(std::move(stop)),
          tell_(std::move(tell)) {}

    Result<std::string> ask(const std::string& path, const std::string& body);
    Result<void> find_sample(const std::string& device, Timestamp from, KnownDevice& known);
    Result<void> find_alarms(const std::string& device, Timestamp from, KnownDevice& known);
    Result<void> find_live(const std::string& device, Timestamp from, KnownDevice& known);

    std::vector<ServerUrl> servers_;
    HttpClient client_;
    std::stop_token stop_;
    std::function<void(const std::string&)> tell_;
};

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/history/device_history.h"

namespace pwlog {

/// The histories of all devices of a run, from one source to the next. One thread at a time.
class History {
  public:
    explicit History(SampleContext context) : context_(std::move(context)) {}
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    void begin_source();
    /// The same fields, by the same rules, as those of a live reading that knew as much. What was
    /// not known is absent, never zero.
    std::vector<Document> documents_of(const JoinedSample& sample);

    std::size_t devices() const { return devices_.size(); }
    /// Asked for what the index has of each device from its next sample on.
    void set_known(std::shared_ptr<KnownDevices> known) { context_.known = std::move(known); }
    /// Whether another source comes behind this one.
    void set_more_follow(bool more) { more_follow_ = more; }
    /// At the end of a source: what belongs between history and the live documents behind it.
    std::vector<Document> finish();
    /// How far all of them are, on one line.
    std::string save() const;
    /// `corrupt` where this is nothing that was saved.
    Result<void> restore(std::string_view text);

  private:
    DeviceHistory& device(const std::string& id);

    SampleContext context_;
    bool more_follow_ = false;
    std::map<std::string, DeviceHistory> devices_;
};

}  // namespace pwlog

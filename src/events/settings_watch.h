// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "document/event.h"
#include "events/state_text.h"
#include "protocol/memory.h"

namespace pwlog {

/// Notices when a setting in a device's memory map, its model or its firmware is not what it was.
class SettingsWatch {
  public:
    explicit SettingsWatch(DeviceTag device) : device_(std::move(device)) {}

    /// Whether these would be news, which are worth asking for a second time: one damaged digit
    /// looks just like a changed setting.
    bool is_news(const std::vector<MemoryValue>& values) const;
    bool is_news(const std::string& name, const std::string& value) const;

    /// An event for each setting whose value changed; the first value seen is none.
    std::vector<Event> update(const std::vector<MemoryValue>& values);
    std::vector<Event> update(const std::string& name, const std::string& value,
                              std::string_view unit = {});

    /// The text last seen; empty where there is none.
    std::string known(const std::string& name) const { return known_.get(name); }

    std::string save() const { return known_.text(); }
    void restore(std::string_view text) { known_ = StateText::parse(text); }

  private:
    DeviceTag device_;
    StateText known_;
};

}  // namespace pwlog

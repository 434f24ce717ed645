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

    /// An event for each setting whose value changed; the first value seen is none.
    std::vector<Event> update(const std::vector<MemoryValue>& values);
    std::vector<Event> update(const std::string& name, const std::string& value,
                              std::string_view unit = {});

    std::string save() const { return known_.text(); }
    void restore(std::string_view text) { known_ = StateText::parse(text); }

  private:
    DeviceTag device_;
    StateText known_;
};

}  // namespace pwlog

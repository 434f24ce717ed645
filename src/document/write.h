// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "document/document.h"
#include "document/preamble.h"
#include "document/sample.h"

namespace pwlog {

/// One sample as the document it becomes: every value it has, under the name the table gives it.
Document write(const Origin& origin, const DeviceTag& device, const Sample& sample,
               std::string_view manufacturer = powerwalker);

/// The same for many samples of one device, none of which has a duration or an event: what stands
/// around their values is written once for each kind.
class SampleWriter {
  public:
    /// The document's JSON.
    std::string json(const Origin& origin, const DeviceTag& device, const Sample& sample);

  private:
    std::array<std::string, 4> frames_;  // by kind, the values left out
};

}  // namespace pwlog

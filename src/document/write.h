// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "document/document.h"
#include "document/preamble.h"
#include "document/sample.h"

namespace pwlog {

/// One sample as the document it becomes: every value it has, under the name the table gives it.
Document write(const Origin& origin, const DeviceTag& device, const Sample& sample,
               std::string_view manufacturer = powerwalker);

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include "document/document.h"
#include "sampling/nut_answer.h"

namespace pwlog {

/// One `powerwalker.ups` document.
Document ups_document(const Origin& origin, const DeviceTag& device, const UpsReading& reading,
                      Timestamp time);

}  // namespace pwlog

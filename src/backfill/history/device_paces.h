// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "document/sample.h"
#include "document/sample_pace.h"
#include "protocol/pdu.h"

namespace pwlog {

/// The paces of one device: of its input, of each outlet, of an ATS or UPS. Each has its own: the
/// values of a device may have times of their own, as in a home's history.
class DevicePaces {
  public:
    /// `least`: none is taken to be shorter.
    explicit DevicePaces(std::chrono::milliseconds least) : least_(least) {}

    SamplePace& of(const Sample& sample);
    std::chrono::milliseconds gap_of(const Sample& sample) {
        return of(sample).longest_gap(least_);
    }
    /// Of the values that come most often.
    std::chrono::milliseconds longest_gap() const;

    std::vector<std::string> save() const;
    void restore(const std::vector<std::string>& texts);

  private:
    std::chrono::milliseconds least_;
    std::array<SamplePace, pdu::outlet_count + 2> paces_;
};

}  // namespace pwlog

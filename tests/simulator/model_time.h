// SPDX-License-Identifier: MIT
#pragma once

#include "simulator/moment.h"

namespace pwlog::test {

inline const simulator::Moment model_start{
    SteadyTime(std::chrono::hours(1)),
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 14) + std::chrono::hours(6)};

/// A moment of a model that started at `model_start`.
inline simulator::Moment after(std::chrono::milliseconds passed) {
    return {model_start.steady + passed, model_start.wall + passed};
}

}  // namespace pwlog::test

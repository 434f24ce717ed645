// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "control/daemon_status.h"

namespace pwlog {

/// A daemon's status in the text format of Prometheus, for the textfile collector of its
/// node_exporter: what is to be alarmed of, not the measured values.
std::string metrics_text(const DaemonStatus& status);

/// Writes it in one step: who reads the file sees the old text or the new one.
Result<void> write_metrics(const std::filesystem::path& file, const DaemonStatus& status);

/// Keeps the file as new as a collector looks at it. One thread.
class MetricsFile {
  public:
    /// An empty `file`: none is written. `status`: what `pwlog status --json` prints.
    MetricsFile(std::filesystem::path file, std::function<std::string()> status, const Clock& clock)
        : file_(std::move(file)), status_(std::move(status)), clock_(clock) {}

    /// Writes it where that is due; a failure is logged, once until it works again.
    /// Returns when it is due again.
    SteadyTime perform();

  private:
    std::filesystem::path file_;
    std::function<std::string()> status_;
    const Clock& clock_;
    SteadyTime next_{};
    bool has_failed_ = false;
};

}  // namespace pwlog

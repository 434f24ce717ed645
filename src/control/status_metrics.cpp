// SPDX-License-Identifier: MIT
#include "control/status_metrics.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <system_error>

#include "base/replace_file.h"

namespace pwlog {
namespace {

/// One metric with its help; ids of devices and names of clusters need no escapes in labels.
class Metrics {
  public:
    void begin(const char* name, const char* type, const char* help) {
        text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
        name_ = name;
    }
    template <class Number>
    void add(Number value, const std::string& labels = {}) {
        text_ += fmt::format("{}{} {}\n", name_, labels, value);
    }
    template <class Number>
    void one(const char* name, const char* type, const char* help, Number value) {
        begin(name, type, help);
        add(value);
    }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    std::string name_;
};

double seconds_of(Timestamp time) {
    return static_cast<double>(time.time_since_epoch().count()) / 1000;
}

void add_devices(Metrics& metrics, const DaemonStatus& status) {
    const auto each = [&](const char* name, const char* type, const char* help, auto value) {
        metrics.begin(name, type, help);
        for (const auto& device : status.devices) {
            metrics.add(value(device), fmt::format("{{device=\"{}\"}}", device.id));
        }
    };
    each("pwlog_device_up", "gauge", "Whether the last reading of the device was good.",
         [](const auto& device) { return device.reachable ? 1 : 0; });
    metrics.begin("pwlog_device_last_sample_timestamp_seconds", "gauge",
                  "When the device was last read.");
    for (const auto& device : status.devices) {
        if (device.last_sample) {
            metrics.add(fmt::format("{:.3f}", seconds_of(*device.last_sample)),
                        fmt::format("{{device=\"{}\"}}", device.id));
        }
    }
    each("pwlog_device_cycles_total", "counter", "Readings that were kept.",
         [](const auto& device) { return device.cycles; });
    each("pwlog_device_failed_total", "counter", "Readings that failed after all tries.",
         [](const auto& device) { return device.failed; });
    each("pwlog_device_late_total", "counter", "Readings left out as the one before took too long.",
         [](const auto& device) { return device.late; });
}

void add_spool(Metrics& metrics, const DaemonStatus& status) {
    const auto& spool = status.spool;
    metrics.one("pwlog_documents_stored_total", "counter", "Documents that the server has.",
                spool.stored + spool.duplicates);
    metrics.one("pwlog_documents_rejected_total", "counter", "Documents that it refused.",
                spool.rejected);
    metrics.one("pwlog_documents_dropped_total", "counter", "Documents given up for lack of room.",
                spool.dropped);
    metrics.one("pwlog_documents_pending", "gauge", "Documents that wait for the server.",
                spool.pending_documents);
    metrics.begin("pwlog_oldest_pending_timestamp_seconds", "gauge", "The oldest that waits.");
    if (spool.oldest_pending) {
        metrics.add(fmt::format("{:.3f}", seconds_of(*spool.oldest_pending)));
    }
    metrics.one("pwlog_spool_bytes", "gauge", "What the spool takes on its disk.", spool.bytes);
    metrics.one("pwlog_spool_max_bytes", "gauge", "What it may take.", spool.max_bytes);
}

}  // namespace

std::string metrics_text(const DaemonStatus& status) {
    Metrics metrics;
    metrics.begin("pwlog_info", "gauge", "The daemon's version.");
    metrics.add(1, fmt::format("{{version=\"{}\"}}", status.version));
    add_devices(metrics, status);
    add_spool(metrics, status);
    metrics.begin("pwlog_shipping_last_success_timestamp_seconds", "gauge",
                  "When the server last took documents.");
    if (status.shipping.last_success) {
        metrics.add(fmt::format("{:.3f}", seconds_of(*status.shipping.last_success)));
    }
    metrics.one("pwlog_shipping_held_indices", "gauge", "Indices that take no documents.",
                status.shipping.holds.size());
    metrics.one("pwlog_device_id_conflicts", "gauge", "Devices that another logger writes too.",
                status.shipping.conflicts.size());
    return metrics.take();
}

Result<void> write_metrics(const std::filesystem::path& file, const DaemonStatus& status) {
    // The collector reads *.prom only, as whichever user it is; what is lost is soon written again.
    constexpr FileWriting for_all{.mode = 0644, .durable = false};
    if (!for_all.replace(file, metrics_text(status))) {
        return fail(ErrorKind::io, fmt::format("{} cannot be written: {}", file.string(),
                                               std::generic_category().message(errno)));
    }
    return {};
}

SteadyTime MetricsFile::perform() {
    constexpr auto period = std::chrono::seconds(15);  // as often as Prometheus looks, by default
    if (file_.empty()) {
        return SteadyTime::max();
    }
    if (clock_.steady_now() < next_) {
        return next_;
    }
    next_ = clock_.steady_now() + period;
    const auto status = parse_daemon_status(status_());
    const auto written = status ? write_metrics(file_, *status) : Result<void>();
    if (!written && !has_failed_) {
        spdlog::warn("{}", written.error().message);
    }
    has_failed_ = !written;
    return next_;
}

}  // namespace pwlog

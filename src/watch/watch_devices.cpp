// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <thread>

#include "base/thread.h"
#include "control/control_protocol.h"
#include "daemon/agent_options.h"
#include "watch/watch_feed.h"

namespace pwlog {

namespace {

/// Reads one device as the daemon does, and makes the documents that it would show.
class Reader {
  public:
    explicit Reader(WatchedDevice device) : device_(std::move(device)) {}

    const std::string& id() const {
        return std::visit([](const auto& any) -> const std::string& { return any.id; }, device_);
    }

    /// The documents of one cycle.
    Result<std::vector<Document>> read(Timestamp& time, const std::stop_token& stop) {
        if (!sampled_) {
            auto made = make(stop);
            if (!made) {
                return pass_on(made);
            }
            sampled_ = std::move(*made);
        }
        const auto read = sampled_->read_cycle(stop);
        if (!read) {
            return pass_on(read);
        }
        time = to_timestamp(*read);
        return sampled_->make_sample({}, time).documents;
    }

  private:
    Result<std::unique_ptr<SampledDevice>> make(const std::stop_token& stop) const {
        if (const auto* pdu = std::get_if<PduConfig>(&device_)) {
            return make_device(pdu_setup(*pdu), clock_);
        }
        if (const auto* ats = std::get_if<AtsConfig>(&device_)) {
            return make_device(ats_setup(*ats), clock_);
        }
        if (const auto* ups = std::get_if<UpsConfig>(&device_)) {
            return make_device(ups_setup(*ups), clock_);
        }
        return find_kind(std::get<DeviceConfig>(device_), stop);
    }

    /// A port that nobody has described: QPI tells.
    Result<std::unique_ptr<SampledDevice>> find_kind(const DeviceConfig& config,
                                                     const std::stop_token& stop) const {
        PduConfig pdu;
        static_cast<DeviceConfig&>(pdu) = config;
        auto device = make_device(pdu_setup(pdu), clock_);
        auto connected = device->session()->connect(stop);
        if (!connected && connected.error().kind == ErrorKind::wrong_device) {
            AtsConfig ats;
            static_cast<DeviceConfig&>(ats) = config;
            device->session()->close();
            device = make_device(ats_setup(ats), clock_);
            connected = device->session()->connect(stop);
        }
        if (!connected) {
            return pass_on(connected);
        }
        return device;
    }

    WatchedDevice device_;
    SystemClock clock_;
    std::unique_ptr<SampledDevice> sampled_;
};

class DeviceFeed final : public WatchFeed {
  public:
    DeviceFeed(std::vector<WatchedDevice> devices, std::chrono::milliseconds period)
        : period_(period) {
        for (auto& device : devices) {
            readers_.push_back(std::make_unique<Reader>(std::move(device)));
        }
        publish([this](FeedState& state) {
            state.origin = fmt::format("reading {} device{} directly", readers_.size(),
                                       readers_.size() == 1 ? "" : "s");
            for (const auto& reader : readers_) {
                DeviceStatus device;
                device.id = reader->id();
                state.status.devices.push_back(std::move(device));
            }
        });
        for (std::size_t i = 0; i < readers_.size(); ++i) {
            auto thread = start_thread(readers_[i]->id(),
                                       [this, i](const std::stop_token& stop) { run(i, stop); });
            if (thread) {
                threads_.push_back(std::move(*thread));
            } else {
                publish([&](FeedState& state) { state.trouble = thread.error().message; });
            }
        }
    }
    ~DeviceFeed() override {
        for (auto& thread : threads_) {
            thread.request_stop();  // all of them before the first is waited for
        }
    }

  private:
    void run(std::size_t index, const std::stop_token& stop) {
        const SystemClock clock;
        do {
            const auto next = clock.steady_now() + period_;
            Timestamp time{};
            const auto documents = readers_[index]->read(time, stop);
            if (stop.stop_requested()) {
                return;
            }
            publish([&](FeedState& state) { note(state.status.devices[index], documents, time); });
            (void)clock.wait_until(next, stop);
        } while (!stop.stop_requested());
    }

    static void note(DeviceStatus& device, const Result<std::vector<Document>>& documents,
                     Timestamp time) {
        device.reachable = documents.has_value();
        if (!documents) {
            ++device.failed;
            device.last_error = documents.error().message;
            device.last_error_kind = error_kind_name(documents.error().kind);
            return;
        }
        ++device.cycles;
        device.last_error.clear();
        device.last_error_kind.clear();
        device.last_sample = time;
        device.documents.clear();
        for (const auto& document : *documents) {
            device.documents.push_back(document.json);
        }
    }

    std::chrono::milliseconds period_;
    std::vector<std::unique_ptr<Reader>> readers_;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace

std::unique_ptr<WatchFeed> watch_devices(std::vector<WatchedDevice> devices,
                                         std::chrono::milliseconds period) {
    return std::make_unique<DeviceFeed>(std::move(devices), period);
}

}  // namespace pwlog

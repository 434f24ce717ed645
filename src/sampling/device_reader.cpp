// SPDX-License-Identifier: MIT
#include "sampling/device_reader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace pwlog {
namespace {

using std::chrono::milliseconds;

constexpr auto first_backoff = milliseconds(250);
constexpr auto longest_backoff = milliseconds(4000);

}  // namespace

DeviceReader::DeviceReader(std::unique_ptr<SampledDevice> device, Recorder& recorder,
                           std::string port, milliseconds longest_gap, const Clock& clock)
    : device_(std::move(device)),
      recorder_(recorder),
      port_(std::move(port)),
      clock_(clock),
      chronicle_(*device_, recorder, port_, longest_gap, clock) {
    status_.device = device_->tag().id;
}

bool DeviceReader::is_open() const {
    const auto* const session = device_->session();
    return session == nullptr || session->is_open();
}

Result<void> DeviceReader::open(const std::stop_token& stop) {
    auto* const session = device_->session();
    return session != nullptr ? session->connect(stop) : Result<void>();
}

void DeviceReader::try_to_open(const std::stop_token& stop) {
    const auto opened = open(stop);
    if (!opened && opened.error().kind != ErrorKind::stopped) {
        if (failures_in_a_row() == 0) {
            failed(opened.error());
        }
        backoff_ = std::clamp<milliseconds>(2 * backoff_, first_backoff, longest_backoff);
    } else {
        backoff_ = milliseconds(0);
    }
    next_try_ = clock_.steady_now() + backoff_;
}

void DeviceReader::close() {
    if (auto* const session = device_->session()) {
        session->close();
    }
}

Result<SteadyTime> DeviceReader::read_cycle(const std::stop_token& stop) {
    const auto read = device_->read_cycle(stop);
    if (!read) {
        if (read.error().kind != ErrorKind::stopped) {
            failed(read.error());
        }
        return pass_on(read);
    }
    backoff_ = milliseconds(0);  // a cycle opens the line itself
    const auto ago = std::max<std::chrono::nanoseconds>(clock_.wall_now() - *read, {});
    const auto moment = clock_.steady_now() - ago;
    if (auto kept = keep(to_timestamp(*read)); !kept) {
        return pass_on(kept);
    }
    return moment;
}

/// Events first: what is not told because the process ends here is found again by the next.
Result<void> DeviceReader::keep(Timestamp wanted) {
    chronicle_.has_read(wanted);
    CycleRecord sample;
    const auto recorded =
        recorder_.record(device_->tag(), wanted, [&](const Origin& origin, Timestamp time) {
            sample = device_->make_sample(origin, time);
            auto known = chronicle_.state();
            std::move(known.begin(), known.end(), std::back_inserter(sample.state));
            return sample;
        });
    if (!recorded) {
        spdlog::error("{}: a sample could not be kept: {}", device_->tag().id,
                      recorded.error().message);
        return pass_on(recorded);
    }
    succeeded(*recorded, sample);
    if (witness_ != nullptr) {
        device_->show_to(*witness_);
    }
    return {};
}

bool DeviceReader::read_fast(const std::stop_token& stop) {
    const auto read = device_->read_fast(stop);
    if (read) {
        chronicle_.has_read(to_timestamp(*read));
    } else if (read.error().kind != ErrorKind::stopped) {
        failed(read.error());
    }
    return read.has_value();
}

Result<void> DeviceReader::read_once(const std::stop_token& stop) {
    chronicle_.go_by_own_pace();
    device_->set_longest_gap(chronicle_.longest_gap());
    if (auto opened = open(stop); !opened) {
        failed(opened.error());
        return opened;
    }
    if (const auto read = device_->read_detail(0, stop); !read) {
        spdlog::debug("{}: {}", device_->tag().id, read.error().message);
    }
    const auto read = read_cycle(stop);
    return read ? Result<void>() : pass_on(read);
}

SamplerStatus DeviceReader::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void DeviceReader::publish_counters(std::uint64_t late) {
    const std::lock_guard lock(mutex_);
    status_.late = late;
    if (const auto* const session = device_->session()) {
        status_.line = session->counters();
    }
}

void DeviceReader::succeeded(Timestamp time, const CycleRecord& sample) {
    const auto& tag = device_->tag();
    if (cycles_++ == 0) {
        spdlog::info("{}{}: {} is open and read", tag.id,
                     tag.model.empty() ? "" : fmt::format(" ({})", tag.model), port_);
    }
    const std::lock_guard lock(mutex_);
    status_.reachable = true;
    status_.model = tag.model;
    status_.last_sample = time;
    status_.last_error.clear();
    status_.last_error_kind.reset();
    status_.last_documents = sample.documents;
    status_.cycles = cycles_;
}

void DeviceReader::failed(const Error& error) {
    chronicle_.has_failed(error);
    if (witness_ != nullptr) {
        witness_->missed(device_->tag());
    }
    const std::lock_guard lock(mutex_);
    status_.reachable = !chronicle_.is_unreachable();
    status_.last_error = error.message;
    status_.last_error_kind = error.kind;
    ++status_.failed;
}

}  // namespace pwlog

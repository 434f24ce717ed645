// SPDX-License-Identifier: MIT
#include "sampling/ups_reader.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/thread.h"
#include "sampling/ups_document.h"

namespace pwlog {

UpsReader::UpsReader(UpsSetup setup, Recorder& recorder, const Clock& clock, Witness saw)
    : setup_(std::move(setup)),
      recorder_(recorder),
      clock_(clock),
      saw_(std::move(saw)),
      grid_(setup_.interval, clock),
      reachability_(setup_.device, setup_.place.text()) {
    status_.device = setup_.device.id;
}

void UpsReader::restore(const std::string& key, const std::string& saved) {
    if (key == alarms_key()) {
        watch_.restore(saved);
    } else {
        reachability_.restore(saved);
    }
}

State UpsReader::state() const {
    return {{reachability_key(), reachability_.save()}, {alarms_key(), watch_.save()}};
}

Result<void> UpsReader::start() {
    auto thread =
        start_thread(setup_.device.id, [this](const std::stop_token& stop) { run(stop); });
    if (!thread) {
        return pass_on(thread);
    }
    thread_ = std::move(*thread);
    return {};
}

void UpsReader::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void UpsReader::run(const std::stop_token& stop) {
    while (clock_.wait_until(grid_.next(), stop)) {
        (void)read_once(stop);  // a failure is logged, counted and an event; the next tick tries
                                // again
        const std::lock_guard lock(mutex_);
        status_.late = grid_.late();
    }
}

Result<void> UpsReader::read_once(const std::stop_token& stop) {
    const auto variables = ask_nut(setup_.place, clock_, stop);
    auto reading = variables ? reading_of(*variables, clock_.wall_now())
                             : Result<UpsReading>(pass_on(variables));
    if (reading) {
        return keep(*reading);
    }
    if (reading.error().kind != ErrorKind::stopped) {
        failed(reading.error());
    }
    return pass_on(reading);
}

Result<void> UpsReader::keep(const UpsReading& reading) {
    const auto time = to_timestamp(reading.time);
    setup_.device.model = reading.model;
    const bool observed = std::exchange(has_tried_, true);
    auto events = reachability_.succeeded(time, observed);
    for (auto& event :
         watch_.update(setup_.device, reading.status, reading.alarm, time, observed)) {
        events.push_back(std::move(event));
    }
    tell(std::move(events), time);
    CycleRecord sample;
    auto recorded =
        recorder_.record(setup_.device, time, [&](const Origin& origin, Timestamp given) {
            sample = {{ups_document(origin, setup_.device, reading, given)}, state()};
            return sample;
        });
    if (!recorded) {
        spdlog::error("{}: a sample could not be kept: {}", setup_.device.id,
                      recorded.error().message);
        return pass_on(recorded);
    }
    if (saw_) {
        saw_(setup_.device, reading);
    }
    const std::lock_guard lock(mutex_);
    status_.reachable = true;
    status_.model = setup_.device.model;
    status_.last_sample = *recorded;
    status_.last_error.clear();
    status_.last_error_kind.reset();
    status_.last_documents = sample.documents;
    ++status_.cycles;
    return {};
}

void UpsReader::failed(const Error& error) {
    const auto now = to_timestamp(clock_.wall_now());
    const bool observed = std::exchange(has_tried_, true);
    auto events = reachability_.failed(error, now);
    if (error.kind == ErrorKind::unavailable) {  // the server's own word
        for (auto& event : watch_.lost(setup_.device, error.message, now, observed)) {
            events.push_back(std::move(event));
        }
    }
    tell(std::move(events), now);
    if (saw_) {
        saw_(setup_.device, std::nullopt);
    }
    const std::lock_guard lock(mutex_);
    status_.reachable = !reachability_.is_unreachable();
    status_.last_error = error.message;
    status_.last_error_kind = error.kind;
    ++status_.failed;
}

void UpsReader::tell(std::vector<Event> events, Timestamp time) {
    if (events.empty()) {
        return;
    }
    for (auto& event : events) {
        event.device = setup_.device;
        log_event(event);
    }
    Happenings happenings{std::move(events), state()};
    if (auto kept = recorder_.record_events(setup_.device, std::move(happenings), time); !kept) {
        spdlog::error("{}: events could not be kept: {}", setup_.device.id, kept.error().message);
    }
}

SamplerStatus UpsReader::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

}  // namespace pwlog

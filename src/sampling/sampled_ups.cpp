// SPDX-License-Identifier: MIT
#include "sampling/sampled_ups.h"

#include "sampling/ups_document.h"

namespace pwlog {

Result<WallTime> SampledUps::read_cycle(const std::stop_token& stop) {
    const auto begun = clock_.steady_now();
    const auto variables = ask_nut(place_, clock_, stop);
    auto reading = variables ? reading_of(*variables, clock_.wall_now())
                             : Result<UpsReading>(pass_on(variables));
    if (!reading) {
        return pass_on(reading);
    }
    reading_ = std::move(*reading);
    reading_->duration = clock_.steady_now() - begun;
    device_.model = reading_->model;
    return reading_->time;
}

CycleRecord SampledUps::make_sample(const Origin& origin, Timestamp time) {
    return {{ups_document(origin, device_, *reading_, time)}, {}};
}

std::vector<Event> SampledUps::what_happened(const Moment& moment, bool observed) {
    return watch_.update(device_, reading_->status, reading_->alarm, moment.time, observed);
}

std::vector<Event> SampledUps::what_failed(const Error& error, Timestamp now) {
    const bool is_servers_word = error.kind == ErrorKind::unavailable;
    return is_servers_word ? watch_.lost(device_, error.message, now) : std::vector<Event>();
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include "sampling/sampler.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "base/thread.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// What a detail may take before a fast reading; one that has to be repeated delays that reading
/// only.
constexpr auto detail_reserve = milliseconds(200);
constexpr auto on_time = milliseconds(100);  // after the tick
constexpr auto details_period = std::chrono::hours(24);
constexpr auto frequent_details_period = std::chrono::minutes(10);
constexpr auto first_backoff = milliseconds(250);
constexpr auto longest_backoff = milliseconds(4000);
/// What changed over a longer time without a reading was not observed.
constexpr int intervals_to_gap = 3;
/// Before the next tick, for another sampler to open the line.
constexpr auto room_to_begin = milliseconds(2000);

std::stop_token stopped_token() {
    std::stop_source source;
    source.request_stop();
    return source.get_token();
}

}  // namespace

Sampler::Sampler(std::unique_ptr<SampledDevice> device, Recorder& recorder,
                 const SamplerOptions& options, const Clock& clock)
    : device_(std::move(device)),
      recorder_(recorder),
      options_(options),
      clock_(clock),
      grid_(options.interval, clock),
      fast_pace_(options.fast_interval, clock),
      chronicle_(*device_, recorder, options.port, intervals_to_gap * options.interval, clock),
      last_turn_(clock.steady_now()) {
    status_.device = device_->tag().id;
}

Result<void> Sampler::start() {
    auto thread =
        start_thread(device_->tag().id, [this](const std::stop_token& stop) { run(stop); });
    if (!thread) {
        return pass_on(thread);
    }
    thread_ = std::move(*thread);
    return {};
}

void Sampler::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Sampler::request_end() {
    const std::lock_guard lock(mutex_);
    is_to_end_ = true;
    waker_.request_stop();
}

bool Sampler::has_ended_within(milliseconds patience) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, patience, [this] { return has_ended_; });
}

void Sampler::sample_now() {
    const std::lock_guard lock(mutex_);
    sample_now_ = true;
    waker_.request_stop();
}

void Sampler::post(JobQueue::Job job, milliseconds takes) {
    const std::lock_guard lock(mutex_);
    if (has_ended_) {
        job(*device_, stopped_token());
        return;
    }
    jobs_.post(std::move(job), takes);
    waker_.request_stop();
}

SamplerStatus Sampler::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void Sampler::run(const std::stop_token& stop) {
    wait_for_clock(stop);
    try_to_connect(stop);
    while (!stop.stop_requested()) {
        const SteadyTime tick = grid_.next();
        live_until(tick, stop);
        if (std::unique_lock lock(mutex_); stop.stop_requested() || may_end(tick)) {
            break;
        }
        serve(tick, stop);
        if (std::unique_lock lock(mutex_); is_to_end_) {
            break;
        }
    }
    end_jobs();
}

/// With room before the next tick; right behind a cycle in any case. With the mutex held.
bool Sampler::may_end(SteadyTime tick) const {
    return is_to_end_ &&
           clock_.steady_now() + std::min<milliseconds>(options_.interval / 4, room_to_begin) <=
               tick;
}

/// Who waits for one learns that it will not be done.
void Sampler::end_jobs() {
    device_->session().close();
    const std::lock_guard lock(mutex_);
    while (const auto job = jobs_.take_any()) {
        (*job)(*device_, stopped_token());
    }
    has_ended_ = true;
    ended_.notify_all();
}

/// The tick, or before it what was asked for.
void Sampler::serve(SteadyTime tick, const std::stop_token& stop) {
    const auto begun = clock_.steady_now();
    if (begun < tick) {
        grid_.give_back();  // a sample was asked for: one more, not instead of the tick's
    }
    {
        const std::lock_guard lock(mutex_);
        sample_now_ = false;
    }
    reading_ = true;
    (void)cycle(stop);  // a failure is logged, counted and an event; the next tick tries again
    reading_ = false;
    cycle_took_ = clock_.steady_now() - begun;
    {
        const std::lock_guard lock(mutex_);
        jobs_.cycle_done(begun > tick + on_time);
    }
    if (cycle_end_) {
        cycle_end_();
    }
}

/// A board without a clock of its own wakes up in the past: better a late first sample than one in
/// 1970. Only soon after its start: where nothing has set the clock by then, nothing will.
void Sampler::wait_for_clock(const std::stop_token& stop) {
    constexpr auto soon_after_start = std::chrono::minutes(5);
    constexpr auto look_again = milliseconds(200);
    const auto give_up = clock_.steady_now() + options_.clock_wait;
    while (sync_of(clock_) == ClockSync::unsynchronised && clock_.uptime() < soon_after_start &&
           clock_.steady_now() < give_up &&
           clock_.wait_until(std::min(give_up, clock_.steady_now() + look_again), stop)) {
        last_turn_ = clock_.steady_now();
    }
}

/// What happens between two cycles: jobs, fast readings, reconnecting, and what seldom changes.
void Sampler::live_until(SteadyTime tick, const std::stop_token& stop) {
    do_jobs(tick, stop);  // also where the cycle before has reached past this tick
    while (!stop.stop_requested() && clock_.steady_now() < tick) {
        last_turn_ = clock_.steady_now();
        do_jobs(tick, stop);
        {
            const std::lock_guard lock(mutex_);
            if (is_sample_due(tick) || may_end(tick)) {
                return;
            }
        }
        const auto fast = next_fast_reading(tick);
        const bool did_something = spend_time(fast, tick, stop);
        if (fast <= clock_.steady_now() && fast < tick) {
            read_fast(stop);
        } else if (!did_something) {
            wait(next_turn(fast, tick), tick, stop);
        }
    }
}

/// When to look again: at the next reading, or before that for another try to connect.
SteadyTime Sampler::next_turn(SteadyTime fast, SteadyTime tick) const {
    const auto connect = std::max(next_connect_, clock_.steady_now());
    const bool may_connect =
        !device_->session().is_open() && connect + options_.interval / 4 <= tick;
    return may_connect ? std::min(fast, connect) : fast;
}

/// When the next reading between two documents is due; the tick itself where there is none before
/// it.
SteadyTime Sampler::next_fast_reading(SteadyTime tick) {
    if (chronicle_.failures_in_a_row() > 0 || status_.cycles == 0) {
        return tick;
    }
    return fast_pace_.next(tick, device_->is_hurried(clock_.steady_now()));
}

/// Uses the time before the next reading for what can wait; true if something was done.
bool Sampler::spend_time(SteadyTime until, SteadyTime tick, const std::stop_token& stop) {
    const auto now = clock_.steady_now();
    const auto reserve = until == tick ? options_.interval / 4 : detail_reserve;
    if (now + options_.interval / 4 > tick || (until > now && now + reserve > until)) {
        return false;  // a query that has to be repeated could reach past it
    }
    if (!device_->session().is_open()) {
        if (now < next_connect_) {
            return false;
        }
        try_to_connect(stop);
        return true;
    }
    begin_details(now);
    if (!next_detail_ || chronicle_.failures_in_a_row() > 0) {
        return false;
    }
    read_next_detail(stop);
    return true;
}

/// All of them after a reconnect and once a day, the first ones more often.
void Sampler::begin_details(SteadyTime now) {
    const auto opens = device_->session().counters().opens;
    if (opens != opens_seen_ || now - details_read_at_ > details_period) {
        opens_seen_ = opens;
        details_read_at_ = frequent_read_at_ = now;
        details_end_ = device_->detail_count();
        next_detail_ = 0;
    } else if (!next_detail_ && device_->frequent_detail_count() > 0 &&
               now - frequent_read_at_ > frequent_details_period) {
        frequent_read_at_ = now;
        details_end_ = device_->frequent_detail_count();
        next_detail_ = 0;
    }
}

void Sampler::do_jobs(SteadyTime tick, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::optional<JobQueue::Job> job;
        {
            const std::lock_guard lock(mutex_);
            job = jobs_.take(clock_.steady_now(), tick);
        }
        if (!job) {
            return;
        }
        (*job)(*device_, stop);
        publish_counters();
    }
}

/// Where it ends before the tick; else the tick's own is what was asked for. With the mutex held.
bool Sampler::is_sample_due(SteadyTime tick) const {
    return sample_now_ && clock_.steady_now() + cycle_took_ <= tick;
}

/// Waits for a job, a wish for a sample, a stop or the time. All but the time end the wait as a
/// stop does, so that it is the clock that waits.
void Sampler::wait(SteadyTime until, SteadyTime tick, const std::stop_token& stop) {
    std::stop_source woken;
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.is_due(clock_.steady_now(), tick) || is_sample_due(tick) || may_end(tick)) {
            return;
        }
        waker_ = woken;
    }
    const std::stop_callback passed_on(stop, [&woken] { woken.request_stop(); });
    (void)clock_.wait_until(until, woken.get_token());
}

void Sampler::try_to_connect(const std::stop_token& stop) {
    auto connected = device_->session().connect(stop);
    if (!connected && connected.error().kind != ErrorKind::stopped) {
        if (chronicle_.failures_in_a_row() == 0) {
            failed(connected.error());
        }
        connect_backoff_ =
            std::clamp<milliseconds>(2 * connect_backoff_, first_backoff, longest_backoff);
    } else {
        connect_backoff_ = milliseconds(0);
    }
    next_connect_ = clock_.steady_now() + connect_backoff_;
    publish_counters();
}

void Sampler::read_next_detail(const std::stop_token& stop) {
    auto read = device_->read_detail(*next_detail_, stop);
    if (!read && read.error().kind != ErrorKind::stopped) {
        spdlog::debug("{}: {}", device_->tag().id, read.error().message);
    }
    next_detail_ =
        *next_detail_ + 1 < details_end_ ? std::optional(*next_detail_ + 1) : std::nullopt;
    publish_counters();
}

Result<void> Sampler::read_once(const std::stop_token& stop) {
    wait_for_clock(stop);
    if (auto connected = device_->session().connect(stop); !connected) {
        failed(connected.error());
        return connected;
    }
    // The first detail is what the documents themselves carry; the rest can wait for a daemon.
    if (auto read = device_->read_detail(0, stop); !read) {
        spdlog::debug("{}: {}", device_->tag().id, read.error().message);
    }
    return cycle(stop);
}

Result<void> Sampler::cycle(const std::stop_token& stop) {
    last_turn_ = clock_.steady_now();
    auto read = device_->read_cycle(stop);
    if (!read) {
        if (read.error().kind != ErrorKind::stopped) {
            failed(read.error());
        }
        publish_counters();
        return pass_on(read);
    }
    // Events first: what is not told because the process ends here is found again by the next.
    chronicle_.has_read(to_timestamp(*read));
    CycleRecord sample;
    auto recorded = recorder_.record(
        device_->tag(), to_timestamp(*read), [&](const Origin& origin, Timestamp time) {
            sample = device_->make_sample(origin, time);
            auto known = chronicle_.state();
            std::move(known.begin(), known.end(), std::back_inserter(sample.state));
            return sample;
        });
    if (recorded) {
        succeeded(*recorded, sample);
        if (witness_ != nullptr) {
            device_->show_to(*witness_);
        }
    } else {
        spdlog::error("{}: a sample could not be kept: {}", device_->tag().id,
                      recorded.error().message);
    }
    publish_counters();
    return recorded ? Result<void>{} : pass_on(recorded);
}

/// A reading from which only events and extremes are kept.
void Sampler::read_fast(const std::stop_token& stop) {
    const auto started = clock_.steady_now();
    last_turn_ = started;
    auto read = device_->read_fast(stop);
    fast_pace_.done(started, read.has_value());
    if (read) {
        chronicle_.has_read(to_timestamp(*read));
    } else if (read.error().kind != ErrorKind::stopped) {
        failed(read.error());
    }
    publish_counters();
}

void Sampler::succeeded(Timestamp time, const CycleRecord& sample) {
    const std::lock_guard lock(mutex_);
    if (status_.cycles == 0) {
        const auto& tag = device_->tag();
        spdlog::info("{}{}: {} is open and read", tag.id,
                     tag.model.empty() ? "" : fmt::format(" ({})", tag.model), options_.port);
    }
    status_.reachable = true;
    status_.model = device_->tag().model;
    status_.last_sample = time;
    status_.last_error.clear();
    status_.last_error_kind.reset();
    status_.last_documents = sample.documents;
    ++status_.cycles;
}

void Sampler::failed(const Error& error) {
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

void Sampler::publish_counters() {
    const std::lock_guard lock(mutex_);
    status_.late = grid_.late();
    status_.line = device_->session().counters();
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include "sampling/sampler.h"

#include <algorithm>

#include "base/thread.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// What a detail may take before a fast reading; one that has to be repeated delays that reading
/// only.
constexpr auto detail_reserve = milliseconds(200);
constexpr auto on_time = milliseconds(100);  // after the tick
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
    : options_(options),
      clock_(clock),
      reader_(std::move(device), recorder, options.port, options.longest_gap(), clock),
      grid_(options.interval, clock),
      fast_pace_(options.fast_interval, clock),
      details_(reader_.device()),
      last_turn_(clock.steady_now()) {}

Result<void> Sampler::start() {
    return start_thread(thread_, device(), [this](const std::stop_token& stop) { run(stop); });
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
        job(reader_.device(), stopped_token());
        return;
    }
    jobs_.post(std::move(job), takes);
    waker_.request_stop();
}

void Sampler::run(const std::stop_token& stop) {
    wait_for_clock(stop);
    reader_.try_to_open(stop);
    reader_.publish_counters(grid_.late());
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
    reader_.close();
    const std::lock_guard lock(mutex_);
    while (const auto job = jobs_.take_any()) {
        (*job)(reader_.device(), stopped_token());
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
    last_turn_ = begun;
    if (witness_ != nullptr) {
        witness_->cycle_begins();
    }
    const auto read_at = reader_.read_cycle(stop);  // where it failed the next tick tries again
    if (read_at && begun >= tick) {
        grid_.read_at(*read_at);
    }
    reader_.publish_counters(grid_.late());
    cycle_took_ = clock_.steady_now() - begun;
    {
        const std::lock_guard lock(mutex_);
        jobs_.cycle_done(begun > tick + on_time);
    }
    if (witness_ != nullptr) {
        witness_->cycle_ended();
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
    const auto connect = std::max(reader_.next_try(), clock_.steady_now());
    const bool may_connect = !reader_.is_open() && connect + options_.interval / 4 <= tick;
    return may_connect ? std::min(fast, connect) : fast;
}

/// When the next reading between two documents is due; the tick itself where there is none before
/// it.
SteadyTime Sampler::next_fast_reading(SteadyTime tick) {
    if (reader_.failures_in_a_row() > 0 || !reader_.has_sampled()) {
        return tick;
    }
    return fast_pace_.next(tick, reader_.device().is_hurried(clock_.steady_now()));
}

/// Uses the time before the next reading for what can wait; true if something was done.
bool Sampler::spend_time(SteadyTime until, SteadyTime tick, const std::stop_token& stop) {
    const auto now = clock_.steady_now();
    const auto reserve = until == tick ? options_.interval / 4 : detail_reserve;
    if (now + options_.interval / 4 > tick || (until > now && now + reserve > until)) {
        return false;  // a query that has to be repeated could reach past it
    }
    if (!reader_.is_open()) {
        if (now < reader_.next_try()) {
            return false;
        }
        reader_.try_to_open(stop);
    } else if (details_.is_due(now) && reader_.failures_in_a_row() == 0) {
        details_.read_next(stop);
    } else {
        return false;
    }
    reader_.publish_counters(grid_.late());
    return true;
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
        (*job)(reader_.device(), stop);
        reader_.publish_counters(grid_.late());
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

void Sampler::read_fast(const std::stop_token& stop) {
    const auto started = clock_.steady_now();
    last_turn_ = started;
    fast_pace_.done(started, reader_.read_fast(stop));
    reader_.publish_counters(grid_.late());
}

Result<void> Sampler::read_once(const std::stop_token& stop) {
    wait_for_clock(stop);
    return reader_.read_once(stop);
}

}  // namespace pwlog

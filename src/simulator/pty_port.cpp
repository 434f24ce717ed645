// SPDX-License-Identifier: MIT
#include "simulator/pty_port.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>

#include "base/timespec.h"
#include "protocol/frame.h"

namespace pwlog::simulator {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::string_view padding("\0\n", 2);  // of hidraw reports, and of eager line ends
constexpr std::size_t longest_request = 256;    // more without a CR is forgotten
const nanoseconds line_byte_time =
    std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(wire_seconds(1)));

/// Waits until one of the descriptors is readable or the time has come; none: no time.
void wait_readable(std::span<pollfd> descriptors, const std::optional<SteadyTime>& until) {
    const auto left = to_timespec(until.value_or(SteadyTime()) - steady_clock::now());
    ppoll(descriptors.data(), descriptors.size(), until ? &left : nullptr, nullptr);
}

pollfd readable(int fd) { return {.fd = fd, .events = POLLIN, .revents = 0}; }

bool is_set(const pollfd& polled) { return polled.revents != 0; }

}  // namespace

PtyPort::PtyPort(Options options, SimulatedDevice& device)
    : options_(std::move(options)),
      device_(device),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      think_(options_.think) {}

Result<std::unique_ptr<PtyPort>> PtyPort::open(const Options& options, SimulatedDevice& device) {
    std::unique_ptr<PtyPort> port(new PtyPort(options, device));
    if (auto plugged = port->plug_in(); !plugged) {
        return pass_on(plugged);
    }
    return port;
}

PtyPort::~PtyPort() {
    if (pty_) {
        std::error_code ignored;
        std::filesystem::remove(options_.link, ignored);
    }
}

void PtyPort::unplug(std::optional<nanoseconds> duration) { give({false, duration}); }

void PtyPort::plug() { give({true, std::nullopt}); }

void PtyPort::set_think(nanoseconds delay) {
    const std::lock_guard lock(mutex_);
    think_ = delay;
}

void PtyPort::give(Order order) {
    {
        const std::lock_guard lock(mutex_);
        orders_.push_back(order);
    }
    eventfd_write(wake_.get(), 1);
}

void PtyPort::obey() {
    eventfd_t count = 0;
    eventfd_read(wake_.get(), &count);
    std::deque<Order> orders;
    {
        const std::lock_guard lock(mutex_);
        orders.swap(orders_);
    }
    for (const auto& order : orders) {
        if (order.plug) {
            try_plug_in();
        } else {
            pull_out(order.duration);
        }
    }
}

Result<void> PtyPort::plug_in() {
    auto pty = PtyMaster::open();
    if (!pty) {
        return pass_on(pty);
    }
    if (auto linked = point_link(options_.link, pty->slave_path()); !linked) {
        return linked;
    }
    if (!pty_) {
        options_.on_event("plugged");
    }
    pty_ = std::move(*pty);
    plug_at_.reset();
    request_.clear();
    heard_until_ = {};
    return {};
}

void PtyPort::try_plug_in() {
    constexpr std::chrono::seconds pause{1};
    if (pty_) {
        return;
    }
    if (auto plugged = plug_in(); !plugged) {
        spdlog::error("{}: {}", options_.name, plugged.error().message);
        plug_at_ = steady_clock::now() + pause;
    }
}

void PtyPort::pull_out(std::optional<nanoseconds> duration) {
    plug_at_.reset();
    if (duration) {
        plug_at_ = steady_clock::now() + *duration;
    }
    if (pty_) {
        std::error_code ignored;
        std::filesystem::remove(options_.link, ignored);
        pty_.reset();
        options_.on_event("unplugged");
    }
}

void PtyPort::run(const std::stop_token& stop) {
    const StopEvent stopped(stop);
    while (!stop.stop_requested()) {
        const auto bytes = pty_ ? pty_->read_available() : std::string();
        if (!bytes.empty()) {
            hear(bytes, stopped);
        } else if (pty_ && pty_->take_hang_up()) {
            see_reader_off();
        } else {
            wait_for_input(stopped);
        }
    }
}

void PtyPort::see_reader_off() {
    request_.clear();
    if (pty_ && !pty_->release()) {
        if (auto renewed = plug_in(); !renewed) {
            spdlog::error("{}: {}", options_.name, renewed.error().message);
        }
    }
}

void PtyPort::wait_for_input(const StopEvent& stopped) {
    std::array<pollfd, 3> waiting{readable(stopped.fd()), readable(wake_.get()),
                                  readable(pty_ ? pty_->events() : -1)};
    wait_readable(waiting, plug_at_);
    if (is_set(waiting[1])) {
        obey();
    }
    if (plug_at_ && *plug_at_ <= steady_clock::now()) {
        try_plug_in();
    }
}

/// False where a stop or a pulled plug ended the wait.
bool PtyPort::wait_until(SteadyTime when, const StopEvent& stopped) {
    while (pty_ && steady_clock::now() < when) {
        std::array<pollfd, 2> waiting{readable(stopped.fd()), readable(wake_.get())};
        wait_readable(waiting, when);
        if (is_set(waiting[0])) {
            return false;
        }
        if (is_set(waiting[1])) {
            obey();
        }
    }
    return pty_.has_value();
}

void PtyPort::hear(std::string_view bytes, const StopEvent& stopped) {
    const auto arrival = steady_clock::now();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char byte = bytes[i];
        more_heard_ = bytes.find_first_not_of(padding, i + 1) != std::string_view::npos;
        if (options_.paced) {
            heard_until_ = std::max(heard_until_, arrival) + line_byte_time;
        }
        if (byte == '\r') {
            const auto command = std::exchange(request_, {});
            if (!wait_until(heard_until_, stopped)) {
                return;
            }
            respond(command, stopped);
            if (!pty_) {
                return;  // the rest of the bytes was for a device that is gone
            }
        } else if (padding.find(byte) == std::string_view::npos) {
            request_ += byte;
            if (request_.size() > longest_request) {
                request_.clear();
            }
        }
    }
}

void PtyPort::respond(const std::string& command, const StopEvent& stopped) {
    nanoseconds think{};
    {
        const std::lock_guard lock(mutex_);
        think = think_;
    }
    if (!wait_until(steady_clock::now() + think, stopped)) {
        return;
    }
    const auto answer = device_.answer(command);
    AnswerRecord record{options_.name, command, answer.meant, "", answer.fault, false, false, {}};
    record.interrupted = !send(answer.transmission, record, stopped);
    record.done = std::chrono::system_clock::now();
    if (answer.transmission.unplug_for && pty_) {
        pull_out(answer.transmission.unplug_for);
    }
    options_.on_answer(record);
}

bool PtyPort::has_more_input() const { return more_heard_ || (pty_ && pty_->has_input()); }

bool PtyPort::send(const Transmission& transmission, AnswerRecord& record,
                   const StopEvent& stopped) {
    auto due = steady_clock::now();
    for (const auto& piece : transmission.pieces) {
        due += piece.pause;
        const auto byte_time =
            piece.byte_time.value_or(options_.paced ? line_byte_time : nanoseconds(0));
        if (byte_time == nanoseconds(0)) {
            if (!wait_until(due, stopped)) {
                return false;
            }
            record.overlapped = has_more_input();
            pty_->write(piece.bytes);
            record.sent += piece.bytes;
            continue;
        }
        for (std::size_t i = 0; i < piece.bytes.size(); ++i) {
            due += byte_time;
            if (!wait_until(due, stopped)) {
                return false;
            }
            // Asked before the last byte, as the reader may go on the moment it has it.
            record.overlapped = i + 1 == piece.bytes.size() && has_more_input();
            pty_->write(piece.bytes.substr(i, 1));
            record.sent += piece.bytes[i];
        }
    }
    return true;
}

}  // namespace pwlog::simulator

// SPDX-License-Identifier: MIT
#include "watch/watch_loop.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <map>

#include "terminal/output.h"
#include "terminal/terminal_text.h"

namespace pwlog {

namespace {

using Key = WatchTerminal::Key;

std::string time_of_day(Timestamp now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm parts{};
    localtime_r(&seconds, &parts);
    return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

/// Only the devices that were asked for.
FeedState wanted(FeedState state, const WatchWishes& wishes) {
    if (!wishes.devices.empty()) {
        std::erase_if(state.status.devices, [&wishes](const DeviceStatus& device) {
            return std::find(wishes.devices.begin(), wishes.devices.end(), device.id) ==
                   wishes.devices.end();
        });
    }
    return state;
}

WatchModel model_of(const FeedState& state, const WatchHistory& history) {
    WatchModel model;
    model.now = to_timestamp(SystemClock().wall_now());
    model.clock = time_of_day(model.now);
    model.origin = state.origin;
    model.trouble = state.trouble;
    if (state.from_daemon) {
        if (state.status.clock == "unsynchronised") {
            model.clock = "clock not synchronised  " + model.clock;
        }
        model.spool = state.status.spool;
        model.shipping = state.status.shipping;
    }
    history.fill(state.status, model);
    return model;
}

struct Woken {
    bool key = false;
    bool news = false;
    bool hung_up = false;
    WatchSignals::Kind signal = WatchSignals::Kind::none;
};

/// Waits for a key, news, a signal, or at most a second, as ages are shown.
Woken wait(const WatchFeed& feed, const WatchSignals& signals, int keyboard) {
    std::array<pollfd, 3> fds{
        {{signals.fd(), POLLIN, 0}, {feed.fd(), POLLIN, 0}, {keyboard, POLLIN, 0}}};
    const auto count = keyboard < 0 ? fds.size() - 1 : fds.size();
    Woken woken;
    if (poll(fds.data(), count, 1000) <= 0) {
        return woken;
    }
    woken.signal = fds[0].revents != 0 ? signals.take() : WatchSignals::Kind::none;
    woken.news = fds[1].revents != 0;
    woken.key = keyboard >= 0 && (fds[2].revents & POLLIN) != 0;
    woken.hung_up = keyboard >= 0 && (fds[2].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
    return woken;
}

/// Where the body begins after a key; lay_out() stops it at the end.
std::size_t scrolled(std::size_t scroll, std::size_t page, Key key) {
    constexpr std::size_t beyond_any_end = 1'000'000;
    switch (key) {
        case Key::up:
            return scroll - std::min<std::size_t>(1, scroll);
        case Key::down:
            return scroll + 1;
        case Key::page_up:
            return scroll - std::min(page, scroll);
        case Key::page_down:
            return scroll + page;
        case Key::first:
            return 0;
        case Key::last:
            return beyond_any_end;
        default:
            return scroll;
    }
}

void replace_by_better(std::unique_ptr<WatchFeed>& feed, const WatchWishes& wishes) {
    if (wishes.look_for_better && !feed->state().from_daemon) {
        if (auto better = wishes.look_for_better()) {
            feed = std::move(better);
        }
    }
}

/// What was printed of each device, and how often.
struct Printed {
    std::optional<Timestamp> sampled;
    std::int64_t failed = 0;
    std::int64_t times = 0;
};

class LinePrinter {
  public:
    explicit LinePrinter(std::optional<std::int64_t> samples) : samples_(samples) {}

    /// False where nobody reads any more.
    bool print_news(const FeedState& state) {
        for (const auto& device : state.status.devices) {
            if (!print_device(device)) {
                return false;
            }
        }
        return true;
    }
    /// Every device has had as many as were asked for.
    bool is_done(const FeedState& state) {
        return samples_ && !state.status.devices.empty() &&
               std::all_of(
                   state.status.devices.begin(), state.status.devices.end(),
                   [&](const DeviceStatus& device) { return done_[device.id].times >= *samples_; });
    }
    bool has_failures() const { return failures_ > 0; }

  private:
    bool print_device(const DeviceStatus& device) {
        auto& done = done_[device.id];
        if (samples_ && done.times >= *samples_) {
            return true;
        }
        const bool is_new = device.last_sample && device.last_sample != done.sampled;
        const bool fails = !device.reachable && device.failed != done.failed;
        done.failed = device.failed;
        if (device.reachable && is_new) {
            done.sampled = device.last_sample;
            ++done.times;
            return print(plain_line(device_view(device)) + "\n");
        }
        if (fails && !device.last_error.empty()) {
            ++done.times;
            ++failures_;
            print_problem(terminal_text(fmt::format("{}: {}", device.id, device.last_error)));
        }
        return true;
    }

    std::optional<std::int64_t> samples_;
    std::map<std::string, Printed> done_;
    std::int64_t failures_ = 0;
};

}  // namespace

WatchSignals::WatchSignals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGPIPE}) {
        sigaddset(&set, signal);
    }
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    fd_ = UniqueFd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

WatchSignals::Kind WatchSignals::take() const {
    Kind kind = Kind::none;
    signalfd_siginfo info{};
    while (read(fd_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
        const bool resize = info.ssi_signo == SIGWINCH;
        kind = resize ? (kind == Kind::none ? Kind::resize : kind) : Kind::stop;
    }
    return kind;
}

ExitCode watch_screen(std::unique_ptr<WatchFeed> feed, const WatchWishes& wishes,
                      const WatchSignals& signals, WatchTerminal& terminal) {
    WatchHistory history;
    std::size_t scroll = 0;
    for (;;) {
        feed->taken();
        const auto state = wanted(feed->state(), wishes);
        history.note(state.status);
        const auto screen = lay_out(model_of(state, history), terminal.canvas(), scroll);
        scroll = screen.scroll;
        terminal.paint(screen);
        const auto woken = wait(*feed, signals, STDIN_FILENO);
        if (woken.signal == WatchSignals::Kind::stop || (woken.hung_up && !woken.key)) {
            return ExitCode::ok;
        }
        if (woken.key) {
            for (Key key = terminal.read_key(); key != Key::none; key = terminal.read_key()) {
                if (key == Key::quit) {
                    return ExitCode::ok;
                }
                scroll = scrolled(scroll, screen.page, key);
            }
        } else {
            replace_by_better(feed, wishes);
        }
    }
}

ExitCode watch_lines(std::unique_ptr<WatchFeed> feed, const WatchWishes& wishes,
                     const WatchSignals& signals) {
    LinePrinter printer(wishes.samples);
    std::string told;
    for (;;) {
        feed->taken();
        const auto state = wanted(feed->state(), wishes);
        if (state.trouble != told) {
            told = state.trouble;
            if (!told.empty()) {
                print_problem(terminal_text(told));
            }
        }
        if (!told.empty() && wishes.samples) {
            return ExitCode::failure;
        }
        if (!printer.print_news(state)) {
            return ExitCode::ok;  // whoever read it has enough
        }
        if (printer.is_done(state)) {
            return printer.has_failures() ? ExitCode::device : ExitCode::ok;
        }
        if (wait(*feed, signals, -1).signal == WatchSignals::Kind::stop) {
            return ExitCode::ok;
        }
        replace_by_better(feed, wishes);
    }
}

}  // namespace pwlog

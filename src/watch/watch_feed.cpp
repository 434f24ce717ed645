// SPDX-License-Identifier: MIT
#include "watch/watch_feed.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include "base/thread.h"
#include "control/control_client.h"

namespace pwlog {

namespace {

class DaemonFeed final : public WatchFeed {
  public:
    DaemonFeed(std::filesystem::path socket, std::chrono::milliseconds period)
        : socket_(std::move(socket)), period_(period) {
        publish([](FeedState& state) {
            state.from_daemon = true;
            state.origin = "daemon";
        });
        if (const auto started =
                start_thread(thread_, "watch", [this](const std::stop_token& stop) { run(stop); });
            !started) {
            publish([&](FeedState& state) { state.trouble = started.error().message; });
        }
    }

  private:
    void run(const std::stop_token& stop) {
        const SystemClock clock;
        std::optional<ControlClient> client;
        do {
            const auto asked = ask(client, stop);
            if (!asked) {
                client.reset();
                publish([&](FeedState& state) {
                    state.trouble = "NO DAEMON: " + asked.error().message;
                });
            }
        } while (clock.wait_until(clock.steady_now() + period_, stop));
    }

    Result<void> ask(std::optional<ControlClient>& client, const std::stop_token& stop) {
        constexpr auto patience = std::chrono::seconds(5);
        if (!client) {
            auto connected = ControlClient::connect(socket_, stop);
            if (!connected) {
                return pass_on(connected);
            }
            client.emplace(std::move(*connected));
        }
        auto status = ask_status(*client, patience);
        if (!status) {
            return pass_on(status);
        }
        publish([&](FeedState& state) {
            state.origin = fmt::format("daemon, process {}", status->pid);
            state.trouble.clear();
            state.status = *std::move(status);
        });
        return {};
    }

    std::filesystem::path socket_;
    std::chrono::milliseconds period_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace

WatchFeed::WatchFeed() : news_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

FeedState WatchFeed::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void WatchFeed::taken() const {
    std::uint64_t count = 0;
    (void)!read(news_.get(), &count, sizeof count);
}

void WatchFeed::tell() const {
    const std::uint64_t one = 1;
    (void)!::write(news_.get(), &one, sizeof one);
}

std::unique_ptr<WatchFeed> watch_daemon(const std::filesystem::path& socket,
                                        std::chrono::milliseconds period) {
    return std::make_unique<DaemonFeed>(socket, period);
}

}  // namespace pwlog

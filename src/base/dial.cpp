// SPDX-License-Identifier: MIT
#include "base/dial.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>

#include "base/stop_event.h"
#include "base/thread.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// As RFC 8305 has it.
constexpr auto head_start = milliseconds(250);

struct Attempt {
    UniqueFd fd;
    const Address* address;
};

/// Connections that are being made.
class Race {
  public:
    Race(const std::vector<Address>& addresses, const Clock& clock) : clock_(clock) {
        for (const auto& address : addresses) {
            waiting_.push_back(&address);
        }
        std::reverse(waiting_.begin(), waiting_.end());
    }

    bool is_over() const { return waiting_.empty() && running_.empty(); }
    tl::unexpected<Error> lost() const {
        return fail(ErrorKind::unavailable, reasons_.empty() ? "no address" : reasons_);
    }
    tl::unexpected<Error> late() {
        for (const auto& attempt : running_) {
            failed(*attempt.address, ETIMEDOUT);
        }
        return fail(ErrorKind::timeout, reasons_);
    }

    void begin_next() {
        next_ = clock_.steady_now() + head_start;
        if (waiting_.empty()) {
            return;
        }
        const Address& address = *waiting_.back();
        waiting_.pop_back();
        UniqueFd fd(socket(address.raw.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const auto* const raw = reinterpret_cast<const sockaddr*>(&address.raw);
        if (!fd || (connect(fd.get(), raw, address.size) != 0 && errno != EINPROGRESS)) {
            failed(address, errno);
        } else {
            running_.push_back({std::move(fd), &address});
        }
    }

    /// Waits for one of them, for the next one's turn, for `end` or a stop.
    Result<std::optional<Dialled>> turn(SteadyTime end, const StopEvent& stopped) {
        const bool begins = running_.empty() || clock_.steady_now() >= next_;
        if (begins && !waiting_.empty()) {
            begin_next();
        }
        std::vector<pollfd> waits{{stopped.fd(), POLLIN, 0}};
        for (const auto& attempt : running_) {
            waits.push_back({attempt.fd.get(), POLLOUT, 0});
        }
        const auto until = waiting_.empty() ? end : std::min(end, next_);
        const auto left = std::chrono::ceil<milliseconds>(until - clock_.steady_now()).count();
        (void)poll(waits.data(), waits.size(),
                   running_.empty() ? 0 : static_cast<int>(std::max<milliseconds::rep>(0, left)));
        if (waits[0].revents != 0) {
            return fail(ErrorKind::stopped, "asked to stop");
        }
        for (std::size_t i = running_.size(); i > 0; --i) {
            if (waits[i].revents != 0) {
                if (auto done = finish(i - 1)) {
                    return done;
                }
            }
        }
        return std::optional<Dialled>();
    }

  private:
    std::optional<Dialled> finish(std::size_t index) {
        Attempt attempt = std::move(running_[index]);
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
        int error = 0;
        socklen_t size = sizeof error;
        if (getsockopt(attempt.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
        if (error != 0) {
            failed(*attempt.address, error);
            return std::nullopt;
        }
        return Dialled{std::move(attempt.fd), *attempt.address};
    }
    void failed(const Address& address, int error) {
        reasons_ += fmt::format("{}{}: {}", reasons_.empty() ? "" : ", ", address.text(),
                                std::generic_category().message(error));
    }

    const Clock& clock_;
    std::vector<const Address*> waiting_;  // the next one last
    std::vector<Attempt> running_;
    SteadyTime next_{};
    std::string reasons_;
};

Result<std::vector<Address>> ask_system(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
        code != 0) {
        return fail(ErrorKind::unavailable, gai_strerror(code));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
    std::vector<Address> addresses;
    for (const auto* at = found; at != nullptr; at = at->ai_next) {
        auto& address = addresses.emplace_back();
        std::copy_n(reinterpret_cast<const char*>(at->ai_addr), at->ai_addrlen,
                    reinterpret_cast<char*>(&address.raw));
        address.size = at->ai_addrlen;
    }
    return addresses;
}

}  // namespace

std::string Address::text() const {
    char text[NI_MAXHOST];
    const int code = getnameinfo(reinterpret_cast<const sockaddr*>(&raw), size, text, sizeof text,
                                 nullptr, 0, NI_NUMERICHOST);
    return code == 0 ? text : "?";
}

Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port,
                                     const std::stop_token& stop) {
    if (auto is_address = ask_system(host, port, AI_NUMERICHOST)) {
        return is_address;
    }
    using Found = Result<std::vector<Address>>;
    const auto found = std::make_shared<Found>();
    if (!run_or_leave(
            "look-up", [=] { *found = ask_system(host, port, 0); }, stop)) {
        return fail(ErrorKind::stopped, "stopped while its name was looked up");
    }
    return std::move(*found);
}

Result<Dialled> dial(const std::vector<Address>& addresses, const Clock& clock, SteadyTime end,
                     const std::stop_token& stop) {
    const StopEvent stopped(stop);
    Race race(addresses, clock);
    while (!race.is_over()) {
        auto turn = race.turn(end, stopped);
        if (!turn) {
            return pass_on(turn);
        }
        if (*turn) {
            return std::move(**turn);
        }
        if (clock.steady_now() >= end) {
            return race.late();
        }
    }
    return race.lost();
}

}  // namespace pwlog

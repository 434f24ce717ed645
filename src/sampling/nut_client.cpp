// SPDX-License-Identifier: MIT
#include "sampling/nut_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "base/stop_event.h"
#include "base/unique_fd.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// A UPS has some hundred variables of some ten bytes.
constexpr std::size_t most_bytes = 256 * 1024;

/// One talk with a server: what it waits with, and until when.
class Talk {
  public:
    Talk(const NutPlace& place, const Clock& clock, const std::stop_token& stop)
        : place_(place), clock_(clock), stopped_(stop), end_(clock.steady_now() + place.patience) {}

    Result<UniqueFd> connect(const Resolver& resolver, const std::stop_token& stop);
    Result<void> send_all(int fd, std::string_view text);
    Result<std::string> receive_list(int fd);

  private:
    Result<void> wait_for(int fd, short events);
    tl::unexpected<Error> failed(std::string_view tried, int error) const {
        return fail(ErrorKind::gone, fmt::format("{}: {}: {}", place_.text(), tried,
                                                 std::generic_category().message(error)));
    }

    const NutPlace& place_;
    const Clock& clock_;
    const StopEvent stopped_;
    const SteadyTime end_;
};

Result<void> Talk::wait_for(int fd, short events) {
    std::array<pollfd, 2> waits{{{fd, events, 0}, {stopped_.fd(), POLLIN, 0}}};
    const auto left = std::chrono::ceil<milliseconds>(end_ - clock_.steady_now());
    const int ready = poll(waits.data(), waits.size(), std::max(0, static_cast<int>(left.count())));
    if (waits[1].revents != 0) {
        return fail(ErrorKind::stopped, "asked to stop");
    }
    if (ready < 0 && errno != EINTR) {
        return failed("waiting", errno);
    }
    if (ready <= 0 && clock_.steady_now() >= end_) {
        return fail(ErrorKind::timeout, fmt::format("{}: no complete answer within {} ms",
                                                    place_.text(), place_.patience.count()));
    }
    return {};
}

Result<UniqueFd> Talk::connect(const Resolver& resolver, const std::stop_token& stop) {
    const auto addresses = resolver(place_.host, place_.port, stop);
    if (!addresses) {
        const auto& error = addresses.error();
        return fail(error.kind == ErrorKind::unavailable ? ErrorKind::gone : error.kind,
                    fmt::format("{}: {}", place_.text(), error.message));
    }
    auto dialled = dial(*addresses, clock_, end_, stop);
    if (!dialled) {
        const auto& error = dialled.error();
        return fail(error.kind == ErrorKind::unavailable ? ErrorKind::gone : error.kind,
                    fmt::format("{}: connecting: {}", place_.text(), error.message));
    }
    return std::move(dialled->fd);
}

Result<void> Talk::send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            text.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno != EAGAIN && errno != EINTR) {
            return failed("asking", errno);
        } else if (auto ready = wait_for(fd, POLLOUT); !ready) {
            return ready;
        }
    }
    return {};
}

Result<std::string> Talk::receive_list(int fd) {
    std::string text;
    std::array<char, 4'096> piece{};
    while (!is_whole_list(text, place_.ups)) {
        if (auto ready = wait_for(fd, POLLIN); !ready) {
            return pass_on(ready);
        }
        const ssize_t count = recv(fd, piece.data(), piece.size(), 0);
        if (count == 0) {
            return fail(ErrorKind::gone, place_.text() + ": closed before its answer's end");
        }
        if (count < 0 && errno != EAGAIN && errno != EINTR) {
            return failed("reading", errno);
        }
        text.append(piece.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
        if (text.size() > most_bytes) {
            return fail(ErrorKind::garbled, place_.text() + ": sends more than any UPS has to say");
        }
    }
    return text;
}

}  // namespace

std::string NutPlace::text() const { return fmt::format("{}@{}:{}", ups, host, port); }

Result<NutVariables> ask_nut(const NutPlace& place, const Clock& clock, const std::stop_token& stop,
                             const Resolver& resolver) {
    Talk talk(place, clock, stop);
    const auto fd = talk.connect(resolver, stop);
    if (!fd) {
        return pass_on(fd);
    }
    if (auto asked = talk.send_all(fd->get(), list_question(place.ups)); !asked) {
        return pass_on(asked);
    }
    const auto text = talk.receive_list(fd->get());
    if (!text) {
        return pass_on(text);
    }
    (void)talk.send_all(fd->get(), "LOGOUT\n");
    auto variables = decode_list(*text, place.ups);
    if (!variables) {
        return fail(variables.error().kind,
                    fmt::format("{}: {}", place.text(), variables.error().message));
    }
    return variables;
}

}  // namespace pwlog

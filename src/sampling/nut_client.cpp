// SPDX-License-Identifier: MIT
#include "sampling/nut_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

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
    Talk(const NutPlace& place, const Clock& clock, const std::stop_token& stop, SteadyTime end)
        : place_(place), clock_(clock), stopped_(stop), end_(end) {}

    Result<NutVariables> ask(int fd);

  private:
    Result<void> send_all(int fd, std::string_view text);
    Result<std::string> receive_list(int fd);
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

Result<NutVariables> Talk::ask(int fd) {
    if (auto asked = send_all(fd, list_question(place_.ups)); !asked) {
        return pass_on(asked);
    }
    const auto text = receive_list(fd);
    if (!text) {
        return pass_on(text);
    }
    (void)send_all(fd, "LOGOUT\n");
    auto variables = decode_list(*text, place_.ups);
    if (!variables) {
        return fail(variables.error().kind,
                    fmt::format("{}: {}", place_.text(), variables.error().message));
    }
    return variables;
}

tl::unexpected<Error> nowhere(const NutPlace& place, const char* tried, const Error& error) {
    return fail(error.kind == ErrorKind::unavailable ? ErrorKind::gone : error.kind,
                fmt::format("{}: {}{}", place.text(), tried, error.message));
}

}  // namespace

std::string NutPlace::text() const { return fmt::format("{}@{}:{}", ups, host, port); }

Result<NutVariables> ask_nut(const NutPlace& place, const Clock& clock, const std::stop_token& stop,
                             const Resolver& resolver) {
    const auto end = clock.steady_now() + place.patience;
    auto addresses = resolver(place.host, place.port, stop);
    if (!addresses) {
        return nowhere(place, "", addresses.error());
    }
    while (true) {
        const auto dialled = dial(*addresses, clock, end, stop);
        if (!dialled) {
            return nowhere(place, "connecting: ", dialled.error());
        }
        // One that takes the connection and says nothing leaves time for the others.
        const auto now = clock.steady_now();
        const auto share = (end - now) / static_cast<std::ptrdiff_t>(addresses->size());
        auto variables = Talk(place, clock, stop, now + share).ask(dialled->fd.get());
        const bool is_dumb = !variables && (variables.error().kind == ErrorKind::gone ||
                                            variables.error().kind == ErrorKind::timeout);
        if (!is_dumb || addresses->size() == 1) {
            return variables;
        }
        std::erase_if(*addresses, [used = dialled->address.text()](const Address& address) {
            return address.text() == used;
        });
        if (addresses->empty()) {
            return variables;
        }
    }
}

}  // namespace pwlog

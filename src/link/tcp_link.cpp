// SPDX-License-Identifier: MIT
#include "link/tcp_link.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "link/fd_link.h"
#include "link/port_holder.h"

namespace pwlog {
namespace {

constexpr std::string_view scheme = "tcp://";
constexpr auto patience = std::chrono::seconds(3);  // for all addresses together

tl::unexpected<Error> malformed(const std::string& name) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: expected tcp://HOST:PORT, an IPv6 address in brackets, such as "
                            "tcp://192.0.2.7:2001",
                            name));
}

/// 0 where it is none.
std::uint16_t port_number(std::string_view text) {
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? number : std::uint16_t{0};
}

/// "192.0.2.7 port 2001".
std::string text_of(const Address& address, const TcpPlace& place) {
    return fmt::format("{} port {}", address.text(), place.port);
}

pid_t owner_of(const sockaddr_un& lock, socklen_t size) {
    const UniqueFd caller(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ucred peer{};
    socklen_t length = sizeof peer;
    const bool known = connect(caller.get(), reinterpret_cast<const sockaddr*>(&lock), size) == 0 &&
                       getsockopt(caller.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0;
    return known ? peer.pid : 0;
}

/// The name of the lock starts with a NUL: no file, nothing to clear away, no rights to get wrong.
Result<UniqueFd> lock(const std::string& name, const std::string& address) {
    const std::string text = "pwlog " + address;
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    text.copy(&place.sun_path[1], sizeof place.sun_path - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    UniqueFd held(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (held && bind(held.get(), reinterpret_cast<const sockaddr*>(&place), size) == 0 &&
        listen(held.get(), SOMAXCONN) == 0) {  // who calls learns by whom it is held
        return held;
    }
    if (errno != EADDRINUSE) {
        return fail(ErrorKind::io, fmt::format("{}: locking {}: {}", name, address,
                                               std::system_category().message(errno)));
    }
    return fail(ErrorKind::busy,
                fmt::format("{} ({}): in use by {}; only one program can use a port", name, address,
                            described_process(owner_of(place, size))));
}

/// A line is silent for hours without anything being wrong; a peer that has lost its power never
/// says so. The kernel finds out within half a minute.
void keep_alive(int fd) {
    const auto set = [fd](int level, int option, int value) {
        (void)setsockopt(fd, level, option, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 15'000);  // what was sent and is not acknowledged
    set(IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace

bool is_tcp_name(std::string_view name) { return name.starts_with(scheme); }

Result<TcpPlace> parse_tcp_name(const std::string& name) {
    std::string_view rest = name;
    rest.remove_prefix(std::min(rest.size(), scheme.size()));
    const auto colon = rest.rfind(':');
    if (!is_tcp_name(name) || colon == std::string_view::npos) {
        return malformed(name);
    }
    auto host = rest.substr(0, colon);
    const auto port = port_number(rest.substr(colon + 1));
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    if (host.empty() || host.find_first_of(bracketed ? "/@[] " : "/@[]: ") != host.npos ||
        port == 0) {
        return malformed(name);
    }
    TcpPlace place{std::string(host), port};
    for (char& letter : place.host) {
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return place;
}

std::string TcpPlace::name() const {
    const bool brackets = host.find(':') != std::string::npos;
    return fmt::format("{}{}{}{}:{}", scheme, brackets ? "[" : "", host, brackets ? "]" : "", port);
}

Result<std::unique_ptr<Link>> open_tcp_link(const std::string& name, const std::stop_token& stop,
                                            const Resolver& resolver) {
    const auto place = parse_tcp_name(name);
    if (!place) {
        return pass_on(place);
    }
    const auto addresses = resolver(place->host, place->port, stop);
    if (!addresses) {
        return fail(addresses.error().kind == ErrorKind::stopped ? ErrorKind::stopped
                                                                 : ErrorKind::not_found,
                    fmt::format("{}: {}: {}; is the name right?", name, place->host,
                                addresses.error().message));
    }
    const SystemClock clock;
    const auto give_up = clock.steady_now() + patience;
    Error error{ErrorKind::not_found, name + ": has no address"};
    for (auto left = addresses->size(); left > 0; --left) {
        const auto& address = (*addresses)[addresses->size() - left];
        auto locked = lock(name, text_of(address, *place));
        if (!locked) {
            return pass_on(locked);
        }
        const auto now = clock.steady_now();
        auto dialled = dial({address}, clock, now + (give_up - now) / static_cast<int>(left), stop);
        if (dialled) {
            keep_alive(dialled->fd.get());
            return std::make_unique<FdLink>(std::move(dialled->fd), name, std::move(*locked));
        }
        if (dialled.error().kind == ErrorKind::stopped) {
            return fail(ErrorKind::stopped, name + ": stopped while connecting");
        }
        error = {ErrorKind::not_found,
                 fmt::format("{}: {}; is the serial server on, and is this its port?", name,
                             dialled.error().message)};
    }
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace pwlog

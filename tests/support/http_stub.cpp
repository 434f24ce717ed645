// SPDX-License-Identifier: MIT
#include "support/http_stub.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <list>
#include <stdexcept>

#include "base/stop_event.h"

namespace pwlog::test {

namespace {

UniqueFd listen_on_loopback() {
    UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(fd.get(), 64) != 0) {
        throw std::runtime_error("HttpStub cannot listen on the loopback address");
    }
    return fd;
}

std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin_port);
}

/// Makes close() send RST instead of FIN.
void arm_reset(int fd) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::size_t content_length(const StubRequest& request) {
    const auto found = request.headers.find("content-length");
    std::size_t length = 0;
    if (found != request.headers.end()) {
        const auto& text = found->second;
        std::from_chars(text.data(), text.data() + text.size(), length);
    }
    return length;
}

StubRequest parse_head(const std::string& head) {
    StubRequest request;
    const auto first_end = head.find("\r\n");
    const auto method_end = head.find(' ');
    const auto target_end = head.find(' ', method_end + 1);
    request.method = head.substr(0, method_end);
    request.target = head.substr(method_end + 1, target_end - method_end - 1);
    for (auto at = first_end + 2; at < head.size();) {
        const auto end = std::min(head.find("\r\n", at), head.size());
        const auto colon = head.find(':', at);
        const auto value = std::min(head.find_first_not_of(' ', colon + 1), end);
        request.headers[lower(head.substr(at, colon - at))] = head.substr(value, end - value);
        at = end + 2;
    }
    return request;
}

std::string on_the_wire(const StubReply& reply, bool with_body) {
    std::string text = fmt::format("HTTP/1.1 {} X\r\n", reply.status);
    for (const auto& header : reply.headers) {
        text += header + "\r\n";
    }
    switch (reply.framing) {
        case StubReply::Framing::content_length:
            text += fmt::format("Content-Length: {}\r\n\r\n", reply.body.size());
            return with_body ? text + reply.body : text;
        case StubReply::Framing::chunked: {
            text += "Transfer-Encoding: chunked\r\n\r\n";
            const auto half = reply.body.size() / 2;
            for (const auto& part : {reply.body.substr(0, half), reply.body.substr(half)}) {
                text += part.empty() ? "" : fmt::format("{:x}\r\n{}\r\n", part.size(), part);
            }
            return text + "0\r\n\r\n";
        }
        case StubReply::Framing::until_close:
            return text + "Connection: close\r\n\r\n" + reply.body;
    }
    return text;
}

bool pause(const std::stop_token& stop, std::chrono::milliseconds time) {
    const StopEvent event(stop);
    pollfd waiting{event.fd(), POLLIN, 0};
    return poll(&waiting, 1, static_cast<int>(time.count())) == 0;
}

/// False once the peer is gone or the stub stops.
bool send_bytes(int fd, const std::string& text, const StubReply& reply,
                const std::stop_token& stop) {
    const std::size_t end = std::min(reply.cut_after.value_or(text.size()), text.size());
    const std::size_t step = reply.byte_pause.count() > 0 ? 1 : end;
    for (std::size_t at = 0; at < end;) {
        const ssize_t sent = send(fd, text.data() + at, std::min(step, end - at), MSG_NOSIGNAL);
        if (sent <= 0 || (step == 1 && !pause(stop, reply.byte_pause))) {
            return false;
        }
        at += static_cast<std::size_t>(sent);
    }
    return true;
}

}  // namespace

struct HttpStub::Connection {
    UniqueFd fd;
    std::size_t number = 0;
    std::string buffer{};
    bool holding = false;
};

HttpStub::HttpStub(Handler handler)
    : handler_(std::move(handler)),
      listener_(listen_on_loopback()),
      port_(port_of(listener_.get())),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

HttpStub::~HttpStub() = default;

void HttpStub::serve(const std::stop_token& stop) {
    const StopEvent stopped(stop);
    std::list<Connection> connections;
    std::size_t accepted = 0;
    while (!stop.stop_requested()) {
        std::vector<pollfd> waiting{{stopped.fd(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
        for (const auto& connection : connections) {
            waiting.push_back({connection.fd.get(), POLLIN, 0});
        }
        poll(waiting.data(), waiting.size(), -1);
        std::size_t position = 2;
        for (auto at = connections.begin(); at != connections.end(); ++position) {
            const bool ready = waiting[position].revents != 0;
            at = ready && !read_some(*at, stop) ? connections.erase(at) : std::next(at);
        }
        if (waiting[1].revents != 0) {
            UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            connections.push_back(Connection{.fd = std::move(fd), .number = accepted++});
        }
    }
}

/// False if the connection is to be closed.
bool HttpStub::read_some(Connection& connection, const std::stop_token& stop) {
    std::array<char, 65536> bytes{};
    const ssize_t count = recv(connection.fd.get(), bytes.data(), bytes.size(), 0);
    if (count <= 0) {
        return false;
    }
    connection.buffer.append(bytes.data(), static_cast<std::size_t>(count));
    {
        const std::lock_guard lock(mutex_);
        if (reset_after_ && connection.buffer.size() >= *reset_after_) {
            reset_after_.reset();
            arm_reset(connection.fd.get());
            return false;
        }
    }
    return connection.holding || answer_whole_requests(connection, stop);
}

bool HttpStub::answer_whole_requests(Connection& connection, const std::stop_token& stop) {
    for (;;) {
        const auto head_end = connection.buffer.find("\r\n\r\n");
        if (head_end == std::string::npos) {
            return true;
        }
        StubRequest request = parse_head(connection.buffer.substr(0, head_end));
        const std::size_t length = content_length(request);
        if (connection.buffer.size() < head_end + 4 + length) {
            return true;
        }
        request.connection = connection.number;
        request.body = connection.buffer.substr(head_end + 4, length);
        connection.buffer.erase(0, head_end + 4 + length);
        if (const auto coding = request.headers.find("content-encoding");
            coding != request.headers.end() && coding->second == "gzip") {
            request.body = gunzip(request.body);
        }
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
        }
        changed_.notify_all();
        const StubReply reply = handler_(request);
        const std::string text = on_the_wire(reply, request.method != "HEAD");
        if (!send_bytes(connection.fd.get(), text, reply, stop)) {
            return false;
        }
        connection.holding = reply.end == StubReply::End::hold;
        if (reply.end == StubReply::End::reset) {
            arm_reset(connection.fd.get());
        }
        if (reply.end == StubReply::End::close || reply.end == StubReply::End::reset ||
            (reply.end == StubReply::End::keep &&
             (reply.cut_after || reply.framing == StubReply::Framing::until_close))) {
            return false;
        }
    }
}

std::vector<StubRequest> HttpStub::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

bool HttpStub::wait_for_requests(std::size_t count, std::chrono::seconds deadline) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return requests_.size() >= count; });
}

void HttpStub::reset_next_request_after(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    reset_after_ = bytes;
}

std::string gunzip(const std::string& packed) {
    z_stream stream{};
    inflateInit2(&stream, MAX_WBITS + 16);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string plain;
    std::array<char, 65536> part{};
    int outcome = Z_OK;
    while (outcome == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(part.data());
        stream.avail_out = static_cast<uInt>(part.size());
        outcome = inflate(&stream, Z_NO_FLUSH);
        plain.append(part.data(), part.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (outcome != Z_STREAM_END) {
        throw std::runtime_error("not a whole gzip member");
    }
    return plain;
}

}  // namespace pwlog::test

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace pwlog::test {

/// What a client sent; `body` is already gunzipped. Header names in lower case.
struct StubRequest {
    std::string method{};
    std::string target{};
    std::map<std::string, std::string> headers{};
    std::string body{};
    std::size_t connection = 0;  ///< counted from 0; the same number: the same connection
};

/// What the stub answers, and how badly.
struct StubReply {
    enum class Framing { content_length, chunked, until_close };
    enum class End {
        keep,   ///< leave the connection open for the next request (not after until_close)
        close,  ///< an orderly end
        reset,  ///< RST
        hold,   ///< open, but silent for ever
    };

    int status = 200;
    std::string body{};
    std::vector<std::string> headers = {"Content-Type: application/json",
                                        "X-Elastic-Product: Elasticsearch"};
    Framing framing = Framing::content_length;
    End end = End::keep;
    std::optional<std::size_t> cut_after{};  ///< send only so many bytes of the whole answer
    std::chrono::milliseconds byte_pause{};  ///< between two bytes; 0: all at once
};

/// A web server of one thread on a free port of the loopback address that answers what the test
/// says.
class HttpStub {
  public:
    using Handler = std::function<StubReply(const StubRequest&)>;

    /// `handler` runs on the stub's thread.
    explicit HttpStub(Handler handler);
    ~HttpStub();
    HttpStub(const HttpStub&) = delete;
    HttpStub& operator=(const HttpStub&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::vector<StubRequest> requests() const;
    /// False if fewer than `count` requests came within the deadline.
    bool wait_for_requests(std::size_t count,
                           std::chrono::seconds deadline = std::chrono::seconds(20)) const;
    /// The connection that is read next is reset once so many bytes of it have come.
    void reset_next_request_after(std::size_t bytes);

  private:
    struct Connection;
    void serve(const std::stop_token& stop);
    bool read_some(Connection& connection, const std::stop_token& stop);
    bool answer_whole_requests(Connection& connection, const std::stop_token& stop);

    Handler handler_;
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<StubRequest> requests_;
    std::optional<std::size_t> reset_after_;
    std::jthread thread_;  // last: it uses everything above
};

/// The gzip member in `packed` unpacked; throws if it is none.
std::string gunzip(const std::string& packed);

}  // namespace pwlog::test

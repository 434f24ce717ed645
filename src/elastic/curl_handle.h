// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pwlog {

/// libcurl's handles behind a typed face: curl_easy_setopt is variadic and takes anything, so it is
/// called here and nowhere else. `option` is a CURLOPT_… number; the first option that fails makes
/// run() fail. One thread at a time.
class CurlHandle {
  public:
    static Result<CurlHandle> open();
    CurlHandle(CurlHandle&&) noexcept;
    CurlHandle& operator=(CurlHandle&&) noexcept;
    ~CurlHandle();

    /// Forgets all options and the last answer, keeps the open connections. A body longer than
    /// `longest_body` (decompressed) ends the next run() with an error.
    void reset(std::size_t longest_body);
    /// `named_in`: where people wrote the host's name; empty: unknown.
    void address(const std::string& url, const std::string& named_in);
    void number(int option, long value);
    void size(int option, std::size_t value);
    /// Copied by libcurl, but for CURLOPT_POSTFIELDS, which has to live until run() returns;
    /// nullptr sets the option back to "none".
    void text(int option, const char* value);
    void add_header(const std::string& line);
    /// Of TLS: see trust_only(). Not copied.
    void trust_only(const std::string& fingerprint);
    /// The body becomes a form with one file; `bytes` are copied.
    void form_file(const std::string& name, std::string_view bytes, const std::string& type);

    /// Sends and receives. Fails with curl's text and code; with `stopped`, at once, when `stop` is
    /// requested.
    Result<void> run(const std::stop_token& stop);

    /// The answer of the last run() that succeeded.
    long status() const;
    std::string header(const char* name) const;
    std::optional<std::chrono::seconds> retry_after() const;
    std::string take_body();
    /// libcurl itself sent the request more than once.
    bool sent_twice() const;

  private:
    struct Impl;
    explicit CurlHandle(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace pwlog

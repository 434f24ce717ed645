// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace pwlog::test {

/// Whether Debian's `openssl` command is there.
bool have_openssl();

/// Runs `openssl` to its end with these arguments; throws if it fails.
void openssl(const std::vector<std::string>& arguments);

/// `openssl s_server` on a free loopback port, answering each GET with 200, until destroyed.
class TlsServer {
  public:
    explicit TlsServer(const std::vector<std::string>& arguments);
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    std::uint16_t port() const { return port_; }

  private:
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace pwlog::test

// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace pwlog {

struct BrokerOptions;

/// TLS to a broker that is known by its name and connected to at an address. libmosquitto knows of
/// one of the two only, so the name that is asked for, and that the certificate has to bear, is our
/// own matter.
class BrokerTls {
  public:
    /// `invalid`: one of the files cannot be used.
    static Result<std::unique_ptr<BrokerTls>> make(const BrokerOptions& options);
    ~BrokerTls();
    BrokerTls(const BrokerTls&) = delete;
    BrokerTls& operator=(const BrokerTls&) = delete;

    ssl_ctx_st* context() const { return context_; }
    /// Why the broker's certificate was not taken; empty where it was, or none has come.
    const std::string& refusal() const { return refusal_; }

  private:
    struct Callbacks;
    explicit BrokerTls(std::string host);

    std::string host_;
    bool is_address_;
    ssl_ctx_st* context_;
    std::string refusal_;
};

}  // namespace pwlog

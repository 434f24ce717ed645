// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "mqtt/outbox.h"

namespace pwlog {

struct PublisherStatus {
    bool connected = false;
    std::uint64_t published = 0;
    std::uint64_t reconnects = 0;  ///< connections after the first
    std::uint64_t received = 0;
    std::uint64_t refused = 0;  ///< messages that the broker would not take
    OutboxCounters outbox;
    /// Why there is no connection, or none that holds, or what the broker does not take.
    std::string last_error;
};

/// What became of the connections and the messages, for those who ask. Thread-safe.
class BrokerRecord {
  public:
    /// `is_trusted`: those before it held, so whatever was wrong is over.
    void connected(bool is_trusted);
    void holds();
    void lost(const std::string& reason);
    void ended();

    void received();
    void published();
    /// `open`: all that the broker does not take now, as a text.
    void refused(const std::string& open);
    void settled(const std::string& open);

    /// All but the outbox's counters.
    PublisherStatus status() const;

  private:
    mutable std::mutex mutex_;  // what follows
    bool was_connected_ = false;
    PublisherStatus status_;
    std::string complaint_;
};

}  // namespace pwlog

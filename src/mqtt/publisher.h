// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "elastic/backoff.h"
#include "mqtt/broker_addresses.h"
#include "mqtt/broker_record.h"
#include "mqtt/complaints.h"
#include "mqtt/early_losses.h"
#include "mqtt/outbox.h"
#include "mqtt/publisher_options.h"

namespace pwlog {

/// The MQTT thread: one conversation with the broker after the other. Whatever the broker does,
/// only this thread waits for it.
class Publisher {
  public:
    using Options = PublisherOptions;

    Publisher(Options options, Outbox& outbox, const Clock& clock);
    ~Publisher();

    /// Error: no thread can be made.
    Result<void> start();
    /// Sends what waits, says goodbye and ends the thread, within `patience` where there is a
    /// connection, at once where there is none.
    void stop(std::chrono::milliseconds patience);

    PublisherStatus status() const;

  private:
    void run(const std::stop_token& stop);
    /// From connecting to the connection's end.
    Result<void> serve(const std::stop_token& stop);
    Result<BrokerOptions> broker_now(const std::stop_token& stop);
    void was_lost(const Error& error);

    Options options_;
    Outbox& outbox_;
    const Clock& clock_;
    Backoff backoff_;
    Connection::Protocol protocol_;
    BrokerAddresses addresses_;
    EarlyLosses early_losses_;
    Complaints complaints_;
    BrokerRecord record_;
    std::string told_;          // the last loss that was logged
    bool looked_back_ = false;  // first_subscriptions have had their time
    std::stop_source give_up_;  // ends the goodbye
    std::mutex mutex_;          // what follows
    std::condition_variable ended_;
    bool has_ended_ = false;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pwlog

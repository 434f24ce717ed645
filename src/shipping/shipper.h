// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "elastic/backoff.h"
#include "elastic/bulk_sender.h"
#include "shipping/first_attempts.h"
#include "shipping/passed_over.h"
#include "shipping/shipper_bell.h"
#include "shipping/shipping_journal.h"
#include "spool/spool.h"

namespace pwlog {

/// How drain() ended.
struct DrainResult {
    NextStep last = NextStep::go_on;  ///< go_on: nothing is pending any more, but what is held
    bool held = false;                ///< documents are kept for indices that take none
    std::string problem{};            ///< also where all is shipped but what is held
    std::size_t rejected = 0;         ///< documents that were put aside on the way
    bool templates_missing = false;
};

/// How long the shipper waits for what.
struct ShipperTimes {
    std::chrono::milliseconds pause =
        std::chrono::seconds(60);  ///< before the next try, where a person has to act
    /// With nothing to ship the thread sleeps until it is woken; this only bounds a lost wake-up.
    std::chrono::milliseconds idle = std::chrono::minutes(5);
    /// What is committed at the same moment goes into one request.
    std::chrono::milliseconds gathering{300};
    /// Devices that are read at the same moment answer one after the other: so long at most the
    /// first waits for the last.
    std::chrono::milliseconds longest_gathering{5000};
    /// What a power cut takes of the spool at most.
    std::chrono::milliseconds losable = std::chrono::seconds(90);
    Backoff::Options backoff{};
};

/// The bulk-indexer thread: takes batches from the spool, has their fate proved, and settles them.
/// One request in flight; nothing leaves the spool without proof. An index that takes no documents
/// holds up its own only.
class Shipper {
  public:
    Shipper(Spool& spool, BulkSender sender, BatchLimits limits, const Clock& clock,
            ShipperTimes times = {});
    ~Shipper();

    /// Error: no thread can be made.
    Result<void> start();
    /// Something was committed; from any thread.
    void wake();
    /// A device's cycle has ended; from any thread.
    void nudge();
    /// Whether documents of the cycle that is going on are still to come, asked under a lock;
    /// before start().
    void set_gathering(std::function<bool()> more_to_come) {
        more_to_come_ = std::move(more_to_come);
    }
    /// A person mended something, or put rejects back: everything is tried from the oldest on, at
    /// once; from any thread.
    void look_again();
    /// From the next request on documents go out by this one; what is pending is tried at once.
    /// From any thread.
    void replace_sender(BulkSender sender, BatchLimits limits);
    /// Ends the thread within `patience`. So long the request in flight may still be answered, and
    /// what is pending be sent if the server is known to be good; what is not proved by then stays
    /// in the spool.
    void stop(std::chrono::milliseconds patience);

    /// Ships what is pending on the caller's thread, for `once`: until nothing is left, or until
    /// `deadline`. A server in trouble is tried a few times. Not together with start().
    DrainResult drain(SteadyTime deadline, const std::stop_token& stop);

    ShipperStatus status() const { return journal_.status(); }

  private:
    void run(const std::stop_token& stop);
    void ship_the_last();
    /// Sends the next batch and settles it. `more`: documents wait behind it.
    SendReport ship_batch(bool& more, const std::stop_token& stop,
                          std::optional<std::chrono::milliseconds> timeout);
    SendReport send(const Batch& batch, bool& released, const std::stop_token& stop,
                    std::optional<std::chrono::milliseconds> timeout);
    /// Tries one document of each index that is due.
    void probe_holds(const std::stop_token& stop);
    void settle(const Batch& batch, const SendReport& report);
    void note(const SendReport& report, SteadyTime began);
    void keep_cluster();
    std::chrono::milliseconds wait_after(const SendReport& report);
    std::chrono::milliseconds idle_time() const;
    void take_orders();
    void gather(const std::stop_token& stop);
    void sleep(std::chrono::milliseconds time, bool wake_for_news, const std::stop_token& stop);

    Spool& spool_;
    BulkSender sender_;
    BatchLimits limits_;
    const Clock& clock_;
    ShipperTimes times_;
    Backoff backoff_;
    ShippingJournal journal_;
    PassedOver passed_;
    FirstAttempts first_attempts_;
    std::string cluster_;  // as the spool remembers it
    std::function<bool()> more_to_come_ = [] { return false; };
    std::stop_source abort_;  // ends a request in flight; the thread's own stop its waiting only
    ShipperBell bell_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pwlog

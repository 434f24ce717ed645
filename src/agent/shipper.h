#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "elastic/backoff.h"
#include "elastic/bulk_sender.h"
#include "spool/spool.h"

namespace pwlog {

/// What the shipper is doing, for `status`.
struct ShipperStatus {
    enum class State {
        idle,  ///< nothing waits
        shipping,
        retrying,  ///< the server is in trouble; tried again after a back-off
        paused,    ///< a person has to act; tried again each minute
    };
    State state = State::idle;
    std::string host;
    std::string server;      ///< "Elasticsearch 8.19.21", empty while not known
    std::string last_error;  ///< of the trouble that lasts; empty when all is well
    std::optional<Timestamp> last_success;
    std::optional<SteadyTime> next_try;
    std::optional<std::chrono::milliseconds> latency;  ///< of the last request that succeeded
    std::uint64_t requests = 0;
};

std::string_view to_text(ShipperStatus::State state);

/// How drain() ended.
struct DrainResult {
    NextStep last = NextStep::go_on;  ///< go_on: nothing is pending any more
    std::string problem;
};

/// The bulk-indexer thread: takes batches from the spool, has their fate proved, and settles them.
/// One request in flight; nothing leaves the spool without proof.
class Shipper {
  public:
    Shipper(Spool& spool, BulkSender sender, BatchLimits limits, const Clock& clock);
    ~Shipper();

    void start();
    /// Something was committed; from any thread.
    void wake();
    /// Ends the thread. What is pending is tried once more if the server is known to be good,
    /// within `patience`.
    void stop(std::chrono::milliseconds patience);

    /// Ships what is pending on the caller's thread, for `once`: until nothing is left, the server
    /// is in trouble, or `deadline`. Not together with start().
    DrainResult drain(SteadyTime deadline, const std::stop_token& stop);

    ShipperStatus status() const;

  private:
    void run(const std::stop_token& stop);
    /// Sends the next batch behind `after` and settles it.
    SendReport ship_batch(DocumentRef& after, bool& more, const std::stop_token& stop,
                          std::optional<std::chrono::milliseconds> timeout);
    void settle(const Batch& batch, const SendReport& report);
    std::chrono::milliseconds wait_after(const SendReport& report);
    void note(const SendReport& report, std::chrono::milliseconds took);
    void sleep(std::chrono::milliseconds time, bool wake_for_news, const std::stop_token& stop);

    Spool& spool_;
    BulkSender sender_;
    BatchLimits limits_;
    const Clock& clock_;
    Backoff backoff_;
    mutable std::mutex mutex_;  // what follows
    std::condition_variable_any news_;
    bool has_news_ = true;
    ShipperStatus status_;
    SteadyTime last_complaint_{};
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pwlog

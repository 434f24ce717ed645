#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "elastic/bulk_sender.h"

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
    std::optional<std::chrono::milliseconds> latency;  ///< of the last batch that was taken whole
    std::uint64_t requests = 0;
    // Documents since the start of this process; the spool's books go over all its life.
    std::uint64_t stored = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
    std::uint64_t in_failure_store = 0;
};

std::string_view to_text(ShipperStatus::State state);

/// Keeps the shipper's status, and says in the log what changed: one line for each change, none for
/// what goes on as it was. Thread-safe.
class ShippingJournal {
  public:
    explicit ShippingJournal(const Clock& clock) : clock_(clock) {}

    /// A batch, or the lack of one, came to this end.
    void note(const SendReport& report, std::chrono::milliseconds took, const BulkSender& sender);
    /// The thread sleeps until then.
    void note_wait(SteadyTime until);
    ShipperStatus status() const;

  private:
    void note_trouble(const SendReport& report);
    void note_success(const SendReport& report, std::chrono::milliseconds took);
    void count(const SendReport& report);

    const Clock& clock_;
    mutable std::mutex mutex_;  // all below
    ShipperStatus status_;
    std::string told_host_;
    std::set<std::string, std::less<>> told_troubles_;  // since the last success
    std::set<std::string, std::less<>> told_refusals_;
    bool told_failure_store_ = false;
    SteadyTime trouble_since_{};
};

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "elastic/bulk_sender.h"

namespace pwlog {

/// The type of a reject that another logger had stored one in place of.
inline constexpr std::string_view conflict_type = "device_id_conflict";

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
    std::map<std::string, Hold, std::less<>> holds;  ///< what takes no documents now
    struct Conflicts {
        std::uint64_t documents = 0;
        Timestamp last;
    };
    std::map<std::string, Conflicts> conflicts;  ///< by device.id: others write documents of it
    std::string cluster;                         ///< its cluster_uuid
};

std::string_view to_text(ShipperStatus::State state);

/// Lets the first few of what comes again and again through, and counts the rest.
class FlapLimit {
  public:
    /// Whether this begin, and the end that belongs to it, may be told.
    bool admit(SteadyTime now);
    /// How many were not told, once a quiet while or enough time has passed; then 0 again.
    std::size_t take_untold(SteadyTime now);

  private:
    SteadyTime window_{};
    std::size_t told_ = 0;
    std::size_t untold_ = 0;
};

/// Keeps the shipper's status, and says in the log what changed: one line for each change, none for
/// what goes on as it was, and a count where it changes all the time. Thread-safe.
class ShippingJournal {
  public:
    explicit ShippingJournal(const Clock& clock) : clock_(clock) {}

    /// A batch, or the lack of one, came to this end.
    void note(const SendReport& report, std::chrono::milliseconds took, const BulkSender& sender,
              std::map<std::string, Hold, std::less<>> holds);
    /// Another logger wrote a document of this device.id.
    void note_conflict(const std::string& device, Timestamp now);
    /// The thread sleeps until then.
    void note_wait(SteadyTime until);
    ShipperStatus status() const;

  private:
    void note_trouble(const SendReport& report);
    void note_success(std::chrono::milliseconds took);
    void note_holds(std::map<std::string, Hold, std::less<>> holds);
    void count(const SendReport& report);

    const Clock& clock_;
    mutable std::mutex mutex_;  // all below
    ShipperStatus status_;
    std::string told_host_;
    std::set<std::string, std::less<>> told_servers_;
    std::set<std::string, std::less<>> told_troubles_;  // since the last success
    std::set<std::string, std::less<>> told_refusals_;
    bool told_failure_store_ = false;
    SteadyTime trouble_since_{};
    bool trouble_told_ = false;
    FlapLimit flaps_;
    std::string last_flap_;
    std::set<std::string, std::less<>> told_holds_;
    std::optional<SteadyTime> last_taken_;
    std::map<std::string, SteadyTime, std::less<>> held_since_;
};

}  // namespace pwlog

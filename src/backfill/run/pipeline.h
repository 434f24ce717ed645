// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "backfill/map/time_bounds.h"
#include "backfill/run/identity_book.h"
#include "backfill/run/run_ledger.h"
#include "backfill/run/stretch_sender.h"
#include "backfill/sources/record_source.h"

namespace pwlog {

/// What is sent, and how fast.
struct PipelineOptions {
    std::size_t concurrency = 2;  ///< requests in flight
    BulkLimits limits{};
    std::optional<double> rate{};  ///< documents a second; none: as fast as it goes
    bool strict = false;           ///< the first bad line or refused document ends the run
    bool keep_going = false;       ///< even where none of the first thousand is stored
    std::optional<Timestamp> since{};
    std::optional<Timestamp> until{};  ///< exclusive
    std::string device{};              ///< empty: all
    TimeBounds bounds{};               ///< what is outside is refused
};

/// Whether it passes the filters.
bool is_asked_for(const PipelineOptions& options, const DocumentFacts& facts);

/// Empty, or why a document that is asked for must not be sent: its time is none, or one of the
/// same identity (`id`) that says something else came before it.
std::string why_refused(const PipelineOptions& options, IdentityBook* identities,
                        const DocumentFacts& facts, std::string_view id, std::string_view json);

/// Asked for each document that passed the filters: whether it is lacking.
using Lacking = std::function<Result<bool>(const DocumentFacts&)>;

/// How a run is doing.
struct Snapshot {
    Tally tally;
    SourceProgress source;
};

/// Reads a source to its end on the caller's thread, sends what it has by `concurrency` others, and
/// books it. The end of the run is one of
/// - success: all is decided,
/// - an Error: why it could not go on (`stopped` when asked to). The ledger was saved: the next run
///   goes on from there.
class Pipeline {
  public:
    Pipeline(PipelineOptions options, SendOptions send, const Clock& clock)
        : options_(std::move(options)), send_(std::move(send)), clock_(clock) {}

    /// Called about twice a second while the run goes on, on the caller's thread.
    std::function<void(const Snapshot&)> on_progress;
    /// Called with each bad line when it is read, on the caller's thread.
    std::function<void(const RejectedLine&)> on_bad_line;
    /// Called with what goes wrong and is tried again, on any thread.
    std::function<void(const std::string&)> on_trouble;
    Lacking lacking;
    /// Of the whole run, or none.
    IdentityBook* identities = nullptr;

    Result<void> run(RecordSource& source, RunLedger& ledger, const std::stop_token& stop);

  private:
    struct Run;
    BulkLimits limits() const;

    PipelineOptions options_;
    SendOptions send_;
    const Clock& clock_;
};

}  // namespace pwlog

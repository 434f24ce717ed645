// SPDX-License-Identifier: MIT
#include "backfill/run/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "backfill/run/document_target.h"
#include "backfill/run/stretch_queue.h"
#include "base/thread.h"

namespace pwlog {
namespace {

constexpr auto progress_every = std::chrono::milliseconds(500);
// A stretch that is mostly skipped, or mostly bad, is booked too, so that memory stays bounded and
// the resume state moves on.
constexpr std::uint64_t longest_stretch = 50'000;
constexpr std::size_t most_kept_bytes = std::size_t{512} * 1024;
constexpr std::uint64_t hopeless_after = 1'000;

}  // namespace

/// One run: the reader is the caller, the senders are threads, stretches go round between them.
struct Pipeline::Run {
    const Pipeline& pipeline;
    RecordSource& source;
    RunLedger& ledger;
    std::stop_source abort{};
    DocumentTarget target;

    StretchQueue queue;
    std::mutex failure_mutex{};
    std::optional<Error> failure{};

    SteadyTime progress_at{};
    SteadyTime started{};
    std::uint64_t sent = 0;
    std::uint64_t next_number = 0;
    std::size_t kept_bytes = 0;

    const PipelineOptions& options() const { return pipeline.options_; }
    const Clock& clock() const { return pipeline.clock_; }

    void fail_with(const Error& error) {
        {
            const std::lock_guard lock(failure_mutex);
            if (!failure) {
                failure = error;
            }
        }
        abort.request_stop();
    }

    // ---- senders ----

    void send_all() {
        auto sender = StretchSender::open(pipeline.send_, clock(), [this](const std::string& what) {
            if (pipeline.on_trouble) {
                pipeline.on_trouble(what);
            }
        });
        if (!sender) {
            fail_with(sender.error());
            return;
        }
        while (auto stretch = queue.take_ready(abort.get_token())) {
            auto decided = !stretch->items().empty() ? sender->send(*stretch, abort.get_token())
                                                     : Result<void>{};
            if (decided) {
                decided = check_refused(*stretch);
            }
            if (decided) {
                decided = ledger.book(*stretch);
            }
            if (!decided) {
                fail_with(decided.error());
                return;
            }
            queue.give_back(std::move(stretch));
        }
    }

    Result<void> check_refused(const Stretch& stretch) {
        if (stretch.rejects.empty()) {
            return {};
        }
        const auto& reject = stretch.rejects.back();
        if (options().strict) {
            return fail(ErrorKind::invalid,
                        fmt::format("line {}: {} (--strict)", reject.line, reject.reason));
        }
        const auto tally = ledger.tally();
        if (!options().keep_going &&
            tally.stored + tally.duplicate + stretch.tally.stored + stretch.tally.duplicate == 0 &&
            tally.rejected + stretch.tally.rejected >= hopeless_after &&
            stretch.tally.rejected == stretch.tally.read) {
            return fail(
                ErrorKind::invalid,
                fmt::format("not one of the first {} documents was stored (--keep-going goes on "
                            "all the same); the last one: {}",
                            tally.rejected + stretch.tally.rejected, reject.reason));
        }
        return {};
    }

    // ---- the reader ----

    Result<void> read_all() {
        auto stretch = take_idle();
        SourceRecord record;
        while (stretch) {
            const auto more = source.next(record);
            if (!more) {
                return pass_on(more);
            }
            if (!*more) {
                hand_over(std::move(stretch));
                return wait_for_senders();
            }
            stretch->tally.read += 1;
            auto taken = record.kind == SourceRecord::Kind::bad ? take_bad(*stretch, record)
                                                                : take_document(*stretch, record);
            if (!taken) {
                return taken;
            }
            if (is_long(*stretch)) {
                hand_over(std::move(stretch));
                stretch = take_idle();
            }
        }
        return stopped();
    }

    bool is_long(const Stretch& stretch) const {
        return stretch.full() || stretch.tally.read >= longest_stretch ||
               kept_bytes >= most_kept_bytes;
    }

    Result<void> take_bad(Stretch& stretch, SourceRecord& record) {
        stretch.tally.rejected += 1;
        RejectedLine reject{record.line, std::move(record.reason), std::string(record.text),
                            record.source};
        kept_bytes += reject.text.size() + reject.reason.size();
        if (pipeline.on_bad_line) {
            pipeline.on_bad_line(reject);
        }
        stretch.rejects.push_back(std::move(reject));
        if (options().strict) {
            return fail(ErrorKind::invalid,
                        fmt::format("line {}: {} (--strict)", stretch.rejects.back().line,
                                    stretch.rejects.back().reason));
        }
        return {};
    }

    Result<bool> wanted(const DocumentFacts& facts) const {
        if (!is_asked_for(options(), facts)) {
            return false;
        }
        return pipeline.lacking ? pipeline.lacking(facts) : Result<bool>(true);
    }

    Result<void> take_document(Stretch& stretch, SourceRecord& record) {
        const auto& facts = *record.facts;
        const auto send_it = wanted(facts);
        if (!send_it) {
            return pass_on(send_it);
        }
        if (!*send_it) {
            stretch.tally.skipped += 1;
            return {};
        }
        const auto index = target.index(facts);
        const auto id = target.id(facts, record.id);
        record.reason = why_refused(options(), pipeline.identities, facts, id, record.text);
        if (!record.reason.empty()) {
            return take_bad(stretch, record);
        }
        stretch.add(index, id, record);
        return {};
    }

    // Waits for a stretch to fill; none when the run is to end.
    std::unique_ptr<Stretch> take_idle() {
        while (!abort.stop_requested()) {
            report_progress();
            if (auto stretch = queue.take_idle(abort.get_token(), progress_every)) {
                return stretch;
            }
        }
        return nullptr;
    }

    void hand_over(std::unique_ptr<Stretch> stretch) {
        pace(stretch->items().size());
        kept_bytes = 0;
        stretch->end = source.position();
        stretch->number = next_number++;
        queue.hand_over(std::move(stretch));
    }

    void pace(std::size_t documents) {
        if (options().rate) {
            const std::chrono::duration<double> due(static_cast<double>(sent) / *options().rate);
            clock().wait_until(started + std::chrono::duration_cast<SteadyTime::duration>(due),
                               abort.get_token());
        }
        sent += documents;
    }

    Result<void> wait_for_senders() {
        while (!queue.wait_until_drained(abort.get_token(), progress_every)) {
            if (abort.stop_requested()) {
                return stopped();
            }
            report_progress();
        }
        return {};
    }

    void report_progress() {
        const auto now = clock().steady_now();
        if (pipeline.on_progress && now - progress_at >= progress_every) {
            progress_at = now;
            pipeline.on_progress({ledger.tally(), source.progress()});
        }
    }

    static Result<void> stopped() { return fail(ErrorKind::stopped, "asked to stop"); }
};

BulkLimits Pipeline::limits() const {
    BulkLimits limits = options_.limits;
    if (options_.rate) {  // two requests a second, not one burst every minute
        const auto half_a_second = static_cast<std::size_t>(std::max(1.0, *options_.rate / 2));
        limits.documents = std::min(limits.documents, half_a_second);
    }
    return limits;
}

Result<void> Pipeline::run(RecordSource& source, RunLedger& ledger, const std::stop_token& stop) {
    Run run{*this, source,           ledger,
            {},    DocumentTarget(), StretchQueue(options_.concurrency + 1, limits())};
    run.started = run.progress_at = clock_.steady_now();
    const std::stop_callback pass_stop_on(stop, [&run] { run.abort.request_stop(); });
    Result<void> outcome;
    {
        std::vector<std::jthread> senders;
        for (std::size_t i = 0; i < options_.concurrency && outcome; ++i) {
            auto sender =
                start_thread("sender", [&run](const std::stop_token&) { run.send_all(); });
            if (sender) {
                senders.push_back(std::move(*sender));
            } else if (senders.empty()) {  // with fewer it only takes longer
                outcome = pass_on(sender);
            }
        }
        outcome = outcome ? run.read_all() : outcome;
        if (!outcome) {
            run.fail_with(outcome.error());
        }
    }
    if (run.failure) {
        outcome = fail(run.failure->kind, run.failure->message);
    }
    if (auto saved = ledger.save(); !saved && outcome) {
        return saved;
    }
    return outcome;
}

}  // namespace pwlog

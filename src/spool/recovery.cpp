#include "spool/recovery.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "spool/page_carver.h"
#include "spool/raw_file.h"
#include "spool/schema.h"
#include "spool/wal_file.h"

namespace pwlog {

namespace {

/// Checking takes its time on a large spool and a slow card, and a start must not: what is not
/// reached is found when it is read, and treated the same then.
constexpr std::chrono::milliseconds check_budget{400};

using Opened = Result<std::unique_ptr<SpoolFile>>;

/// Puts what a carver finds into a spool.
class Rescue {
  public:
    Rescue(SpoolFile& into, const std::optional<Ledger>& known)
        : into_(into), known_(known), books_(known) {}

    Finds finds() {
        return {[this](std::int64_t seq, const Entry& entry) { return take(seq, entry); },
                [this](RememberedValue value) { keep_newest(std::move(value)); },
                [this](const Ledger& books) { note(books); }};
    }
    void note(const std::optional<Ledger>& books) {
        const bool never_held = known_ && books && books->commits > known_->commits;
        if (books && !never_held && (!books_ || books->commits > books_->commits)) {
            books_ = books;
        }
    }
    const std::optional<Ledger>& books() const { return books_; }
    /// The reason why not all that was found could be kept.
    const std::optional<Error>& error() const { return error_; }

    Result<void> finish(std::int64_t damaged) {
        for (const auto& [name, value] : remembered_) {
            auto kept = into_.store().write(Sync::relaxed, [&, &item = value](Ledger&) {
                return into_.entries().remember(item.name, item.value, item.seq);
            });
            if (!kept) {
                return kept;
            }
        }
        return into_.count_losses(books_.value_or(Ledger{}), damaged);
    }

  private:
    bool take(std::int64_t seq, const Entry& entry) {
        if (auto kept = into_.salvage(seq, entry); !kept) {
            error_ = kept.error();
        }
        return !error_;
    }
    void keep_newest(RememberedValue value) {
        auto& known = remembered_[value.name];
        if (value.seq >= known.seq) {
            known = std::move(value);
        }
    }

    SpoolFile& into_;
    const std::optional<Ledger> known_;
    std::optional<Ledger> books_;
    std::map<std::string, RememberedValue> remembered_;
    std::optional<Error> error_;
};

/// The books on the file's own page, which may be older than the log's.
std::optional<Ledger> books_in_file(const RawFile& file) {
    return PageCarver::ledger_on(file.read(std::uint64_t{ledger_page - 1} * page_size, page_size));
}

std::optional<Ledger> books_in_log(const WalFile& log) {
    const auto page = log.newest(ledger_page);
    return page ? PageCarver::ledger_on(*page) : std::nullopt;
}

/// Fills the new file from the damaged one and the log beside it.
Result<void> salvage_all(const SpoolDirectory& directory, const std::optional<Ledger>& known,
                         SpoolFile& into) {
    const auto log = WalFile::open(log_of(directory.database()));
    const auto file = RawFile::open(directory.database());
    if (!log) {
        return pass_on(log);
    }
    Rescue rescue(into, known);
    rescue.note(books_in_log(*log));
    if (file) {
        rescue.note(books_in_file(*file));
    }
    if (rescue.books()) {
        if (auto continued = into.continue_books(*rescue.books()); !continued) {
            return continued;
        }
    }
    PageCarver carver(file ? &*file : nullptr, *log);
    carver.search_log(false, rescue.finds());
    carver.search_database(rescue.finds());
    if (rescue.error()) {
        spdlog::error("not all of the damaged spool could be rescued: {}", rescue.error()->message);
    }
    return rescue.finish(carver.damaged());
}

/// The spool is whole up to a point, but its log once went further: adds what is still readable of
/// that.
Result<void> salvage_rest(const WalFile& log, const std::optional<Ledger>& known, SpoolFile& into) {
    const Ledger before = into.store().ledger();
    if (known && before.commits >= known->commits) {
        return {};
    }
    Rescue rescue(into, known);
    // Without the file: a row of a lost frame has its other pages in lost frames too.
    PageCarver carver(nullptr, log);
    carver.search_log(true, rescue.finds());
    auto done = rescue.finish(0);
    const Ledger& after = into.store().ledger();
    spdlog::warn(
        "the spool's log was torn, as by a power cut: {} documents rescued from it, {} lost",
        after.salvaged - before.salvaged, after.dropped - before.dropped);
    return done;
}

/// A log with a hole ends at the hole; where the file had already been brought beyond that point,
/// its newer pages and the log's older ones do not fit together, though each is whole.
bool log_would_turn_back(const SpoolDirectory& directory, const WalFile& log) {
    const auto file = RawFile::open(directory.database());
    const auto in_file = file ? books_in_file(*file) : std::nullopt;
    const auto in_log = books_in_log(log);
    return in_file && in_log && in_log->commits < in_file->commits;
}

/// A spool that is as it should be.
Opened open_whole(const SpoolDirectory& directory, const SpoolFileOptions& options) {
    auto file = SpoolFile::open(directory.database(), options);
    if (!file) {
        return file;
    }
    if (auto checked = (*file)->store().database().check(check_budget); !checked) {
        return pass_on(checked);
    }
    (*file)->store().database().set_checkpoint_on_close(true);
    return file;
}

/// Made under another name, so that a spool that is there is a whole one.
Result<void> make_fresh(const SpoolDirectory& directory, const SpoolFileOptions& options,
                        WallTime now, const std::function<Result<void>(SpoolFile&)>& fill) {
    {
        auto fresh = SpoolFile::open(directory.fresh(), options);
        if (!fresh) {
            return pass_on(fresh);
        }
        if (auto filled = fill(**fresh); !filled) {
            return filled;
        }
        (*fresh)->store().database().set_checkpoint_on_close(true);
    }  // closed: its log is now in the file
    return directory.replace(now);
}

/// Why the file is not even to be shown to SQLite; none where it may be.
std::optional<std::string> reason_to_refuse(const SpoolDirectory& directory, HeaderVerdict header,
                                            const WalFile& log) {
    if (header == HeaderVerdict::damaged) {
        return "its first page is not one of ours";
    }
    // SQLite deletes a log that has lost its file.
    if (header == HeaderVerdict::absent) {
        return "the file is not there, but its log is, or was in use";
    }
    if (log_would_turn_back(directory, log)) {
        return "its log is damaged and older than the file";
    }
    return std::nullopt;
}

}  // namespace

Opened recover(const SpoolDirectory& directory, const SpoolFileOptions& options, WallTime now,
               const std::optional<Ledger>& known, const std::string& why) {
    spdlog::error("the spool is damaged and is made anew from what can be read of it: {}", why);
    directory.drop_ballast();
    auto made = make_fresh(directory, options, now, [&](SpoolFile& fresh) {
        auto salvaged = salvage_all(directory, known, fresh);
        const Ledger& ledger = fresh.store().ledger();
        spdlog::warn("{} documents of the damaged spool rescued; {} dropped in all",
                     ledger.pending(), ledger.dropped);
        return salvaged;
    });
    return made ? open_whole(directory, options) : Opened(pass_on(made));
}

Opened open_or_recover(const SpoolDirectory& directory, const SpoolFileOptions& options,
                       WallTime now, const std::optional<Ledger>& known) {
    if (auto finished = directory.finish_replacing(now); !finished) {
        return pass_on(finished);
    }
    const auto header = judge_header(directory.database());
    const auto log = WalFile::open(log_of(directory.database()));
    if (!header || !log) {
        return header ? Opened(pass_on(log)) : Opened(pass_on(header));
    }
    if (*header == HeaderVerdict::newer) {
        return fail(ErrorKind::invalid,
                    fmt::format("{} was made by a newer pwlog: use that one, or another folder",
                                directory.database().string()));
    }
    if (*header == HeaderVerdict::absent && log->frames().empty() && !known) {
        auto made = make_fresh(directory, options, now, [](SpoolFile&) { return Result<void>{}; });
        return made ? open_whole(directory, options) : Opened(pass_on(made));
    }
    if (const auto why = reason_to_refuse(directory, *header, *log)) {
        return recover(directory, options, now, known, *why);
    }
    if (log->is_damaged()) {
        directory.keep_copy_of_log(now);
    }
    auto opened = open_whole(directory, options);
    if (!opened) {
        return opened.error().kind == ErrorKind::corrupt
                   ? recover(directory, options, now, known, opened.error().message)
                   : std::move(opened);
    }
    if (log->is_damaged()) {
        if (auto rescued = salvage_rest(*log, known, **opened); !rescued) {
            spdlog::error("what the spool's log had more could not be rescued: {}",
                          rescued.error().message);
        }
    }
    return opened;
}

}  // namespace pwlog

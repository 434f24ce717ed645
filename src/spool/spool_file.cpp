// SPDX-License-Identifier: MIT
#include "spool/spool_file.h"

#include <algorithm>

#include "spool/schema.h"
#include "spool/spool_directory.h"

namespace pwlog {

namespace {

/// A flush moves the log into the file from this many frames on: half a mebibyte.
constexpr int checkpoint_frames = 512;
/// A log that no flush comes to move is moved by whoever commits: it stays below a mebibyte.
constexpr int most_frames = 900;
/// Entries between two looks for what is too old, and how many of those go at most: deleting them
/// one by one would change pages with every sample.
constexpr std::int64_t prune_every = 32;
constexpr int prune_most = 128;
constexpr const char* age_key = "spool/age";

}  // namespace

SpoolFile::SpoolFile(std::unique_ptr<Database> database, const SpoolFileOptions& options)
    : database_(std::move(database)),
      max_pages_(static_cast<std::int64_t>(options.cap.pending_bytes / page_size)),
      archive_pages_(static_cast<std::int64_t>(options.cap.archive_bytes / page_size)),
      entries_(*database_),
      pruner_(*this),
      rejects_(*this, options.max_rejects),
      delivery_(*this),
      age_(options.keep) {}

Result<std::unique_ptr<SpoolFile>> SpoolFile::open(const std::filesystem::path& file,
                                                   const SpoolFileOptions& options) {
    const bool in_memory = file.empty();
    if (auto prepared = in_memory ? Result<void>{} : SpoolDirectory::prepare_file(file);
        !prepared) {
        return pass_on(prepared);
    }
    auto database = in_memory ? Database::open_memory() : Database::open(file);
    if (!database) {
        return pass_on(database);
    }
    std::unique_ptr<SpoolFile> opened(new SpoolFile(std::move(*database), options));
    opened->folder_ = file.parent_path();
    opened->names_flushed_ = in_memory;
    if (auto loaded = opened->load_or_create(); !loaded) {
        return pass_on(loaded);
    }
    return opened;
}

Result<void> SpoolFile::load_or_create() {
    // SQLite takes the file's size where that is more.
    if (auto set = configure(*database_, static_cast<std::uint32_t>(max_pages_)); !set) {
        return set;
    }
    const auto tables = database_->number("SELECT count(*) FROM sqlite_schema");
    if (!tables) {
        return pass_on(tables);
    }
    if (*tables == 0) {
        if (auto created = create_schema(*database_, Ledger{}); !created) {
            return created;
        }
    }
    const auto ledger = load_ledger(*database_);
    if (!ledger) {
        return pass_on(ledger);
    }
    ledger_ = *ledger;
    if (auto verified = verify_schema(*database_, ledger_); !verified) {
        return verified;
    }
    const auto pages = database_->number("PRAGMA page_count");
    const auto age = entries_.remembered(age_key);
    if (!pages || !age) {
        return pages ? pass_on(age) : pass_on(pages);
    }
    max_pages_ = std::max(max_pages_, pages->value_or(0));
    age_.restore(age->value_or(""));
    return {};
}

Result<void> SpoolFile::move_log() {
    auto moved = database_->checkpoint();
    log_distrusted_ = !moved;
    return moved;
}

Result<void> SpoolFile::make_ready(Sync sync) {
    const bool is_long = database_->wal_frames() >= most_frames;
    if (is_long || (sync == Sync::full && log_distrusted_)) {
        if (auto moved = move_log(); !moved) {
            return moved;
        }
    }
    if (sync == Sync::full && !names_flushed_) {
        if (auto flushed = SpoolDirectory::flush_names(folder_); !flushed) {
            return flushed;
        }
        names_flushed_ = true;
    }
    if (sync == sync_) {
        return {};  // each PRAGMA is compiled anew, which takes longer than a small write
    }
    auto set = sync == Sync::full ? database_->run("PRAGMA synchronous=FULL")
                                  : database_->run("PRAGMA synchronous=NORMAL");
    sync_ = set ? sync : sync_;
    return set;
}

Result<Change> SpoolFile::begin(Sync sync) {
    auto begun = make_ready(sync);
    begun = begun ? database_->run("BEGIN IMMEDIATE") : begun;
    log_distrusted_ = log_distrusted_ || !begun;
    return begun ? Result<Change>(Change(*this, sync)) : pass_on(begun);
}

Change::Change(SpoolFile& file, Sync sync) : ledger(file.ledger_), file_(&file), sync_(sync) {
    ++ledger.commits;
}

Result<void> Change::commit() {
    auto done = save_ledger(file_->database(), ledger);
    done = done ? file_->database().run("COMMIT") : done;
    if (done) {
        file_->ledger_ = ledger;
        file_->unflushed_ = sync_ == Sync::relaxed;
        file_ = nullptr;
    }
    return done;
}

Change::~Change() {
    if (file_ != nullptr) {
        file_->log_distrusted_ = true;
        file_->database().roll_back();
    }
}

Result<std::vector<std::int64_t>> SpoolFile::append(const std::vector<WaitingEntry>& entries,
                                                    Sync sync, WallTime now,
                                                    std::chrono::milliseconds uptime,
                                                    Sacrifice most) {
    auto change = begin(sync);
    if (!change) {
        return pass_on(change);
    }
    std::vector<std::int64_t> numbers;
    for (const auto& waiting : entries) {
        const auto seq = add(waiting, most, change->ledger);
        if (!seq) {
            return pass_on(seq);
        }
        numbers.push_back(*seq);
        std::uint64_t in_flight = 0;
        auto done =
            delivery_.settle_entry(waiting.fates.settlements(*seq), now, change->ledger, in_flight);
        age_.note(uptime, change->ledger.next_seq);
        if (done && *seq % prune_every == 0) {
            done = prune(change->ledger);
        }
        if (!done) {
            return pass_on(done);
        }
    }
    const auto written = change->commit();
    return written ? Result<std::vector<std::int64_t>>(std::move(numbers)) : pass_on(written);
}

/// The number that the entry has in the file; 0 where it got none.
Result<std::int64_t> SpoolFile::add(const WaitingEntry& waiting, Sacrifice most, Ledger& ledger) {
    const auto& entry = *waiting.entry;
    const auto same = entries_.number_of(entry);
    if (!same || *same) {
        return same ? Result<std::int64_t>(**same) : pass_on(same);
    }
    ledger.read += waiting.lost_before.read;
    ledger.take_outcomes(waiting.lost_before);
    const auto taken = entries_.contains(entry.stream, entry.time);
    if (!taken) {
        return pass_on(taken);
    }
    if (*taken) {
        ledger.read += entry.documents;
        ledger.dropped += entry.documents;
        return 0;
    }
    const auto room = pruner_.make_room(entry.record.body.size(), most, ledger);
    if (!room) {
        return pass_on(room);
    }
    if (!*room) {
        return fail(ErrorKind::full,
                    "no room in the spool for another sample: its disk is full, or [spool] "
                    "max_size is reached");
    }
    const std::int64_t seq = ledger.next_seq;
    auto inserted = entries_.insert(entry, seq, ledger);
    return inserted ? Result<std::int64_t>(seq) : pass_on(inserted);
}

Result<void> SpoolFile::flush(std::chrono::milliseconds uptime) {
    log_distrusted_ = log_distrusted_ || database_->wal_frames() >= checkpoint_frames;
    // Also begins the log anew after a checkpoint, so that no later commit has to wait for that
    // flush.
    return change(Sync::full, [&](Ledger& ledger) {
        age_.note(uptime, ledger.next_seq);
        return prune(ledger);
    });
}

Result<void> SpoolFile::prune(Ledger& ledger) {
    if (age_.is_save_due()) {
        if (auto kept = entries_.remember(age_key, age_.save(), ledger.next_seq); !kept) {
            return kept;
        }
    }
    return pruner_.prune_before(age_.expired_before(), prune_most, ledger);
}

Result<void> SpoolFile::count_losses(const Ledger& newer, bool again) {
    // Not a full commit: that moves the log first, whose end is what is counted here.
    return change(Sync::relaxed, [&](Ledger& ledger) {
        ledger.commits = std::max(ledger.commits, newer.commits + 1);
        ledger.next_seq = std::max(ledger.next_seq, newer.next_seq);
        const std::int64_t redone =
            again ? newer.salvaged - ledger.salvaged + newer.dropped - ledger.dropped : 0;
        const std::int64_t lost = std::max<std::int64_t>(0, newer.read - ledger.read - redone);
        ledger.read += lost;
        ledger.dropped += lost;
        return Result<void>{};
    });
}

Result<void> SpoolFile::reserve(std::int64_t pages) {
    const auto bytes = (pages - 1) * std::int64_t{page_size};
    // Pages that are given up in the transaction that took them are never written.
    for (const bool taking : {true, false}) {
        auto done = change(Sync::relaxed, [&](const Ledger&) {
            return taking ? database_->run("INSERT INTO quarantine(seq,body) VALUES(0,zeroblob(?))",
                                           bytes)
                          : database_->run("DELETE FROM quarantine WHERE seq=0");
        });
        done = done ? move_log() : done;
        if (!done) {
            return done;
        }
    }
    return {};
}

void SpoolFile::set_growing(bool growing) {
    // Growing anew is proved by the file itself, not by its log.
    log_distrusted_ = log_distrusted_ || (growing && !growing_);
    growing_ = growing;
}

std::int64_t SpoolFile::all_pages() {
    const auto all = database_->number("PRAGMA page_count");
    return all ? all->value_or(0) : 0;
}

Result<std::int64_t> SpoolFile::used_pages() {
    const auto all = database_->number("PRAGMA page_count");
    const auto free = database_->number("PRAGMA freelist_count");
    if (!all || !free) {
        return all ? pass_on(free) : pass_on(all);
    }
    return all->value_or(0) - free->value_or(0);
}

Result<std::int64_t> SpoolFile::free_pages(std::int64_t limit) {
    const auto free = database_->number("PRAGMA freelist_count");
    const auto used = used_pages();
    if (!free || !used) {
        return free ? pass_on(used) : pass_on(free);
    }
    // Where the cap was lowered the file is larger than it may be: then this is negative.
    const std::int64_t below_cap = limit - *used;
    return growing_ ? below_cap : std::min(below_cap, free->value_or(0));
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include "spool/opening.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "spool/rescue/log_tail.h"
#include "spool/rescue/rescue.h"
#include "spool/schema.h"

namespace pwlog {

namespace {

/// Checking takes its time on a large spool and a slow card, and a start must not: what is not
/// reached is found when it is read, and treated the same then.
constexpr std::chrono::milliseconds check_budget{400};
/// Of a spool in memory.
constexpr std::uint64_t memory_bytes = 1U << 20U;

using Opened = Result<std::unique_ptr<SpoolFile>>;

/// A spool that is as it should be.
Opened open_whole(const SpoolDirectory& directory, const SpoolFileOptions& options) {
    auto file = SpoolFile::open(directory.database(), options);
    if (!file) {
        return file;
    }
    auto& database = (*file)->database();
    auto checked = verify_page_count(database, directory.database());
    checked = checked ? database.check(check_budget) : checked;
    if (!checked) {
        return pass_on(checked);
    }
    database.set_checkpoint_on_close(true);
    return file;
}

/// Made under another name, so that a spool that is there is a whole one; where that fails nothing
/// is left behind.
Opened open_fresh(const SpoolDirectory& directory, const SpoolFileOptions& options) {
    Result<void> made;
    {
        auto fresh = SpoolFile::open(directory.fresh(), options);
        const auto damaged = directory.next_rescue();
        made = !fresh    ? pass_on(fresh)
               : damaged ? Rescue::prepare(**fresh, *damaged)
                         : Result<void>{};
        // Closing moves it too, but says nothing where that fails.
        made = made ? (*fresh)->move_log() : made;
        if (made) {
            (*fresh)->database().set_checkpoint_on_close(true);
        }
    }  // closed: its log is gone
    if (made) {
        made = directory.put_in_place();
    }
    if (!made) {
        directory.discard_fresh();
        return pass_on(made);
    }
    return open_whole(directory, options);
}

/// Where nothing is there, though this process had it open, what waited is gone.
Opened open_first(const SpoolDirectory& directory, const SpoolFileOptions& options,
                  const std::optional<Ledger>& known) {
    auto fresh = open_fresh(directory, options);
    if (fresh && known && known->pending() > 0 && !directory.next_rescue()) {
        spdlog::error("the spool's file has vanished: {} documents are lost", known->pending());
        const auto counted = (*fresh)->change(Sync::relaxed, [&](Ledger& ledger) {
            ledger.read += known->pending();
            ledger.dropped += known->pending();
            return Result<void>{};
        });
        if (!counted) {
            return pass_on(counted);
        }
    }
    return fresh;
}

Opened replace(const SpoolDirectory& directory, const SpoolFileOptions& options, WallTime now,
               const std::string& why) {
    if (auto aside = set_damaged_aside(directory, now, why); !aside) {
        return pass_on(aside);
    }
    return open_fresh(directory, options);
}

/// None where there is no such page, or it is damaged.
Result<std::optional<Ledger>> books_on(const Result<std::string>& page) {
    const auto books = page ? ledger_on(*page) : pass_on(page);
    const bool absent = !books && (books.error().kind == ErrorKind::corrupt ||
                                   books.error().kind == ErrorKind::not_found);
    return books    ? Result<std::optional<Ledger>>(*books)
           : absent ? Result<std::optional<Ledger>>()
                    : pass_on(books);
}

Result<std::optional<Ledger>> books_on(const std::optional<std::string>& page) {
    return page ? books_on(Result<std::string>(*page)) : Result<std::optional<Ledger>>();
}

/// The newest books of a spool with a log. Where the file had been brought beyond the point at
/// which the log now ends, damaged or cut short, its newer pages and the log's older ones do not
/// fit together: then the file is taken without its log.
Result<std::optional<Ledger>> books_beside_log(const SpoolDirectory& directory, const LogTail& tail,
                                               WallTime now) {
    const auto in_file = books_on(
        read_bytes(directory.database(), std::uint64_t{ledger_page - 1} * page_size, page_size));
    const auto in_log = books_on(tail.readable_books);
    auto newest = books_on(tail.lost_books);
    if (!in_file || !in_log || !newest) {
        return !in_file ? in_file : !in_log ? in_log : newest;
    }
    if (*in_file && *in_log && (*in_log)->commits < (*in_file)->commits) {
        if (auto aside = directory.set_log_aside(now); !aside) {
            return pass_on(aside);
        }
    } else if (tail.damaged) {
        directory.keep_copy_of_log(now);
    }
    const bool file_is_newer = *in_file && (!*newest || (*newest)->commits < (*in_file)->commits);
    return file_is_newer ? in_file : newest;
}

/// Of what these books had and the file, which has lost part of its log, has not.
Result<void> count_losses(SpoolFile& file, const std::optional<Ledger>& books, bool rescuing) {
    const Ledger before = file.ledger();
    if (!books || books->commits <= before.commits) {
        return {};
    }
    auto counted = file.count_losses(*books, rescuing);
    if (counted) {
        spdlog::warn("the spool's log was torn, as by a power cut: {} documents lost",
                     file.ledger().dropped - before.dropped);
    }
    return counted;
}

/// Twice: what one failed read looks like is not there the second time.
Opened open_and_confirm(const SpoolDirectory& directory, const SpoolFileOptions& options) {
    auto opened = open_whole(directory, options);
    return !opened && opened.error().kind == ErrorKind::corrupt ? open_whole(directory, options)
                                                                : std::move(opened);
}

struct Look {
    HeaderVerdict header;
    LogTail log;
};

/// One read may have been wrong: what looks damaged is looked at twice.
Result<Look> look_at(const SpoolDirectory& directory) {
    auto header = judge_header(directory.database());
    if (header && *header == HeaderVerdict::damaged) {
        header = judge_header(directory.database());
    }
    auto log = read_log_tail(log_of(directory.database()));
    if (log && log->damaged) {
        log = read_log_tail(log_of(directory.database()));
    }
    if (!header || !log) {
        return header ? pass_on(log) : pass_on(header);
    }
    return Look{*header, std::move(*log)};
}

}  // namespace

Opened open_in_memory(const SpoolFileOptions& options, const std::filesystem::path& damaged) {
    auto held = options;
    held.cap = {memory_bytes, memory_bytes};
    auto file = SpoolFile::open({}, held);
    const auto ready = file ? Rescue::prepare(**file, damaged) : pass_on(file);
    return ready ? std::move(file) : Opened(pass_on(ready));
}

Result<void> set_damaged_aside(const SpoolDirectory& directory, WallTime now,
                               const std::string& why) {
    spdlog::error(
        "the spool is damaged: it is set aside, a fresh one takes its place, and what waited in it "
        "is copied: {}",
        why);
    directory.drop_ballast();
    return directory.set_aside(now);
}

Opened open_or_replace(const SpoolDirectory& directory, const SpoolFileOptions& options,
                       WallTime now, std::optional<Ledger>& known) {
    if (auto finished = directory.finish_setting_aside(now); !finished) {
        return pass_on(finished);
    }
    const auto look = look_at(directory);
    if (!look) {
        return pass_on(look);
    }
    const auto& log = look->log;
    switch (look->header) {
        case HeaderVerdict::newer:
            return fail(ErrorKind::invalid,
                        fmt::format("{} was made by a newer pwlog: use that one, or another folder",
                                    directory.database().string()));
        case HeaderVerdict::absent:
            // SQLite deletes a log that has lost its file.
            return log.empty ? open_first(directory, options, known)
                             : replace(directory, options, now, "its log has lost its file");
        case HeaderVerdict::damaged:
            return replace(directory, options, now, "its first page is not pwlog's");
        case HeaderVerdict::ours:
            break;
    }
    if (!log.empty) {
        const auto books = books_beside_log(directory, log, now);
        if (!books) {
            return pass_on(books);
        }
        // What was never committed, in this process, is still in memory.
        known = known || !log.damaged ? known : *books;
    }
    auto opened = open_and_confirm(directory, options);
    const auto logged = books_on(log.readable_books);
    if (opened && logged && *logged && (*opened)->ledger().commits < (*logged)->commits) {
        // SQLite would write over what it did not see of its log.
        (*opened)->database().set_checkpoint_on_close(false);
        opened->reset();
        opened = open_and_confirm(directory, options);
        known = known && known->commits > (*logged)->commits ? known : *logged;
    }
    if (!opened) {
        return opened.error().kind == ErrorKind::corrupt
                   ? replace(directory, options, now, opened.error().message)
                   : std::move(opened);
    }
    if (auto counted = count_losses(**opened, known, directory.next_rescue().has_value());
        !counted) {
        (*opened)->database().set_checkpoint_on_close(false);
        return pass_on(counted);
    }
    if (log.damaged) {
        spdlog::warn("the spool's log is damaged, as by a power cut: what was last in it is lost");
    }
    return opened;
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#include "spool/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "spool/file_error.h"
#include "spool/record_format.h"
#include "spool/rescue/log_tail.h"

namespace pwlog {

namespace {

// entry      one row per entry; see record_format.h. Delivered ones stay as the archive.
// pending    which documents of an entry wait: bit i of mask is document i. Apart from the entries,
//            so that delivering 100 entries changes two or three pages and never rewrites a body.
//            It is dense: what waits can be walked without touching the bodies. attempted is of an
//            earlier version, and 0.
// stream     names to small numbers; as many as there are devices.
// reject     documents refused for good; the entry stays while one of its documents is here.
// remembered a few words kept with the newest entry, by name.
// quarantine bodies whose checksum was wrong, the newest few, for whoever wants to look.
constexpr std::array<std::string_view, 10> tables = {
    "CREATE TABLE ledger(id INTEGER PRIMARY KEY,commits,next_seq,schema_checksum,entries,"
    "pending_entries,read,stored,duplicates,rejected,dropped,rejects_kept,rejects_dropped,"
    "quarantined,salvaged,crc)",
    "CREATE TABLE entry(seq INTEGER PRIMARY KEY,stream INTEGER,time INTEGER,size INTEGER,"
    "crc INTEGER,body BLOB)",
    "CREATE TABLE pending(seq INTEGER PRIMARY KEY,mask INTEGER,attempted INTEGER)",
    "CREATE TABLE stream(id INTEGER PRIMARY KEY,name TEXT)",
    "CREATE TABLE reject(seq INTEGER,position INTEGER,time INTEGER,status INTEGER,type TEXT,"
    "reason TEXT,PRIMARY KEY(seq,position))WITHOUT ROWID",
    "CREATE TABLE remembered(id INTEGER PRIMARY KEY,name TEXT,value TEXT,seq INTEGER,crc INTEGER)",
    "CREATE TABLE quarantine(seq INTEGER PRIMARY KEY,time INTEGER,why TEXT,body BLOB)",
    "CREATE UNIQUE INDEX entry_identity ON entry(stream,time)",
    "CREATE UNIQUE INDEX stream_name ON stream(name)",
    "CREATE UNIQUE INDEX remembered_name ON remembered(name)"};

Result<std::int64_t> schema_checksum(Database& database) {
    std::string text;
    const auto read =
        database.query("SELECT name,rootpage,sql FROM sqlite_schema ORDER BY rowid")
            .each([&](const Rows& row) {
                text += fmt::format("{}\t{}\t{}\n", row.bytes(0), row.integer(1), row.bytes(2));
            });
    return read ? Result<std::int64_t>(checksum(text)) : pass_on(read);
}

std::uint32_t big_endian(std::string_view bytes, std::size_t offset) {
    std::uint32_t value = 0;
    for (const char byte : bytes.substr(offset, 4)) {
        value = (value << 8U) | static_cast<unsigned char>(byte);
    }
    return value;
}

}  // namespace

Result<void> configure(Database& database, std::uint32_t max_pages) {
    // Order matters: locking_mode before anything that looks into the file, so that SQLite never
    // makes a shared-memory file and nobody else gets in; page_size and auto_vacuum before the
    // first page is written. secure_delete is on in Debian's build and would write every page that
    // is given up once more.
    return database.execute(fmt::format(
        "PRAGMA locking_mode=EXCLUSIVE;PRAGMA page_size={};PRAGMA auto_vacuum=NONE;"
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
        "PRAGMA journal_size_limit=1048576;PRAGMA max_page_count={};PRAGMA cache_size=-256;"
        "PRAGMA secure_delete=OFF;PRAGMA cell_size_check=ON;PRAGMA trusted_schema=OFF;"
        "PRAGMA temp_store=MEMORY;BEGIN EXCLUSIVE;COMMIT",
        page_size, max_pages));
}

Result<void> create_schema(Database& database, const Ledger& ledger) {
    std::string sql = fmt::format("BEGIN;PRAGMA application_id={};PRAGMA user_version={}",
                                  application_id, schema_version);
    for (const auto table : tables) {
        sql.append(1, ';').append(table);
    }
    auto made = database.execute(sql);
    const auto sum = made ? schema_checksum(database) : pass_on(made);
    if (!sum) {
        return pass_on(sum);
    }
    Ledger first = ledger;
    first.schema_checksum = *sum;
    made = insert_ledger(database, first);
    made = made ? database.run("COMMIT") : made;
    // So that the header, by which the file is judged at the next start, is in the file itself.
    return made ? database.checkpoint() : made;
}

Result<void> verify_schema(Database& database, const Ledger& ledger) {
    const auto sum = schema_checksum(database);
    if (!sum) {
        return pass_on(sum);
    }
    if (*sum != ledger.schema_checksum) {
        return fail(ErrorKind::corrupt, "the spool's tables are not those that were made");
    }
    return {};
}

Result<void> verify_page_count(Database& database, const std::filesystem::path& file) {
    const auto pages = database.number("PRAGMA page_count");
    if (!pages) {
        return pass_on(pages);
    }
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (!error && static_cast<std::int64_t>(size / page_size) > pages->value_or(0)) {
        return fail(ErrorKind::corrupt, "the spool's first page knows fewer pages than there are");
    }
    return {};
}

namespace {

/// The pages of an empty spool. Every spool was made in the same way, so these are where they are
/// in each.
Result<std::string> empty_image() {
    auto empty = Database::open_memory();
    if (!empty) {
        return pass_on(empty);
    }
    auto made = (*empty)->execute(fmt::format("PRAGMA page_size={}", page_size));
    if (made) {
        made = create_schema(**empty, Ledger{});
    }
    return made ? (*empty)->image() : pass_on(made);
}

void put_big_endian(std::string& bytes, std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[offset + i] = static_cast<char>(value >> (24 - 8 * i));
    }
}

}  // namespace

Result<Ledger> ledger_on(std::string_view page) {
    auto image = empty_image();
    if (!image) {
        return pass_on(image);
    }
    if (page.size() != page_size || image->size() < 2 * page_size) {
        return fail(ErrorKind::corrupt, "the spool has no page for its books");
    }
    image->replace(std::size_t{ledger_page - 1} * page_size, page_size, page);
    auto database = Database::open_memory(*image);
    return database ? load_ledger(**database) : pass_on(database);
}

Result<void> mend_schema(const std::filesystem::path& file) {
    auto image = empty_image();
    if (!image) {
        return pass_on(image);
    }
    std::error_code error;
    const auto there = std::filesystem::file_size(file, error);
    const std::uintmax_t size = error ? 0 : there;
    auto database = Database::open_memory(*image);
    if (!database) {
        return pass_on(database);
    }
    (*image)[18] = (*image)[19] = 2;  // has a write-ahead log
    const auto pages =
        static_cast<std::uint32_t>(std::max<std::uintmax_t>(size, image->size()) / page_size);
    put_big_endian(*image, 28, pages);
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    for (std::uint32_t page = 1; page <= image->size() / page_size; ++page) {
        // What has a root of its own is a table, and not ours to overwrite.
        const auto root =
            (*database)->number("SELECT 1 FROM sqlite_schema WHERE rootpage=?", std::int64_t{page});
        const auto offset = std::size_t{page - 1} * page_size;
        const bool is_there = offset + page_size <= size;
        if (root && *root && is_there) {
            continue;
        }
        if (!fd || pwrite(fd.get(), image->data() + offset, page_size,
                          static_cast<off_t>(offset)) != ssize_t{page_size}) {
            return file_error("writing", file);
        }
    }
    return {};
}

Result<HeaderVerdict> judge_header(const std::filesystem::path& file) {
    const auto read = read_bytes(file, 0, 100);
    if (!read) {
        return read.error().kind == ErrorKind::not_found
                   ? Result<HeaderVerdict>(HeaderVerdict::absent)
                   : pass_on(read);
    }
    const std::string& header = *read;
    // https://www.sqlite.org/fileformat.html#the_database_header
    constexpr std::string_view magic("SQLite format 3\0", 16);
    if (header.size() < 100 || header.substr(0, 16) != magic ||
        big_endian(header, 68) != application_id) {
        return HeaderVerdict::damaged;
    }
    const std::uint32_t version = big_endian(header, 60);
    if (version == schema_version) {
        return HeaderVerdict::ours;
    }
    // One bit away from ours is a flipped bit and no version: no future one may be 3, 5, 9, 17…
    const bool flipped = version == 0 || std::popcount(version ^ schema_version) == 1;
    return flipped ? HeaderVerdict::damaged : HeaderVerdict::newer;
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "spool/batch.h"

namespace pwlog::test {

/// How the process and the machine ended before a spool is looked at.
enum class Ending {
    none,   ///< both go on
    death,  ///< what the system had been told is there
    power,  ///< what had been synced is there
};

/// What the other side of a spool knows about an entry that it gave to it.
struct EntryFate {
    enum class Append { asked, refused, in_memory, committed };
    std::array<char, 8> stream{};
    std::int64_t time = 0;
    int documents = 0;
    Append append = Append::asked;
    bool flushed = false;
    std::uint64_t asked = 0;            ///< bit i: settling document i was begun
    std::uint64_t settled = 0;          ///< and acknowledged
    std::uint64_t settled_flushed = 0;  ///< and flushed
    std::uint64_t may_wait = 0;         ///< was made pending again, or perhaps
    bool damaged = false;               ///< its row cannot be read

    std::uint64_t all_documents() const {
        return (std::uint64_t{1} << static_cast<unsigned>(documents)) - 1;
    }
    bool must_be_there(Ending ending) const {
        return ending == Ending::power   ? flushed
               : ending == Ending::death ? append == Append::committed
                                         : append >= Append::in_memory;
    }
    std::uint64_t must_be_settled(Ending ending) const {
        return ending == Ending::power ? settled_flushed : settled;
    }
};

/// What is wrong with a spool.
enum class Finding { lost, twice, untold, books, stuck };
inline constexpr std::size_t finding_kinds = 5;

/// All of it, in memory that outlives the process it is about: nothing here points anywhere.
struct Witness {
    static constexpr std::size_t most = 1200;
    std::array<EntryFate, most> entries{};
    std::size_t size = 0;
    bool lossy = false;  ///< what goes is to be counted as dropped, and that is all that is asked
    bool full = false;   ///< the disk was: the archive may have made room
    std::int64_t keep_from = 0;  ///< what was delivered and is older may be gone
    int messages = 0;            ///< of the log, warnings and worse
    int refusals = 0;            ///< errors that calls returned
    std::array<int, finding_kinds> findings{};
    std::array<char, 300> first_finding{};
    std::array<char, 300> last_message{};
    std::array<int, 16> counts{};

    /// Whether the spool may have let go of the entry.
    bool may_be_gone(const EntryFate& fate) const;
    EntryFate* find(const char* stream, std::int64_t time);
    void note(Finding kind, const char* text);
    int found() const;
};

}  // namespace pwlog::test

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace pwlog {

/// What became of the documents of a source. Once a run has ended,
/// read = stored + duplicate + rejected + skipped.
struct Tally {
    std::uint64_t read = 0;       ///< documents, and bad lines
    std::uint64_t stored = 0;     ///< new in Elasticsearch
    std::uint64_t duplicate = 0;  ///< were there already
    std::uint64_t rejected = 0;   ///< bad lines, and what Elasticsearch refused
    std::uint64_t skipped = 0;    ///< not asked for: other devices, times, hours that are complete

    std::uint64_t replaced = 0;  ///< of the stored ones: in place of what was there

    std::uint64_t decided() const { return stored + duplicate + rejected + skipped; }
    bool operator==(const Tally&) const = default;
    Tally& operator+=(const Tally& other) {
        read += other.read;
        stored += other.stored;
        duplicate += other.duplicate;
        rejected += other.rejected;
        skipped += other.skipped;
        replaced += other.replaced;
        return *this;
    }
};

}  // namespace pwlog

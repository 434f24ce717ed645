// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "backfill/sources/row_source.h"

namespace pwlog {

/// A file of rows, ready to be read from its beginning.
struct RowFile {
    LineReader lines;
    std::shared_ptr<ValueParser> parser;
};
using OpenRowFile = std::function<Result<RowFile>(std::size_t source)>;

/// In which order files are read one after the other, and how long each is.
struct ChainPlan {
    struct Link {
        std::size_t source = 0;
        LinePosition length{};
    };
    std::vector<Link> links;

    /// As they were given, of lengths that nobody knows.
    static ChainPlan as_given(std::size_t count);
};

/// Reads all files to find the order in which their rows are in that of time. None: there is no
/// such, as within one of them a row is older than one before it, or as two cover the same time.
Result<std::optional<ChainPlan>> plan_chain(std::size_t count, const OpenRowFile& open,
                                            const std::stop_token& stop);

/// Files as one: each is opened when its turn comes and closed behind it.
std::unique_ptr<RowSource> chain_rows(OpenRowFile open, ChainPlan plan);

}  // namespace pwlog

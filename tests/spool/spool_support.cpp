// SPDX-License-Identifier: MIT
#include "spool_support.h"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace pwlog::test {

int effort() {
    const char* text = std::getenv("PWLOG_TEST_EFFORT");
    return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

std::unique_ptr<Spool> open_spool(const std::filesystem::path& directory, const Clock& clock,
                                  SpoolOptions options) {
    options.directory = directory;
    options.max_bytes = options.max_bytes == 0 ? 8U << 20U : options.max_bytes;
    auto spool = Spool::open(options, clock);
    INFO((spool ? "" : spool.error().message));
    REQUIRE(spool);
    return std::move(*spool);
}

void check_identity(Spool& spool) {
    const auto pending = all_pending(spool);
    const auto info = spool.info();
    CHECK(info.read ==
          info.stored + info.duplicates + info.rejected + info.pending_documents + info.dropped);
    CHECK(static_cast<std::int64_t>(pending.size()) == info.pending_documents);
}

std::vector<SpooledDocument> all_pending(Spool& spool, BatchLimits limits) {
    std::vector<SpooledDocument> all;
    for (;;) {
        auto batch = spool.next_batch(limits, all.empty() ? DocumentRef{} : all.back().ref);
        INFO((batch ? "" : batch.error().message));
        REQUIRE(batch);
        CHECK(batch->documents.size() <= limits.documents);
        std::move(batch->documents.begin(), batch->documents.end(), std::back_inserter(all));
        if (!batch->more) {
            CHECK(spool.settle({}));  // nobody sends them
            return all;
        }
    }
}

void settle_all(Spool& spool, const std::vector<SpooledDocument>& documents, Outcome outcome) {
    std::vector<Settlement> settlements;
    for (const auto& document : documents) {
        settlements.push_back({document.ref, outcome, 400, "document_parsing_exception", "no"});
    }
    const auto done = [&] {
        const auto info = spool.info();
        return info.stored + info.duplicates + info.rejected;
    };
    const auto before = done();
    const auto settled = spool.settle(settlements);
    // While the disk refuses it is kept in memory, and counts all the same.
    CHECK((settled || settled.error().kind == ErrorKind::unavailable));
    CHECK(done() - before == static_cast<std::int64_t>(documents.size()));
}

}  // namespace pwlog::test

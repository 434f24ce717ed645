#include "spool_support.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace pwlog::test {

int effort() {
    const char* text = std::getenv("PWLOG_TEST_EFFORT");
    return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

std::string id_of(const std::string& stream, Timestamp time, int position) {
    return fmt::format("{}.{}.{}", stream, position, time.time_since_epoch().count());
}

std::string json_of(const std::string& id) {
    return fmt::format(
        R"({{"@timestamp":"2026-11-22T17:00:00.000Z","id":"{}","power_w":{},"input_v":229.9}})", id,
        std::hash<std::string>{}(id) % 2000);
}

Entry make_entry(const std::string& stream, Timestamp time, int documents) {
    Entry entry{stream, time, "powerwalker-metrics-2026.11", {}, {}};
    for (int i = 0; i < documents; ++i) {
        const std::string id = id_of(stream, time, i);
        entry.documents.push_back({id, json_of(id)});
    }
    return entry;
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
    CHECK(info.pending_documents - info.unwritten_documents ==
          static_cast<std::int64_t>(pending.size()));
}

std::vector<BatchDocument> all_pending(Spool& spool, BatchLimits limits) {
    std::vector<BatchDocument> all;
    for (;;) {
        auto batch = spool.next_batch(limits, all.empty() ? DocumentRef{} : all.back().ref);
        INFO((batch ? "" : batch.error().message));
        REQUIRE(batch);
        CHECK(batch->documents.size() <= limits.documents);
        std::move(batch->documents.begin(), batch->documents.end(), std::back_inserter(all));
        if (!batch->more) {
            return all;
        }
    }
}

void settle_all(Spool& spool, const std::vector<BatchDocument>& documents, Outcome outcome) {
    std::vector<Settlement> settlements;
    for (const auto& document : documents) {
        settlements.push_back({document.ref, outcome, 400, "document_parsing_exception", "no"});
    }
    CHECK(spool.settle(settlements));
}

}  // namespace pwlog::test

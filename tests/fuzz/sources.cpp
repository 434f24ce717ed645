// SPDX-License-Identifier: MIT
#include <cstring>
#include <memory>
#include <vector>

#include "backfill/json/hit_parser.h"
#include "backfill/json/search_page.h"
#include "backfill/sources/csv_source.h"
#include "backfill/sources/influx_source.h"
#include "backfill/sources/mqtt_source.h"
#include "backfill/sources/ndjson_source.h"
#include "backfill/sources/nut_values.h"
#include "backfill/sources/row_source.h"
#include "backfill/sources/source_kind.h"
#include "fuzz/targets.h"
#include "support/temp_dir.h"

namespace pwlog::test {
namespace {

class MemoryInput final : public ByteInput {
  public:
    explicit MemoryInput(std::string_view bytes) : bytes_(bytes) {}
    Result<std::size_t> read(char* to, std::size_t size) override {
        const std::size_t count = std::min(size, bytes_.size() - at_);
        std::memcpy(to, bytes_.data() + at_, count);
        at_ += count;
        return count;
    }
    Result<void> skip_to(std::uint64_t offset) override {
        at_ = std::min<std::size_t>(offset, bytes_.size());
        return {};
    }
    std::uint64_t consumed() const override { return at_; }
    std::optional<std::uint64_t> total() const override { return bytes_.size(); }
    const std::string& damage() const override { return damage_; }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
    std::string damage_;
};

/// Lines that are too long for it are among the inputs, and its buffer costs little to make.
LineReader lines_of(std::string_view bytes) {
    constexpr std::size_t longest = 16U << 10U;
    return LineReader(std::make_unique<MemoryInput>(bytes), longest);
}

constexpr std::string_view map_text =
    "time = @timestamp\nid = device.id\n[kind=outlet]\nn = outlet.number\nw = outlet.power_w kW\n"
    "state = outlet.state\n[measurement=power]\noutlet = outlet.number\nw = outlet.power_w\n";

using Opened = Result<std::unique_ptr<RecordSource>>;

Opened open_source(std::string_view target, std::string_view bytes, const SourcePosition* from) {
    auto lines = lines_of(bytes);
    if (target == "ndjson") {
        return open_ndjson(std::move(lines), from);
    }
    if (target == "search") {
        return open_search_replies(std::move(lines), from);
    }
    std::unique_ptr<ValueParser> parser;
    const MappingOptions options{"pdu", "ats", {}, {}, DecimalMark::unsaid};
    if (target == "mqtt") {
        parser = make_mqtt_parser({"pdu", "ats", "", "ups"});
    } else if (target == "upslog") {
        auto options_of_ups = options;
        options_of_ups.ups = "ups";
        parser = std::move(*make_upslog_parser("", options_of_ups));
    } else if (target == "influx") {
        parser = make_influx_parser(*FieldMap::parse(map_text, "map"), options);
    } else if (target == "hits") {
        parser = make_hit_parser(*FieldMap::parse(map_text, "map"), options);
    } else {
        demand(target == "csv", "the target is one that is known");
        auto csv = make_csv_parser(lines, FieldMap(), options, '\0');
        if (!csv) {
            return pass_on(csv);
        }
        parser = std::move(*csv);
    }
    return open_mapped(read_rows(std::move(lines), std::move(parser)),
                       std::make_shared<History>(SampleContext{}), std::chrono::seconds(1), from);
}

std::vector<std::string> texts_of(RecordSource& source, std::vector<SourcePosition>* positions) {
    std::vector<std::string> texts;
    SourceRecord record;
    for (;;) {
        const auto more = source.next(record);
        if (!more || !*more) {
            return texts;
        }
        if (record.kind == SourceRecord::Kind::document) {
            DocumentCheck check;
            demand(check.check(record.text), "a document is a document");
        } else {
            demand(!record.reason.empty(), "a bad line has a reason");
        }
        texts.emplace_back(record.text);
        if (positions != nullptr) {
            positions->push_back(source.position());
        }
    }
}

void read_source(std::string_view target, std::string_view bytes) {
    auto source = open_source(target, bytes, nullptr);
    if (!source) {
        return;
    }
    std::vector<SourcePosition> positions;
    const auto all = texts_of(**source, &positions);
    if (all.empty()) {
        return;
    }
    const std::size_t middle = bytes.size() % all.size();
    auto rest = open_source(target, bytes, &positions[middle]);
    demand(rest.has_value(), "it can be gone on with");
    demand(texts_of(**rest, nullptr) ==
               std::vector<std::string>(all.begin() + static_cast<std::ptrdiff_t>(middle) + 1,
                                        all.end()),
           "going on gives the rest");
}

void unpack(std::string_view bytes) {
    const TempDir folder;
    auto input = open_input(folder.write("input", bytes).string());
    if (!input) {
        return;
    }
    std::vector<char> buffer(4096);
    std::size_t total = 0;
    for (;;) {
        const auto count = (*input)->read(buffer.data(), buffer.size());
        constexpr std::size_t enough = std::size_t{16} * 1024 * 1024;  // a bomb is not our matter
        if (!count || *count == 0 || (total += *count) > enough) {
            return;
        }
    }
}

void read_page(std::string_view bytes) {
    SearchPage page;
    const auto read = read_search_page(bytes, page);
    demand(read || !read.error().message.empty(), "a refused page has a reason");
    for (const auto& hit : page.hits) {
        for (const auto& part : {hit.index, hit.id, hit.source, hit.sort, hit.time}) {
            const bool within = part.data() >= bytes.data() &&
                                part.data() + part.size() <= bytes.data() + bytes.size();
            demand(part.empty() || within, "a hit is part of the answer");
        }
    }
}

}  // namespace

void fuzz_source(std::string_view target, std::string_view bytes) {
    if (target == "map") {
        const auto map = FieldMap::parse(bytes, "map");
        demand(map || !map.error().message.empty(), "a refused map has a reason");
    } else if (target == "page") {
        read_page(bytes);
    } else if (target == "unpack") {
        unpack(bytes);
    } else if (target == "recognise") {
        auto lines = lines_of(bytes);
        demand(recognise_source(lines).has_value(), "recognising never fails");
    } else {
        read_source(target, bytes);
    }
}

}  // namespace pwlog::test

// SPDX-License-Identifier: MIT
#include "backfill/index/index_source.h"

#include <fmt/format.h>

#include "backfill/index/index_input.h"
#include "backfill/json/hit_parser.h"
#include "backfill/sources/ndjson_source.h"
#include "backfill/sources/row_source.h"
#include "base/json_object.h"
#include "elastic/json.h"

namespace pwlog {
namespace {

/// Hits as lines, read as any other lines. What is kept to go on from is the place of the group of
/// documents of one time or slice that the last record came from, and the place of the reader of
/// lines within it.
class IndexSource final : public RecordSource {
  public:
    IndexSource(std::unique_ptr<RecordSource> records, IndexInput& input)
        : records_(std::move(records)), input_(input) {}

    Result<bool> next(SourceRecord& record) override { return records_->next(record); }

    SourcePosition position() const override {
        auto place = records_->position();
        const auto& group = input_.group_at(place.offset);
        if (group.offset != saved_offset_ || saved_.empty()) {
            JsonObject json;
            json.add("place", group.place);
            json.add("offset", group.offset);
            json.add("lines", group.lines);
            json.add("pit", group.pit_id);
            saved_ = json.take();
            saved_.pop_back();
            saved_offset_ = group.offset;
        }
        return {place.offset, place.lines, fmt::format(R"({},"state":"{}"}})", saved_, place.state),
                place.history};
    }
    SourceProgress progress() const override { return {input_.consumed(), input_.total()}; }
    std::uint64_t ignored_lines() const override { return records_->ignored_lines(); }

  private:
    std::unique_ptr<RecordSource> records_;
    IndexInput& input_;  // records_ owns it
    // Asked for with each record, and the same for all of a group.
    mutable std::string saved_;
    mutable std::uint64_t saved_offset_ = 0;
};

Result<IndexInput::Group> saved_group(const SourcePosition& from) {
    const auto offset = json_integer(from.state, "/offset");
    const auto lines = json_integer(from.state, "/lines");
    if (!offset || !lines || *offset < 0 || *lines < 0) {
        return fail(ErrorKind::corrupt, "the saved place is not one of this kind of source");
    }
    return IndexInput::Group{static_cast<std::uint64_t>(*offset),
                             static_cast<std::uint64_t>(*lines), json_text(from.state, "/place"),
                             json_text(from.state, "/pit")};
}

Result<std::unique_ptr<RecordSource>> open_records(std::unique_ptr<ByteInput> input,
                                                   const SourceOptions& options, bool mapped,
                                                   const SourcePosition* place) {
    LineReader lines(std::move(input));
    if (!mapped) {
        return open_ndjson(std::move(lines), place);
    }
    return open_mapped(
        read_rows(std::move(lines), make_hit_parser(options.map, mapping_options(options))),
        history_of(options), options.window.value_or(std::chrono::milliseconds(0)), place);
}

}  // namespace

Result<OpenedSource> open_index_source(IndexQuery query, SourceOptions options, const Clock& clock,
                                       const std::stop_token& stop, const SourcePosition* from) {
    const bool mapped = !options.map.empty();
    if (mapped) {
        auto field = find_time_field(options.map);
        if (!field) {
            return pass_on(field);
        }
        query.time_field = std::move(*field);
    }
    query.any_order = !mapped;
    const auto group = from != nullptr ? saved_group(*from) : Result<IndexInput::Group>();
    if (!group) {
        return pass_on(group);
    }
    auto search = IndexSearch::open(std::move(query), clock, stop);
    if (!search) {
        return pass_on(search);
    }
    auto owned = std::make_unique<IndexInput>(std::move(*search), *group);
    IndexInput& input = *owned;
    if (const auto started = input.start(); !started) {
        return pass_on(started);
    }
    // Within the same point in time the very place is found again, else where its group begins.
    const bool same = from != nullptr && !group->pit_id.empty() && !input.began_again();
    const SourcePosition place =
        same ? SourcePosition{from->offset, from->lines, json_text(from->state, "/state"),
                              from->history}
             : SourcePosition{group->offset, group->lines, mapped ? "0" : "",
                              from != nullptr ? from->history : nullptr};
    auto records =
        open_records(std::move(owned), options, mapped, from != nullptr ? &place : nullptr);
    if (!records) {
        return pass_on(records);
    }
    return OpenedSource{std::make_unique<IndexSource>(std::move(*records), input),
                        SourceKind::index, !options.kind};
}

}  // namespace pwlog

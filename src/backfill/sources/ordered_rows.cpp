// SPDX-License-Identifier: MIT
#include <cstring>
#include <type_traits>

#include "backfill/sources/external_sort.h"
#include "backfill/sources/row_source.h"

namespace pwlog {
namespace {

constexpr std::uint64_t stop_asked_every = 1024;

Result<void> check_stop(const std::stop_token& stop, std::uint64_t rows) {
    return rows % stop_asked_every == 0 && stop.stop_requested()
               ? fail(ErrorKind::stopped, "asked to stop")
               : Result<void>{};
}

/// A row as bytes, to be read by this process alone: nothing is parsed a second time.
class RowWriter {
  public:
    std::string_view write(const Row& row) {
        bytes_.clear();
        put_byte(row.kind);
        put(row.line);
        put(row.source);
        put(row.text);
        put(row.reason);
        const std::string* device = nullptr;
        for (const auto& value : row.values) {
            const bool is_other = device == nullptr || *device != value.device;
            put_byte(is_other);
            if (is_other) {
                put(value.device);
            }
            device = &value.device;
            put_byte(value.kind);
            put_byte(value.outlet);
            put_byte(value.field);
            put_byte(value.second_choice);
            put_byte(value.value.index());
            std::visit([&](const auto& plain) { put(plain); }, value.value);
        }
        return bytes_;
    }

  private:
    template <class T>
    void put(const T& plain) {
        static_assert(std::is_trivially_copyable_v<T>);
        bytes_.append(reinterpret_cast<const char*>(&plain), sizeof plain);
    }
    void put(const std::string& text) {
        put(static_cast<std::uint32_t>(text.size()));
        bytes_ += text;
    }
    void put_byte(auto small) { bytes_ += static_cast<char>(small); }

    std::string bytes_;
};

class RowReader {
  public:
    explicit RowReader(std::string_view bytes) : rest_(bytes) {}

    void read(Row& row, Timestamp time) {
        get_byte(row.kind);
        get(row.line);
        get(row.source);
        get(row.text);
        get(row.reason);
        row.values.clear();
        while (!rest_.empty()) {
            SampleValue value{};
            value.time = time;
            bool is_other = false;
            get_byte(is_other);
            if (is_other) {
                get(value.device);
            } else {
                value.device = row.values.back().device;
            }
            get_byte(value.kind);
            get_byte(value.outlet);
            get_byte(value.field);
            get_byte(value.second_choice);
            std::size_t type = 0;
            get_byte(type);
            get_value<0>(type, value.value);
            row.values.push_back(std::move(value));
        }
    }

  private:
    template <class T>
    void get(T& plain) {
        static_assert(std::is_trivially_copyable_v<T>);
        std::memcpy(&plain, rest_.data(), sizeof plain);
        rest_.remove_prefix(sizeof plain);
    }
    void get(std::string& text) {
        std::uint32_t size = 0;
        get(size);
        text = rest_.substr(0, size);
        rest_.remove_prefix(size);
    }
    template <class T>
    void get_byte(T& small) {
        small = static_cast<T>(static_cast<unsigned char>(rest_.front()));
        rest_.remove_prefix(1);
    }
    /// By the place of its type among those that a value can have.
    template <std::size_t index>
    void get_value(std::size_t wanted, FieldValue& value) {
        if constexpr (index < std::variant_size_v<FieldValue>) {
            if (wanted == index) {
                get(value.emplace<index>());
            } else {
                get_value<index + 1>(wanted, value);
            }
        }
    }

    std::string_view rest_;
};

class OrderedRows final : public RowSource {
  public:
    explicit OrderedRows(std::unique_ptr<RowSource> rows) : rows_(std::move(rows)) {}

    Result<void> fill(const std::stop_token& stop) {
        Timestamp time{};
        Row row;
        RowWriter writer;
        for (;;) {
            const auto more = rows_->next(row);
            if (!more || !*more) {
                return more ? sorted_.begin_reading(stop) : pass_on(more);
            }
            // What has no time of its own stays beside what it followed.
            time = row.values.empty() ? time : row.values.front().time;
            auto added = sorted_.add(time.time_since_epoch().count(), writer.write(row));
            added = added ? check_stop(stop, sorted_.count()) : added;
            if (!added) {
                return added;
            }
        }
    }

    Result<bool> next(Row& row) override {
        row.before = {handed_out_, handed_out_};
        SortedRecord record;
        auto more = sorted_.next(record);
        if (more && *more) {
            ++handed_out_;
            RowReader(record.bytes).read(row, Timestamp(std::chrono::milliseconds(record.key)));
        }
        return more;
    }

    Result<void> resume(const LinePosition& from) override {
        SortedRecord ignored;
        for (; handed_out_ < from.lines; ++handed_out_) {
            const auto more = sorted_.next(ignored);
            if (!more || !*more) {
                return more ? fail(ErrorKind::corrupt, "the saved place is not in this source")
                            : pass_on(more);
            }
        }
        return {};
    }

    LinePosition position() const override { return {handed_out_, handed_out_}; }
    bool sorted() const override { return true; }
    SourceProgress progress() const override { return {handed_out_, sorted_.count()}; }
    std::uint64_t ignored() const override { return rows_->ignored(); }
    std::string damage() const override { return rows_->damage(); }
    ValueParser* parser(std::size_t source) override { return rows_->parser(source); }

  private:
    std::unique_ptr<RowSource> rows_;
    ExternalSort sorted_;
    std::uint64_t handed_out_ = 0;
};

}  // namespace

Result<std::unique_ptr<RowSource>> order_rows(std::unique_ptr<RowSource> rows,
                                              const std::stop_token& stop) {
    auto ordered = std::make_unique<OrderedRows>(std::move(rows));
    if (const auto filled = ordered->fill(stop); !filled) {
        return pass_on(filled);
    }
    return ordered;
}

}  // namespace pwlog

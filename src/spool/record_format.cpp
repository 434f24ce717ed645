// SPDX-License-Identifier: MIT
#include "spool/record_format.h"

#include <fmt/format.h>
#include <zlib.h>

#include <charconv>
#include <optional>

#include "base/printable.h"

namespace pwlog {

namespace {

// Raw deflate with an 8 KiB window: a cycle is not much larger, and the compressor then takes 64
// KiB of memory instead of 256.
constexpr int window_bits = -13;
constexpr int memory_level = 6;

const Bytef* input(std::string_view bytes) {
    return reinterpret_cast<const Bytef*>(bytes.data());  // zlib's type for bytes
}

bool is_line_part(std::string_view text) {
    // Twice through memory is far quicker than find_first_of(), which asks of each character.
    constexpr auto nowhere = std::string_view::npos;
    return !text.empty() && text.find('\t') == nowhere && text.find('\n') == nowhere;
}

Result<void> check_entry(const Entry& entry) {
    if (entry.documents.empty() || entry.documents.size() > max_documents_per_entry) {
        return fail(ErrorKind::invalid,
                    fmt::format("an entry has 1 to {} documents, not {}", max_documents_per_entry,
                                entry.documents.size()));
    }
    const auto& index = entry.documents.front().index;
    if (!is_line_part(entry.stream) || !is_line_part(index)) {
        return fail(ErrorKind::invalid,
                    fmt::format("a stream and an index must be text without tabs or line breaks, "
                                "got \"{}\", \"{}\"",
                                printable(entry.stream), printable(index)));
    }
    for (const auto& document : entry.documents) {
        if (document.index != index) {
            return fail(ErrorKind::invalid, "document " + printable(document.id) +
                                                " is of another index than its neighbours");
        }
        if (!is_line_part(document.id)) {
            return fail(ErrorKind::invalid, "not an id: \"" + printable(document.id) + '"');
        }
        if (document.json.empty() || document.json.find('\n') != std::string::npos) {
            return fail(ErrorKind::invalid,
                        "document " + printable(document.id) + " is not one line");
        }
    }
    return {};
}

std::string to_text(const Entry& entry) {
    std::string text =
        fmt::format("{}\t{}\t{}\n", entry.stream, entry.time.time_since_epoch().count(),
                    entry.documents.front().index);
    for (const auto& document : entry.documents) {
        text.append(document.id).append(1, '\t').append(document.json).append(1, '\n');
    }
    return text;
}

/// Cuts and returns what stands before `separator`; none where it does not occur.
std::optional<std::string_view> take(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto part = text.substr(0, end);
    text.remove_prefix(end + 1);
    return part;
}

std::optional<Entry> parse(std::string_view text) {
    const auto stream = take(text, '\t');
    const auto time = take(text, '\t');
    const auto index = take(text, '\n');
    if (!stream || !time || !index) {
        return std::nullopt;
    }
    std::int64_t milliseconds = 0;
    const auto [end, error] =
        std::from_chars(time->data(), time->data() + time->size(), milliseconds);
    if (error != std::errc{} || end != time->data() + time->size()) {
        return std::nullopt;
    }
    Entry entry;
    entry.stream = *stream;
    entry.time = Timestamp(std::chrono::milliseconds(milliseconds));
    while (!text.empty()) {
        const auto id = take(text, '\t');
        const auto json = take(text, '\n');
        if (!id || !json) {
            return std::nullopt;
        }
        entry.documents.push_back({std::string(*id), std::string(*index), std::string(*json)});
    }
    return entry;
}

Result<std::string> inflate_exactly(std::string_view body, std::uint32_t size) {
    std::string text(size, '\0');
    z_stream stream{};
    const auto no_memory = fail(ErrorKind::io, "no memory to decompress an entry");
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        return no_memory;  // which says nothing of the record
    }
    stream.next_in = const_cast<Bytef*>(input(body));  // zlib reads only
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = size;
    const int code = inflate(&stream, Z_FINISH);
    const bool whole = code == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
    inflateEnd(&stream);
    if (code == Z_MEM_ERROR) {
        return no_memory;
    }
    return whole ? Result<std::string>(std::move(text))
                 : fail(ErrorKind::corrupt, "a record does not decompress to its size");
}

}  // namespace

std::uint32_t checksum(std::string_view bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, input(bytes), bytes.size()));
}

std::uint32_t remembered_checksum(std::string_view name, std::string_view value) {
    return checksum(std::string(name).append(1, '\t').append(value));
}

Result<Record> encode_record(const Entry& entry) {
    if (auto fine = check_entry(entry); !fine) {
        return pass_on(fine);
    }
    const std::string text = to_text(entry);
    if (text.size() > max_record_size) {
        return fail(ErrorKind::invalid, fmt::format("an entry of {} bytes is more than {}",
                                                    text.size(), max_record_size));
    }
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return fail(ErrorKind::io, "no memory to compress an entry");
    }
    Record record;
    record.size = static_cast<std::uint32_t>(text.size());
    record.crc = checksum(text);
    record.body.resize(deflateBound(&stream, record.size));
    stream.next_in = const_cast<Bytef*>(input(text));  // zlib reads only
    stream.avail_in = record.size;
    stream.next_out = reinterpret_cast<Bytef*>(record.body.data());
    stream.avail_out = static_cast<uInt>(record.body.size());
    const int code = deflate(&stream, Z_FINISH);
    record.body.resize(stream.total_out);
    deflateEnd(&stream);
    if (code != Z_STREAM_END) {
        return fail(ErrorKind::io, fmt::format("compressing an entry: zlib {}", code));
    }
    return record;
}

Result<Entry> decode_record(std::string_view body, std::uint32_t crc, std::uint32_t size) {
    if (size > max_record_size) {
        return fail(ErrorKind::corrupt, fmt::format("a record of {} bytes", size));
    }
    const auto text = inflate_exactly(body, size);
    if (!text) {
        return pass_on(text);
    }
    if (checksum(*text) != crc) {
        return fail(ErrorKind::corrupt, "a record does not have its checksum");
    }
    auto entry = parse(*text);
    if (!entry || !check_entry(*entry)) {
        return fail(ErrorKind::corrupt, "a record is not pwlog's");
    }
    return std::move(*entry);
}

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spool/entry.h"

namespace pwlog {

/// How an entry lies in its row. One row per entry and not per document: the documents of a cycle
/// share their time, compress together (nine outlets say nearly the same nine times: about 1 KiB
/// instead of 5 KiB) and so cost about one page of the file and one commit.
///
/// The text, before raw deflate (RFC 1951), with · for a tab and each line ended by \n:
///
///     rack1-pdu·1795367045123·powerwalker-metrics-2026.11          stream, time in ms, index
///     rack1-pdu.pdu.1795367045123·{"@timestamp":"2026-11-22T…}     id, JSON; once per document
///     rack1-pdu.outlet1.1795367045123·{"@timestamp":"2026-11-22T…}
///
/// `crc` is zlib's CRC-32 of this text. It covers the header line too, so a record is whole in
/// itself: the columns beside it are only an index, and a record found in the ruins of a file is as
/// good as one found by SQLite, which has no checksums of its own (a flipped bit in a stored row
/// passes its integrity_check).
struct Record {
    std::string body;        ///< deflated
    std::uint32_t crc = 0;   ///< of the text
    std::uint32_t size = 0;  ///< of the text
};

/// A record's text is no longer than this: bounds what a damaged size can make us allocate.
inline constexpr std::uint32_t max_record_size = 4U << 20U;

/// ErrorKind::invalid where the entry has no documents, too many or too large ones, or a tab or
/// line break where none may be.
Result<Record> encode_record(const Entry& entry);

/// ErrorKind::corrupt where anything at all is not as encode_record() made it; ErrorKind::io where
/// there is no memory to see that. The entry has no
/// state.
Result<Entry> decode_record(std::string_view body, std::uint32_t crc, std::uint32_t size);

/// CRC-32 as used in the records and the ledger.
std::uint32_t checksum(std::string_view bytes);

/// Of a value remembered under a name.
std::uint32_t remembered_checksum(std::string_view name, std::string_view value);

}  // namespace pwlog

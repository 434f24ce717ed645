// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pwlog {

/// Splits one row of a table (RFC 4180). Its memory stays for the next one.
class CsvRow {
  public:
    /// False: a quoted field goes on in the next line. Blanks around a field go.
    bool split(std::string_view line, char delimiter);

    /// Valid as long as the line is, and until the next one.
    const std::vector<std::string_view>& fields() const { return fields_; }
    /// Something follows a closing quote.
    bool is_garbled() const { return is_garbled_; }

  private:
    std::size_t take_quoted(std::string_view line, std::size_t at);

    std::vector<std::string_view> fields_;
    std::string unquoted_;
    bool is_garbled_ = false;
};

}  // namespace pwlog

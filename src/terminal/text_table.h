// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace pwlog {

/// Lines of columns for a terminal, each as wide as its widest cell, two blanks apart.
class TextTable {
  public:
    enum class Align { left, right };

    /// A column with its heading; all of them before the first row.
    TextTable& column(std::string heading, Align align = Align::left);
    /// One cell for each column; missing ones are empty. Cells are made harmless (terminal_text).
    void row(const std::vector<std::string>& cells);
    /// Headings, then rows, each line ended; nothing where there is no row. Columns at the end that
    /// reach beyond `columns` (0: no limit) are left out: the least important stand last.
    std::string text(std::size_t columns = 0) const;

  private:
    struct Column {
        std::string heading;
        Align align;
        std::size_t width;
    };

    std::string line(const std::vector<std::string>& cells, std::size_t count) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// "12,345".
std::string grouped(std::int64_t number);

}  // namespace pwlog

// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "base/result.h"
#include "watch/watch_layout.h"

namespace pwlog {

/// The terminal as a screen, through ncurses, whose headers are in the .cpp only. From open() to
/// the destructor the terminal is ours; whatever ends the process in an orderly way gives it back.
/// One thread, one at a time.
class WatchTerminal {
  public:
    enum class Key { none, quit, up, down, page_up, page_down, first, last, redraw };

    /// Error: unavailable, where this terminal cannot place its cursor or is not known.
    static Result<std::unique_ptr<WatchTerminal>> open();
    virtual ~WatchTerminal() = default;

    /// Its size as it is now.
    virtual Canvas canvas() = 0;
    virtual void paint(const WatchScreen& screen) = 0;
    /// The next key that was pressed; none where there is none yet.
    virtual Key read_key() = 0;
};

}  // namespace pwlog

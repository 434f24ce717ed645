// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog::simulator {

/// The device's end of a pseudo-terminal. The other end is raw at 2400 baud from the start, so that
/// a reader that forgets to make it so does not start an echo storm.
class PtyMaster {
  public:
    static Result<PtyMaster> open();

    /// "/dev/pts/N"
    const std::string& slave_path() const { return slave_path_; }

    /// Becomes readable when bytes came. Not the terminal's own descriptor: that one reports a
    /// hang-up for as long as nobody has the other end open.
    int events() const { return events_.get(); }
    /// What has arrived, which may be nothing.
    std::string read_available();
    /// The last reader has gone since this was last asked.
    bool take_hang_up() { return std::exchange(hung_up_, false); }
    /// Does what the last close of a serial port does and that of a pseudo-terminal does not: frees
    /// an exclusive lock (TIOCEXCL) and forgets what was not read. False where the lock keeps us
    /// out ourselves, as it does everybody but root: only a new terminal helps then.
    bool release();
    bool has_input() const;
    /// What the kernel has no room for is lost, as on a wire that nobody listens to.
    void write(std::string_view bytes) const;

  private:
    bool is_hung_up() const;

    UniqueFd master_;
    UniqueFd events_;
    std::string slave_path_;
    bool hung_up_ = false;
};

/// Makes `link` a symbolic link to `target`, in one step. Errors: invalid where something other
/// than a link is in the way, io.
Result<void> point_link(const std::filesystem::path& link, const std::string& target);

}  // namespace pwlog::simulator

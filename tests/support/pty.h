// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace pwlog::test {

/// A pseudo-terminal whose master is the test's end of the wire; the slave is what the program
/// opens. The slave starts cooked with echo, as the kernel makes it. Throws where the system
/// refuses.
class Pty {
  public:
    Pty();

    /// For poll() and the like; -1 after hang_up().
    int master() const { return master_.get(); }
    /// "/dev/pts/N"
    const std::string& slave_path() const { return slave_path_; }

    /// Points the symbolic link at this slave, replacing in one step what it pointed at before: the
    /// udev name of a device that was plugged in again.
    void link_as(const std::filesystem::path& link) const;

    /// Sends all bytes to the slave.
    void write(std::string_view bytes) const;

    /// What the slave sent: returns once there are `at_least` bytes, or what came until time is up.
    std::string read(std::size_t at_least,
                     std::chrono::milliseconds within = std::chrono::seconds(10)) const;

    /// Pulls the plug: closes the master.
    void hang_up() { master_.reset(); }

  private:
    UniqueFd master_;
    std::string slave_path_;
};

}  // namespace pwlog::test

// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/run_program.h"
#include "support/temp_dir.h"

namespace pwlog::test {

/// A file system of its own, of 4 MB where nothing else is said; none where this user may not mount
/// one.
class SmallDisk {
  public:
    explicit SmallDisk(std::uint64_t bytes = 4U << 20U)
        : mounted_(mount("tmpfs", dir_.path().c_str(), "tmpfs", 0,
                         ("size=" + std::to_string(bytes) + ",mode=700").c_str()) == 0) {}
    /// A real one, ext4 in a file, with its journal and what a folder and a rename take.
    struct Ext4 {
        std::uint64_t bytes;
    };
    explicit SmallDisk(Ext4 disk) : mounted_(mount_ext4(disk.bytes)) {}
    ~SmallDisk() {
        if (mounted_) {
            umount2(dir_.path().c_str(), MNT_DETACH);
        }
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool is_there() const { return mounted_; }
    std::filesystem::path spool() const { return dir_.path() / "spool"; }

    /// Leaves `bytes` free.
    void fill_up_to(std::uint64_t bytes) const {
        std::ofstream filler(dir_.path() / "filler", std::ios::app | std::ios::binary);
        while (free_bytes() > bytes && filler) {
            filler << std::string(4096, 'x') << std::flush;
        }
    }
    void make_room() const { std::filesystem::remove(dir_.path() / "filler"); }
    std::uint64_t free_bytes() const {
        struct statvfs status {};
        statvfs(dir_.path().c_str(), &status);
        return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
    }

  private:
    bool mount_ext4(std::uint64_t bytes) const {
        const auto image = image_.path() / "image";
        std::ofstream(image).close();
        std::error_code error;
        std::filesystem::resize_file(image, bytes, error);
        return !error && run_program({"/sbin/mkfs.ext4", "-q", "-m", "0", image}).status == 0 &&
               run_program({"/bin/mount", "-o", "loop", image, dir_.path()}).status == 0;
    }

    TempDir image_;
    TempDir dir_;
    bool mounted_;
};

}  // namespace pwlog::test

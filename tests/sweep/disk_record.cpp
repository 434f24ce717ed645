// SPDX-License-Identifier: MIT
#include "disk_record.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace pwlog::test {

namespace fs = std::filesystem;

namespace {

ino_t inode_of(const fs::path& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

void apply(std::string& content, std::int64_t offset, std::string_view bytes) {
    const auto start = static_cast<std::size_t>(offset);
    if (bytes.empty()) {
        content.resize(start);
        return;
    }
    content.resize(std::max(content.size(), start + bytes.size()), '\0');
    content.replace(start, bytes.size(), bytes);
}

}  // namespace

void DiskRecord::start(const fs::path& folder) {
    *this = {};
    folder_ = folder.string();
    folder_inode_ = inode_of(folder);
    files_.emplace_back();  // the folder itself: synced by its names
    by_inode_[folder_inode_] = 0;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(folder, error)) {
        std::string content(item.is_regular_file() ? item.file_size() : 0, '\0');
        std::ifstream(item.path(), std::ios::binary)
            .read(content.data(), static_cast<std::streamsize>(content.size()));
        files_.push_back({std::move(content), {}});
        by_inode_[inode_of(item.path())] = files_.size() - 1;
        names_[item.path().string()] = files_.size() - 1;
    }
    synced_names_ = names_;
}

void DiskRecord::opened(const std::string& path, ino_t inode, bool emptied) {
    if (inode == folder_inode_) {
        return;
    }
    if (!names_.contains(path)) {  // a new file; its inode may have been another's before
        files_.emplace_back();
        by_inode_[inode] = files_.size() - 1;
        names_[path] = files_.size() - 1;
    } else if (emptied) {
        truncated(inode, 0);
    }
}

void DiskRecord::written(ino_t inode, std::int64_t offset, std::string_view bytes) {
    if (!bytes.empty()) {
        file_of(inode).changes.push_back({offset, std::string(bytes)});
    }
}

void DiskRecord::truncated(ino_t inode, std::int64_t size) {
    file_of(inode).changes.push_back({size, {}});
}

void DiskRecord::synced(ino_t inode, bool worked) {
    if (inode == folder_inode_) {
        synced_names_ = worked ? names_ : synced_names_;
        return;
    }
    auto& [content, changes] = file_of(inode);
    for (const auto& [offset, bytes] : changes) {
        if (worked) {
            apply(content, offset, bytes);
        }
    }
    changes.clear();
}

void DiskRecord::renamed(const std::string& from, const std::string& to) {
    if (const auto old = names_.extract(from)) {
        names_[to] = old.mapped();
    }
}

void DiskRecord::unlinked(const std::string& path) { names_.erase(path); }

void DiskRecord::remains(const fs::path& into, Names names, std::mt19937* luck) const {
    for (const auto& [path, number] : names == Names::kept ? names_ : synced_names_) {
        std::string content = files_[number].synced;
        for (const auto& [offset, bytes] : files_[number].changes) {
            if (luck != nullptr && (*luck)() % 2 == 0) {
                apply(content, offset, bytes);
            }
        }
        const fs::path file = into / fs::path(path).lexically_relative(folder_);
        std::ofstream(file, std::ios::binary) << content;
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    }
}

}  // namespace pwlog::test

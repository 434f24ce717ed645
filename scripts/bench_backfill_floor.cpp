// SPDX-License-Identifier: MIT
// The floor that a bulk client is measured against: it posts ready bodies of about 1 MB over kept
// connections and does nothing else. No line is looked at, no answer is read beyond its status.
//
//   bench_backfill_floor URL BODIES CONNECTIONS [gzip]
//
// BODIES is a file of whole bulk bodies, one behind the other, as bench_backfill.py makes it: each
// begins with its length in 8 digits and a line end.
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

std::mutex file_mutex;
int file = -1;

bool read_all(char* to, std::size_t size) {
    while (size > 0) {
        const ssize_t count = read(file, to, size);
        if (count <= 0) {
            return false;
        }
        to += count;
        size -= static_cast<std::size_t>(count);
    }
    return true;
}

bool next_body(std::vector<char>& body) {
    const std::lock_guard lock(file_mutex);
    char length[10] = {};
    if (!read_all(length, 9)) {
        return false;
    }
    body.resize(static_cast<std::size_t>(std::atoll(length)));
    return read_all(body.data(), body.size());
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

// The same level as the program's own: 1.
void pack(z_stream& stream, const std::vector<char>& body, std::vector<char>& packed) {
    deflateReset(&stream);
    packed.resize(deflateBound(&stream, body.size()));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
}

void post_all(const std::string& url, bool gzip) {
    CURL* curl = curl_easy_init();
    curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/x-ndjson");
    headers = curl_slist_append(headers, "Expect:");
    if (gzip) {
        headers = curl_slist_append(headers, "Content-Encoding: gzip");
    }
    curl_easy_setopt(curl, CURLOPT_URL, (url + "/_bulk?filter_path=errors").c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    std::vector<char> body;
    std::vector<char> packed;
    z_stream stream{};
    deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    while (next_body(body)) {
        if (gzip) {
            pack(stream, body, packed);
        }
        const auto& sent = gzip ? packed : body;
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent.data());
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent.size()));
        const CURLcode code = curl_easy_perform(curl);
        long status = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        if (code != CURLE_OK || status != 200) {
            std::fprintf(stderr, "floor: %s, status %ld\n", curl_easy_strerror(code), status);
            std::exit(1);
        }
    }
    deflateEnd(&stream);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        return 2;
    }
    file = open(argv[2], O_RDONLY);
    if (file < 0) {
        std::perror(argv[2]);
        return 1;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const bool gzip = argc > 4 && std::strcmp(argv[4], "gzip") == 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < std::atoi(argv[3]); ++i) {
        threads.emplace_back(post_all, std::string(argv[1]), gzip);
    }
    for (auto& thread : threads) {
        thread.join();
    }
    return 0;
}

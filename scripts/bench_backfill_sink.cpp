// SPDX-License-Identifier: MIT
// A server that takes every bulk request and keeps nothing: each document is answered as a good
// Elasticsearch would, so that clients have all their items to read. With `filter_path` in the
// request the items are as short as that makes them.
//
//   bench_backfill_sink     prints its port, then a line "documents N" when its input ends
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

namespace {

std::atomic<long> documents = 0;

constexpr std::string_view short_item = R"({"create":{"status":201}})";
constexpr std::string_view long_item =
    R"({"create":{"_index":"powerwalker-metrics-2026.09","_id":"XkmGKJYBAAABmdAAAAABmdAAAAB",)"
    R"("_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},)"
    R"("_seq_no":0,"_primary_term":1,"status":201}})";

std::string inflate_all(const std::string& packed) {
    z_stream stream{};
    inflateInit2(&stream, MAX_WBITS + 32);
    std::string plain;
    char buffer[65536];
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    int code = Z_OK;
    while (code == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer);
        stream.avail_out = sizeof buffer;
        code = inflate(&stream, Z_NO_FLUSH);
        plain.append(buffer, sizeof buffer - stream.avail_out);
    }
    inflateEnd(&stream);
    return plain;
}

// A document is a second line: every action here is a create or an index.
long count_documents(const std::string& body) {
    long lines = 0;
    for (const char* at = body.data(); at < body.data() + body.size(); ++lines) {
        const auto* end = static_cast<const char*>(
            std::memchr(at, '\n', static_cast<std::size_t>(body.data() + body.size() - at)));
        if (end == nullptr) {
            ++lines;
            break;
        }
        at = end + 1;
    }
    return lines / 2;
}

std::string answer(std::string_view head, const std::string& body) {
    const bool bulk = head.substr(0, head.find("\r\n")).find("_bulk") != head.npos;
    std::string json;
    if (bulk) {
        const long count = count_documents(body);
        documents += count;
        const bool filtered = head.substr(0, head.find("\r\n")).find("filter_path") != head.npos;
        json = filtered ? R"({"errors":false,"items":[)" : R"({"took":1,"errors":false,"items":[)";
        for (long i = 0; i < count; ++i) {
            json += i > 0 ? "," : "";
            json += filtered ? short_item : long_item;
        }
        json += "]}";
    } else if (head.find(" / ") != head.npos) {
        json =
            R"({"name":"sink","cluster_name":"sink","cluster_uuid":"sink","version":)"
            R"({"number":"8.19.21","build_flavor":"default","minimum_wire_compatibility_version":)"
            R"("7.17.0"},"tagline":"You Know, for Search"})";
    } else {
        // Newer than any: fits.
        json = R"({"i":{"mappings":{"_meta":{"managed_by":"pwlog","version":99,)"
               R"("index_mode":"time_series"}}}})";
    }
    std::string reply =
        "HTTP/1.1 200 OK\r\nX-Elastic-Product: Elasticsearch\r\n"
        "Content-Type: application/json\r\nContent-Length: " +
        std::to_string(json.size()) + "\r\n\r\n";
    if (head.starts_with("HEAD")) {
        return reply;
    }
    return reply + json;
}

std::string lower(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
    return text;
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void unchunk(std::string& body) {
    std::string whole;
    for (std::size_t at = 0;;) {
        const std::size_t size = std::strtoul(body.c_str() + at, nullptr, 16);
        const std::size_t begin = body.find("\r\n", at) + 2;
        if (size == 0) {
            break;
        }
        whole += body.substr(begin, size);
        at = begin + size + 2;
    }
    body = whole;
}

void serve(int fd) {
    std::string input;
    char buffer[262144];
    for (;;) {
        std::size_t head_end = input.find("\r\n\r\n");
        while (head_end == input.npos) {
            const ssize_t count = read(fd, buffer, sizeof buffer);
            if (count <= 0) {
                close(fd);
                return;
            }
            input.append(buffer, static_cast<std::size_t>(count));
            head_end = input.find("\r\n\r\n");
        }
        const std::string head = input.substr(0, head_end + 2);
        const std::string names = lower(head);
        if (names.find("expect: 100") != names.npos) {
            send_all(fd, "HTTP/1.1 100 Continue\r\n\r\n");
        }
        const std::size_t length_at = names.find("content-length:");
        const bool chunked = names.find("transfer-encoding: chunked") != names.npos;
        const std::size_t length =
            length_at == names.npos ? 0 : std::strtoul(names.c_str() + length_at + 15, nullptr, 10);
        std::string body = input.substr(head_end + 4);
        while (chunked ? body.find("0\r\n\r\n") == body.npos : body.size() < length) {
            const ssize_t count = read(fd, buffer, sizeof buffer);
            if (count <= 0) {
                close(fd);
                return;
            }
            body.append(buffer, static_cast<std::size_t>(count));
        }
        if (chunked) {
            unchunk(body);
            input.clear();
        } else {
            input = body.substr(length);
            body.resize(length);
        }
        if (names.find("content-encoding: gzip") != names.npos) {
            body = inflate_all(body);
        }
        if (!send_all(fd, answer(head, body))) {
            close(fd);
            return;
        }
    }
}

}  // namespace

int main() {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener, 64) != 0 ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        std::perror("sink");
        return 1;
    }
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    for (;;) {
        pollfd both[] = {{listener, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        poll(both, 2, -1);
        if ((both[1].revents & (POLLIN | POLLHUP)) != 0) {
            char line[64];
            if (read(STDIN_FILENO, line, sizeof line) <= 0) {
                return 0;
            }
            std::printf("documents %ld\n", documents.exchange(0));
            std::fflush(stdout);
        }
        if ((both[0].revents & POLLIN) != 0) {
            const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            const int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            std::thread(serve, fd).detach();
        }
    }
}

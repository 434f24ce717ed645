// SPDX-License-Identifier: MIT
// Runs a command and prints what it took: "CPU-seconds peak-KiB seconds" on standard error. Started
// by a small program, a process's peak does not begin with what a large one had at its fork.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>

int main(int, char** argv) {
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);  // a benchmark that is ended ends what it runs
        execvp(argv[1], argv + 1);
        std::perror(argv[1]);
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    std::fprintf(stderr, "\n%.4f %ld %.4f\n", seconds(usage.ru_utime) + seconds(usage.ru_stime),
                 usage.ru_maxrss,
                 std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// SPDX-License-Identifier: MIT
// A PTY has no modem lines, and libserialport opens nothing without them: answer for them, and pass
// everything else on to the kernel. The dynamic linker prefers a program's own ioctl().
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>

extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
    va_list rest;
    va_start(rest, request);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    switch (request) {
        case TIOCMGET:
            *static_cast<int*>(argument) = TIOCM_DTR | TIOCM_RTS;
            return 0;
        case TIOCMSET:
        case TIOCMBIS:
        case TIOCMBIC:
            return 0;
        default:
            return static_cast<int>(syscall(SYS_ioctl, fd, request, argument));
    }
}

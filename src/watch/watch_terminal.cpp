// SPDX-License-Identifier: MIT
#include "watch/watch_terminal.h"

// Before curses.h: the C++ side shall not see macros named clear, erase, move …
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <string_view>

namespace pwlog {

namespace {

struct EndScreen {
    void operator()(SCREEN* screen) const {
        endwin();
        delscreen(screen);
    }
};

short pair_of(Paint paint) { return static_cast<short>(static_cast<int>(paint) + 1); }

attr_t attributes_of(Paint paint, bool coloured) {
    const attr_t pair = coloured ? static_cast<attr_t>(COLOR_PAIR(pair_of(paint))) : A_NORMAL;
    switch (paint) {
        case Paint::strong:
        case Paint::title:
            return pair | A_BOLD;
        case Paint::alarm:
            return pair | A_BOLD | (coloured ? A_NORMAL : A_REVERSE);
        case Paint::faint:
            return pair | A_DIM;
        default:
            return pair;
    }
}

void make_pairs() {
    start_color();
    use_default_colors();
    init_pair(pair_of(Paint::plain), -1, -1);
    init_pair(pair_of(Paint::faint), -1, -1);
    init_pair(pair_of(Paint::strong), -1, -1);
    init_pair(pair_of(Paint::title), COLOR_CYAN, -1);
    init_pair(pair_of(Paint::good), COLOR_GREEN, -1);
    init_pair(pair_of(Paint::warning), COLOR_YELLOW, -1);
    init_pair(pair_of(Paint::alarm), COLOR_RED, -1);
}

class CursesTerminal final : public WatchTerminal {
  public:
    explicit CursesTerminal(SCREEN* screen) : screen_(screen) {
        utf8_ = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
        coloured_ = has_colors() && std::getenv("NO_COLOR") == nullptr;
        cbreak();
        noecho();
        nonl();
        keypad(stdscr, TRUE);
        nodelay(stdscr, TRUE);
        curs_set(0);
        set_escdelay(25);
        if (coloured_) {
            make_pairs();
        }
    }

    Canvas canvas() override {
        winsize size{};
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
            (size.ws_row != getmaxy(stdscr) || size.ws_col != getmaxx(stdscr))) {
            resizeterm(size.ws_row, size.ws_col);
            clear();
        }
        return {static_cast<std::size_t>(getmaxx(stdscr)),
                static_cast<std::size_t>(getmaxy(stdscr)), utf8_};
    }

    void paint(const WatchScreen& screen) override {
        erase();
        for (std::size_t row = 0; row < screen.lines.size(); ++row) {
            for (const Span& span : screen.lines[row]) {
                attrset(static_cast<int>(attributes_of(span.paint, coloured_)));
                mvaddstr(static_cast<int>(row), static_cast<int>(span.column), span.text.c_str());
            }
        }
        refresh();
    }

    Key read_key() override {
        switch (getch()) {
            case 'q':
            case 'Q':
            case 3:  // Ctrl-C, where the terminal makes no signal of it
                return Key::quit;
            case KEY_UP:
            case 'k':
                return Key::up;
            case KEY_DOWN:
            case 'j':
                return Key::down;
            case KEY_PPAGE:
                return Key::page_up;
            case KEY_NPAGE:
            case ' ':
                return Key::page_down;
            case KEY_HOME:
            case 'g':
                return Key::first;
            case KEY_END:
            case 'G':
                return Key::last;
            case ERR:
                return Key::none;
            default:
                return Key::redraw;
        }
    }

  private:
    std::unique_ptr<SCREEN, EndScreen> screen_;
    bool utf8_ = false;
    bool coloured_ = false;
};

}  // namespace

Result<std::unique_ptr<WatchTerminal>> WatchTerminal::open() {
    std::setlocale(LC_CTYPE, "");  // what the terminal's bytes mean; numbers stay as they are
    SCREEN* screen = newterm(nullptr, stdout, stdin);
    if (screen == nullptr) {
        return fail(ErrorKind::unavailable, "this terminal is not known here (TERM)");
    }
    if (tigetstr("cup") == nullptr) {
        endwin();
        delscreen(screen);
        return fail(ErrorKind::unavailable, "this terminal cannot place its cursor (TERM)");
    }
    return std::make_unique<CursesTerminal>(screen);
}

}  // namespace pwlog

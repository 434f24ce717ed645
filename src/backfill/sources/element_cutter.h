// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "backfill/input/line_reader.h"

namespace pwlog {

/// Cuts the elements out of a stream of JSON: the objects in `hits.hits` of each answer, or those
/// of a list, or those that stand at the top. It only counts brackets outside of texts; whether an
/// element is JSON is for the check to say.
class ElementCutter {
  public:
    enum class Shape { replies, list, values };
    static constexpr std::size_t longest_key = 16;

    explicit ElementCutter(Shape shape) : shape_(shape) {}

    /// Takes one byte; true: element() is complete.
    bool take(char c);

    const std::string& element() const { return element_; }
    bool within_element() const { return capturing_; }
    bool within_anything() const { return depth_ > 0; }
    /// Empty, or what an answer says against itself.
    const std::string& complaint() const { return complaint_; }

    /// `between` two elements of one answer or list, to go on there.
    void go_on_between_elements() {
        depth_ = element_depth() - 1;
        keys_ = {"hits", "hits"};
        hits_list_ = true;
    }
    bool between_elements() const { return depth_ > 0 && depth_ == element_depth() - 1; }

  private:
    std::size_t element_depth() const {
        return shape_ == Shape::replies ? 4 : shape_ == Shape::list ? 2 : 1;
    }

    void judge_literal();
    void within_text(char c);
    void open(char c);
    bool close();

    Shape shape_;
    std::size_t depth_ = 0;
    bool in_text_ = false;
    bool escaped_ = false;
    bool capturing_ = false;
    bool hits_list_ = false;
    std::string text_;
    std::string literal_;
    std::string complaint_;
    std::array<std::string, 2> keys_;
    std::string element_;
};

}  // namespace pwlog

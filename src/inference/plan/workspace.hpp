#pragma once

#include <cstddef>

#include "base/aligned.hpp"

namespace earmark::inference {

/// Memory that plans work in one after the other: as much as the greediest of them needs. It holds nothing from one run
/// to the next.
class Workspace {
  public:
    /// Makes room for so many bytes, in another place if need be.
    void reserve(std::size_t bytes) {
        if (bytes <= memory_.size()) return;
        memory_ = {};  // first, so that both are never there
        memory_.resize(bytes);
    }
    std::byte* data() { return memory_.data(); }
    std::size_t size() const { return memory_.size(); }

  private:
    base::AlignedVector<std::byte> memory_;
};

}  // namespace earmark::inference

#pragma once

#include <cstddef>

#include "files/descriptor.hpp"

namespace earmark::confine {

/// Memory that two processes see.
class SharedMemory {
  public:
    /// Makes `size` bytes. Nobody can change the size. @throws std::bad_alloc
    explicit SharedMemory(std::size_t size);
    /// Memory of that size that another process made. @throws std::bad_alloc
    SharedMemory(files::Descriptor descriptor, std::size_t size);
    ~SharedMemory();
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    int descriptor() const noexcept { return descriptor_.get(); }
    void* data() const noexcept { return data_; }

  private:
    files::Descriptor descriptor_;
    std::size_t size_;
    void* data_ = nullptr;
};

}  // namespace earmark::confine

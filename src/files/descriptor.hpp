#pragma once

#include <unistd.h>

#include <utility>

namespace earmark::files {

/// An open file, pipe or folder of the system, closed at the end of a scope. -1 stands for none.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) noexcept : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = other.release();
        }
        return *this;
    }

    int get() const noexcept { return number_; }
    bool is_open() const noexcept { return number_ >= 0; }
    /// Hands it to the caller, who is to close it.
    int release() noexcept { return std::exchange(number_, -1); }
    void close() noexcept {
        if (is_open()) ::close(release());
    }

  private:
    int number_;
};

}  // namespace earmark::files

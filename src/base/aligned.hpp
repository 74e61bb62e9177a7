#pragma once

#include <cstddef>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace earmark::base {

/// Allocates on borders of 64 bytes: those of cache lines, and of the widest vectors. Large pieces ask the system for
/// huge pages, which spare looking addresses up.
template <typename T>
struct AlignedAllocator {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    AlignedAllocator() = default;
    template <typename U>
    AlignedAllocator(const AlignedAllocator<U>&) noexcept {}

    T* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(T);
        void* memory = ::operator new(bytes, alignment_of(bytes));
#if defined(__linux__)
        if (bytes >= huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        ::operator delete(memory, alignment_of(count * sizeof(T)));
    }
    static std::align_val_t alignment_of(std::size_t bytes) {
        return bytes >= huge_page ? std::align_val_t{huge_page} : alignment;
    }
    static constexpr std::size_t huge_page = std::size_t{1} << 21;

    bool operator==(const AlignedAllocator&) const noexcept {
        return true;
    }
};

template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace earmark::base

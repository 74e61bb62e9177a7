#include "confine/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <utility>

namespace earmark::confine {

namespace {

files::Descriptor make(std::size_t size) {
    files::Descriptor memory(::memfd_create("earmark", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    // Were it made smaller by the other process, reading it would end this one.
    if (!memory.is_open() || ::ftruncate(memory.get(), static_cast<off_t>(size)) != 0 ||
        ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        throw std::bad_alloc();
    }
    return memory;
}

}  // namespace

SharedMemory::SharedMemory(std::size_t size) : SharedMemory(make(size), size) {}

SharedMemory::SharedMemory(files::Descriptor descriptor, std::size_t size)
    : descriptor_(std::move(descriptor)), size_(size) {
    data_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_.get(), 0);
    if (data_ == MAP_FAILED) throw std::bad_alloc();
}

SharedMemory::~SharedMemory() {
    ::munmap(data_, size_);
}

}  // namespace earmark::confine

#include "files/content_hash.hpp"

#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <vector>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"

namespace earmark::files {

void ContentHash::Delete::operator()(XXH3_state_s* state) const noexcept {
    ::XXH3_freeState(state);
}

ContentHash::ContentHash() : state_(::XXH3_createState()) {
    if (!state_) throw std::bad_alloc();
    ::XXH3_128bits_reset(state_.get());
}

ContentHash::~ContentHash() = default;
ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;

void ContentHash::add(std::span<const std::uint8_t> bytes) noexcept {
    if (!bytes.empty()) ::XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

void ContentHash::add(std::string_view text) noexcept {
    add({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

ContentHash::Digest ContentHash::digest() const noexcept {
    XXH128_canonical_t canonical;
    ::XXH128_canonicalFromHash(&canonical, ::XXH3_128bits_digest(state_.get()));
    Digest digest{};
    static_assert(sizeof canonical.digest == sizeof digest);
    std::copy(std::begin(canonical.digest), std::end(canonical.digest), digest.begin());
    return digest;
}

std::string to_string(const ContentHash::Digest& digest) {
    std::string text;
    for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
    return text;
}

ContentHash::Digest hash_of_file(const std::filesystem::path& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) fail_to_open(path, errno);
    ContentHash hash;
    std::vector<std::uint8_t> buffer(1 << 16);
    std::size_t got = 0;
    while ((got = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0) hash.add({buffer.data(), got});
    if (std::ferror(file.get()) != 0) fail_to_open(path, errno);
    return hash.digest();
}

}  // namespace earmark::files

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace earmark::base {

/// 64-bit FNV-1a, in pieces: start with `fnv1a_start` and feed what came before.
inline constexpr std::uint64_t fnv1a_start = 0xcbf29ce484222325U;
inline std::uint64_t fnv1a(std::uint64_t hash, const void* data, std::size_t bytes) noexcept {
    const auto* byte = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ byte[i]) * 0x100000001b3U;
    return hash;
}

/// xoshiro256** of Blackman and Vigna (https://prng.di.unimi.it), seeded by splitmix64. The standard library's
/// distributions and std::shuffle differ from one implementation to the next; this and what follows do not, so a seed
/// means the same split on every machine.
class Random {
  public:
    /// `stream` gives independent sequences under one seed.
    explicit Random(std::uint64_t seed, std::string_view stream = {}) noexcept {
        std::uint64_t state = seed;
        if (!stream.empty()) state ^= fnv1a(fnv1a_start, stream.data(), stream.size());
        for (std::uint64_t& word : state_) {
            std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
            word = z ^ (z >> 31);
        }
    }

    /// 64 random bits.
    std::uint64_t next() noexcept {
        const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = rotate(state_[3], 45);
        return result;
    }

    /// One of 0 … bound-1, each as likely; bound is at least 1.
    std::uint64_t below(std::uint64_t bound) noexcept {
        const std::uint64_t uneven = (0 - bound) % bound;  // 2^64 mod bound: values that would favour the low numbers
        std::uint64_t value = next();
        while (value < uneven) value = next();
        return value % bound;
    }

    /// Puts `items` in random order (Fisher and Yates).
    template <typename T>
    void shuffle(std::span<T> items) noexcept {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }

  private:
    static std::uint64_t rotate(std::uint64_t x, int bits) noexcept { return (x << bits) | (x >> (64 - bits)); }

    std::array<std::uint64_t, 4> state_{};
};

}  // namespace earmark::base

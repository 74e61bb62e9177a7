#include "features/compressor.hpp"

#include <limits>

namespace earmark::features {

Compressor::Compressor(const FeatureOptions& options)
    : kernels_(kernels()),
      compression_(options.compression),
      constant_(static_cast<float>(options.compression_constant)),
      decibels_(options.reference, options.amin, options.top_db) {}

float Compressor::floor(float maximum_power) const noexcept {
    if (compression_ == Compression::decibels) return decibels_.floor(maximum_power);
    return -std::numeric_limits<float>::infinity();
}

void Compressor::apply(const float* mel, float floor, float* result, std::size_t count) const noexcept {
    switch (compression_) {
        case Compression::decibels:
            decibels_.apply(mel, floor, result, count);
            break;
        case Compression::log10_1p:
            kernels_.log10_1p(mel, count, constant_, result);
            break;
        case Compression::ln_offset:
            kernels_.ln_offset(mel, count, constant_, result);
            break;
    }
}

}  // namespace earmark::features

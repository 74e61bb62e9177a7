#pragma once

#include "audio/input/input.hpp"
#include "metadata/byte_source.hpp"

namespace earmark::audio {

/// An input as the readers of tags take it. The input must outlive it.
class InputBytes : public metadata::ByteSource {
  public:
    explicit InputBytes(Input& input) : input_(input) {}

    std::uint64_t size() const override;
    std::size_t read(std::uint64_t offset, std::span<char> bytes) const override;

  private:
    Input& input_;
};

}  // namespace earmark::audio

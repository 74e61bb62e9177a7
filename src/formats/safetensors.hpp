#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "earmark/tensor.hpp"

namespace earmark::formats {

/// The contents of a safetensors file whose tensors are all 32-bit floats.
struct SafeTensors {
    std::map<std::string, std::string> metadata;
    std::map<std::string, Tensor> tensors;
};

/// Reads a safetensors file and trusts nothing in it: the header's length, every tensor's type, shape and place, and
/// that the tensors fill the file without gap or overlap, as the format demands.
/// @throws Error not_found, unreadable, corrupt, unsupported (tensors of other types)
SafeTensors read_safetensors(const std::filesystem::path& path);

/// Writes a safetensors file, whole or not at all. @throws Error cannot_write
void write_safetensors(const SafeTensors& contents, const std::filesystem::path& path);

}  // namespace earmark::formats

#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "earmark/tensor.hpp"

namespace earmark::formats {

/// The contents of a safetensors file. Tensors of smaller types are made 32-bit floats as they are read.
struct SafeTensors {
    std::map<std::string, std::string> metadata;
    std::map<std::string, Tensor> tensors;
};

/// Reads a safetensors file and trusts nothing in it: the header's length, every tensor's type, shape and place, and
/// that the tensors fill the file without gap or overlap, as the format demands.
/// Types are F32, F16, and I8 with a scale a channel: "NAME" of type I8 stands for its values times those of the F32
/// tensor "NAME.scale8", which has one finite value above 0 for each index of the first axis, and is left out.
/// @throws Error not_found, unreadable, corrupt, unsupported (tensors of other types)
SafeTensors read_safetensors(const std::filesystem::path& path);

/// Writes a safetensors file of F32 tensors, whole or not at all. @throws Error cannot_write
void write_safetensors(const SafeTensors& contents, const std::filesystem::path& path);

}  // namespace earmark::formats

#include "formats/safetensors.hpp"

#include <cstring>

#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

bool same(const Tensor& a, const Tensor& b) {
    return a.shape == b.shape && a.values.size() == b.values.size() &&
           (a.values.empty() || std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0);
}

/// What was read is the same, to the bit, when it is written and read again.
void run_safetensors(Bytes bytes) {
    const ScratchFile file("fuzzed.safetensors", bytes);
    const formats::SafeTensors read = formats::read_safetensors(file.path());
    const ScratchFile copy("again.safetensors", {});
    formats::write_safetensors(read, copy.path());
    const formats::SafeTensors again = formats::read_safetensors(copy.path());
    require(again.metadata == read.metadata, "metadata do not survive their writing");
    require(again.tensors.size() == read.tensors.size(), "a tensor is lost in writing");
    for (const auto& [name, tensor] : read.tensors) {
        require(same(again.tensors.at(name), tensor), "a tensor does not survive its writing");
    }
}

const Registration safetensors_target("safetensors", run_safetensors);

}  // namespace

}  // namespace earmark::fuzz

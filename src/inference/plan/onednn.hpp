#pragma once

#include <omp.h>

#include <cstdint>
#include <dnnl.hpp>
#include <unordered_map>

#include "model/layers.hpp"

namespace earmark::inference::onednn {

using dnnl::memory;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;
constexpr auto f32 = memory::data_type::f32;
constexpr auto bf16 = memory::data_type::bf16;

/// The CPU.
const dnnl::engine& engine();

/// Where the numbers of a memory are.
inline float* data(const memory& memory) {
    return static_cast<float*>(memory.get_data_handle());
}

/// Lets oneDNN and OpenMP use so many threads on this one while it lives. What is built under one number of threads
/// must be run under the same.
class Threads {
  public:
    explicit Threads(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
    ~Threads() { omp_set_num_threads(before_); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

  private:
    int before_;
};

/// Dimensions of a batch of examples.
memory::dims with_batch(std::int64_t batch, const model::Shape& shape);

// How the values of an array may lie in memory.
memory::desc row_major(const memory::dims& dims);
/// Images (batch × channels × rows × columns) in blocks of as many channels as a vector has lanes.
memory::desc blocked(const memory::dims& dims, std::int64_t lanes);
/// Images (batch × channels × rows × columns) pixel by pixel.
memory::desc channels_last(const memory::dims& dims);
/// Sequences (batch × frames × values) frame by frame, each of the whole batch, as oneDNN's recurrent layers take them.
memory::desc by_time(const memory::dims& dims);
/// However a primitive likes it best.
memory::desc any(const memory::dims& dims, memory::data_type type = f32);

/// Attributes that every primitive of a Program must have: the program owns the scratch memory, so that it may run in
/// another thread than the one that made it.
dnnl::primitive_attr attributes(bool relu = false);

}  // namespace earmark::inference::onednn

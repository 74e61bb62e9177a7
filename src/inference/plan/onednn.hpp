#pragma once

#include <omp.h>

#include <cstddef>
#include <cstdint>
#include <dnnl.hpp>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/aligned.hpp"
#include "model/layers.hpp"

namespace earmark::inference::onednn {

using dnnl::memory;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;
constexpr auto f32 = memory::data_type::f32;
constexpr auto bf16 = memory::data_type::bf16;

/// The CPU.
const dnnl::engine& engine();

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
/// Sequences (batch × frames × values) frame by frame, each of the whole batch, as oneDNN's recurrent layers take them.
memory::desc by_time(const memory::dims& dims);
/// However a primitive likes it best.
memory::desc any(const memory::dims& dims, memory::data_type type = f32);

/// Attributes that every primitive of a Program must have: the program owns the scratch memory, so that it may run in
/// another thread than the one that made it.
dnnl::primitive_attr attributes(bool relu = false);

/// Primitives, and functions between them, run one after the other, with the memory that they work on.
class Program {
  public:
    /// Memory that lives as long as the program, zero at first.
    memory make(const memory::desc& description);

    void append(const dnnl::primitive& primitive, Arguments arguments);
    void append(std::function<void()> function);

    /// `source` in the layout wanted: itself, or a copy that is made anew each time the program comes here.
    memory reordered(const memory& source, const memory::desc& wanted);
    /// Copies `source` to `target`, whatever their layouts; nothing to do when they are the same.
    void copy(const memory& source, const memory& target);

    void run(dnnl::stream& stream);

  private:
    struct Step {
        dnnl::primitive primitive;
        Arguments arguments;
        std::function<void()> function;  // instead of a primitive
    };
    std::vector<Step> steps_;
    std::vector<base::AlignedVector<std::byte>> owned_;
    base::AlignedVector<std::byte> scratch_;  // enough for the greediest primitive
};

}  // namespace earmark::inference::onednn

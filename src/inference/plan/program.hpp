#pragma once

#include <cstddef>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/aligned.hpp"
#include "inference/plan/buffer_layout.hpp"
#include "inference/plan/onednn.hpp"

namespace earmark::inference::onednn {

/// Primitives, and functions between them, run one after the other, and the memory that they work on. What `make` gives
/// shares a workspace: a value lies there from the step that first names its memory to the last that does, and others
/// lie in the same place before and after.
///
/// First all steps are appended, then `finish` is called once, then `bind` and `run`. Memory has an address from `bind`
/// on: a function must ask its memory for it when it runs.
class Program {
  public:
    /// @param keeps_all  all memory but that for scratch lives as long as the program, since another reads it
    explicit Program(bool keeps_all = false) : keeps_all_(keeps_all) {}

    /// Memory in the workspace. What it holds at first is anything.
    memory make(const memory::desc& description);
    /// Memory that lives as long as the program, zero at first.
    memory keep(const memory::desc& description);
    /// The memory of `other` from a byte on, taken for something else.
    memory view(const memory& other, const memory::desc& description, std::size_t offset = 0);

    void append(const dnnl::primitive& primitive, Arguments arguments);
    /// @param used  all memory of the workspace that the function reads or writes
    void append(std::function<void()> function, const std::vector<memory>& used);

    /// `source` in the layout wanted: itself, or a copy that is made anew each time the program comes here.
    memory reordered(const memory& source, const memory::desc& wanted);
    /// Copies `source` to `target`, whatever their layouts; nothing to do when they are the same.
    void copy(const memory& source, const memory& target);

    /// Gives all memory of the workspace its place there.
    /// @param given    filled before the program runs
    /// @param results  read after it
    void finish(const std::vector<memory>& given, const std::vector<memory>& results);

    /// What the workspace must hold.
    std::size_t workspace_bytes() const { return workspace_bytes_; }
    /// Where the workspace is, on a border of 64 bytes. What is given must be filled after that.
    void bind(std::byte* workspace);

    void run(dnnl::stream& stream);

  private:
    struct Step {
        dnnl::primitive primitive;
        Arguments arguments;
        std::function<void()> function;  // instead of a primitive
    };
    /// Memory in the workspace: all of a buffer, or a part.
    struct Place {
        memory handle;
        std::size_t buffer;
        std::size_t offset;
    };

    memory make_in_workspace(const memory::desc& description);
    const Place* find(const memory& memory) const;
    bool same(const memory& a, const memory& b) const;
    void use(const memory& memory, int step);
    /// Lets results of steps that may work in place take the memory of what they are made from, if nothing else reads it.
    void merge();

    bool keeps_all_;
    std::vector<Step> steps_;
    std::vector<base::AlignedVector<std::byte>> kept_;
    std::vector<Buffer> buffers_;
    std::vector<Place> places_;
    std::unordered_map<dnnl_memory_t, std::size_t> place_of_;
    std::vector<std::pair<std::size_t, std::size_t>> in_place_;  // buffers of source and result of a step
    std::size_t workspace_bytes_ = 0;
    std::byte* workspace_ = nullptr;
};

}  // namespace earmark::inference::onednn

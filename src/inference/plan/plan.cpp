#include "inference/plan/plan.hpp"

#include <algorithm>

namespace earmark::inference {

bool has_bfloat16() {
    const auto isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::avx512_core_bf16 || isa == dnnl::cpu_isa::avx512_core_amx;
}

Plan::Plan(bool training, std::shared_ptr<Workspace> workspace)
    : workspace_(workspace ? std::move(workspace) : std::make_shared<Workspace>()),
      stream_(onednn::engine()),
      forward_(training),
      backward_(training) {}

float* Plan::input() {
    workspace_->reserve(std::max(forward_.workspace_bytes(), backward_.workspace_bytes()));
    forward_.bind(workspace_->data());
    backward_.bind(workspace_->data());
    return onednn::data(input_);
}

void Plan::forward() {
    forward_.run(stream_);
}

void Plan::backward() {
    backward_.run(stream_);
}

std::vector<Plan::Dropout> Plan::dropouts() const {
    std::vector<Dropout> result;
    for (const auto& [rate, factors] : dropouts_) {
        result.push_back(
            {rate, static_cast<std::int64_t>(factors.get_desc().get_size() / sizeof(float)), onednn::data(factors)});
    }
    return result;
}

}  // namespace earmark::inference

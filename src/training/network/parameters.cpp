#include "training/network/parameters.hpp"

#include <memory>

#include "base/aligned.hpp"

namespace earmark::training {

void Parameters::add(const std::string& name, const model::Shape& shape, double l2, bool transposed) {
    constexpr std::int64_t alignment = 16;
    entries_[name] = {shape, size_, transposed, l2};
    size_ += (model::element_count(shape) + alignment - 1) / alignment * alignment;
}

void Parameters::allocate() {
    const torch::NoGradGuard no_grad;
    values_ = zeros();
    gradients_ = zeros();
    for (const auto& [name, entry] : entries_) {
        torch::Tensor tensor = view(values_, entry).set_requires_grad(true);
        tensor.mutable_grad() = view(gradients_, entry);
        tensors_[name] = tensor;
    }
}

torch::Tensor Parameters::zeros() const {
    if (!device_.is_cpu()) return torch::zeros({size_}, torch::TensorOptions().device(device_));
    const auto memory = std::make_shared<base::AlignedVector<float>>(size_);
    return torch::from_blob(memory->data(), {size_}, [memory](void*) {});
}

torch::Tensor Parameters::view(const torch::Tensor& all, const Entry& entry) {
    const torch::Tensor values = all.narrow(0, entry.offset, model::element_count(entry.shape)).detach();
    return entry.transposed ? values.view({entry.shape[1], entry.shape[0]}).t() : values.view(entry.shape);
}

}  // namespace earmark::training

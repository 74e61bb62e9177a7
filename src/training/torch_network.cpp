#include "training/torch_network.hpp"

#include <algorithm>
#include <limits>

#include "core/throw.hpp"

namespace earmark::training {

namespace F = torch::nn::functional;

TorchNetwork::TorchNetwork(std::vector<Layer> layers, torch::Device device)
    : layers_(std::move(layers)), device_(device) {
    for (const Layer& layer : layers_) {
        for (const TensorSpec& spec : tensors_of(layer)) {
            const torch::Tensor zeros = torch::zeros(spec.shape, torch::TensorOptions().device(device_));
            if (spec.name.ends_with(".mean") || spec.name.ends_with(".variance")) {
                buffers_[spec.name] = zeros;
            } else {
                parameters_[spec.name] = zeros.clone().set_requires_grad(true);
            }
        }
    }
}

const torch::Tensor& TorchNetwork::tensor(const Layer& layer, const char* name) const {
    const std::string full = layer.name + "." + name;
    const auto found = parameters_.find(full);
    return found != parameters_.end() ? found->second : buffers_.at(full);
}

void TorchNetwork::initialise() {
    const torch::NoGradGuard no_grad;
    for (const Layer& layer : layers_) {
        switch (layer.kind) {
            case LayerKind::dense:
            case LayerKind::convolution:
                torch::nn::init::xavier_uniform_(tensor(layer, "weight"));
                torch::nn::init::zeros_(tensor(layer, "bias"));
                break;
            case LayerKind::batch_norm:
                torch::nn::init::ones_(tensor(layer, "scale"));
                torch::nn::init::zeros_(tensor(layer, "shift"));
                torch::nn::init::zeros_(tensor(layer, "mean"));
                torch::nn::init::ones_(tensor(layer, "variance"));
                break;
            case LayerKind::lstm: {
                torch::nn::init::xavier_uniform_(tensor(layer, "input_weight"));
                torch::nn::init::orthogonal_(tensor(layer, "recurrent_weight"));
                torch::Tensor bias = tensor(layer, "bias");
                torch::nn::init::zeros_(bias);
                const std::int64_t units = layer.output.back();
                bias.slice(0, units, 2 * units).fill_(1.0);
                break;
            }
            default:
                break;
        }
    }
}

torch::Tensor TorchNetwork::forward(torch::Tensor x, bool training) {
    for (const Layer& layer : layers_) {
        switch (layer.kind) {
            case LayerKind::image:
                x = x.unsqueeze(1);
                break;
            case LayerKind::flatten:
                x = x.flatten(1);
                break;
            case LayerKind::dense:
                x = torch::linear(x, tensor(layer, "weight"), tensor(layer, "bias"));
                break;
            case LayerKind::convolution:
                x = torch::conv2d(x, tensor(layer, "weight"), tensor(layer, "bias"));
                break;
            case LayerKind::max_pool:
                // libtorch pads both sides alike; Keras' "same" does not.
                x = torch::constant_pad_nd(
                    x, {layer.pad_before[1], layer.pad_after[1], layer.pad_before[0], layer.pad_after[0]},
                    -std::numeric_limits<float>::infinity());
                x = torch::max_pool2d(x, {layer.kernel[0], layer.kernel[1]}, {layer.stride[0], layer.stride[1]});
                break;
            case LayerKind::batch_norm:
                x = torch::batch_norm(x, tensor(layer, "scale"), tensor(layer, "shift"), tensor(layer, "mean"),
                                      tensor(layer, "variance"), training, 1.0 - layer.momentum, layer.epsilon, false);
                break;
            case LayerKind::lstm: {
                const std::int64_t units = layer.output.back();
                const torch::Tensor zero = torch::zeros({1, x.size(0), units}, x.options());
                const torch::Tensor& bias = tensor(layer, "bias");
                // libtorch wants two biases; Keras has one, so the second is zero and is not trained.
                const auto [states, hidden, cell] =
                    torch::lstm(x, {zero, zero},
                                {tensor(layer, "input_weight"), tensor(layer, "recurrent_weight"), bias,
                                 torch::zeros_like(bias.detach())},
                                true, 1, 0.0, training, false, true);
                x = layer.all_states ? states : hidden[0];
                break;
            }
            case LayerKind::dropout:
                if (training && layer.rate > 0.0) x = torch::dropout(x, layer.rate, true);
                break;
        }
        if (layer.relu) x = torch::relu(x);
    }
    return x;
}

bool TorchNetwork::has_penalty() const {
    return std::ranges::any_of(layers_, [](const Layer& layer) { return layer.l2 > 0.0; });
}

torch::Tensor TorchNetwork::penalty() const {
    torch::Tensor sum = torch::zeros({}, torch::TensorOptions().device(device_));
    for (const Layer& layer : layers_) {
        if (layer.l2 > 0.0) sum = sum + layer.l2 * tensor(layer, "weight").square().sum();
    }
    return sum;
}

std::map<std::string, torch::Tensor> TorchNetwork::all() const {
    std::map<std::string, torch::Tensor> result = parameters_;
    result.insert(buffers_.begin(), buffers_.end());
    return result;
}

std::map<std::string, Tensor> TorchNetwork::tensors() const {
    std::map<std::string, Tensor> result;
    for (const auto& [name, tensor] : all()) result[name] = to_file(tensor);
    return result;
}

void TorchNetwork::load(const std::map<std::string, Tensor>& tensors) {
    const torch::NoGradGuard no_grad;
    for (auto& [name, tensor] : all()) {
        const auto found = tensors.find(name);
        if (found == tensors.end() || torch::IntArrayRef(found->second.shape) != tensor.sizes()) {
            fail(ErrorCode::corrupt, "tensor \"{}\" is missing or of another shape.", name);
        }
        torch::Tensor(tensor).copy_(from_file(found->second));
    }
}

Tensor to_file(const torch::Tensor& tensor) {
    const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    Tensor result;
    result.shape = values.sizes().vec();
    result.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
    return result;
}

torch::Tensor from_file(const Tensor& tensor) {
    return torch::from_blob(const_cast<float*>(tensor.values.data()), tensor.shape, torch::kFloat32).clone();
}

}  // namespace earmark::training

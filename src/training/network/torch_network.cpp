#include "training/network/torch_network.hpp"

#include <algorithm>
#include <limits>

#include "base/throw.hpp"
#include "inference/plan/plan_builder.hpp"

namespace earmark::training {

namespace F = torch::nn::functional;

namespace {

/// A plan as one operation of libtorch's graph. The plan writes the gradients of the parameters itself, to where they
/// are kept: handing megabytes of new tensors to libtorch at each step would cost more than the step of small networks.
class PlanFunction : public torch::autograd::Function<PlanFunction> {
  public:
    /// @param anchor  requires a gradient, so that libtorch comes back; it gets none
    static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& /*anchor*/,
                                 inference::Plan* plan) {
        context->saved_data["plan"] = reinterpret_cast<std::int64_t>(plan);
        return output(*plan);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients) {
        inference::Plan& plan = *reinterpret_cast<inference::Plan*>(context->saved_data["plan"].toInt());
        const torch::Tensor gradient = gradients[0].contiguous();
        std::copy_n(gradient.data_ptr<float>(), gradient.numel(), plan.output_gradient());
        plan.backward();
        return {{}, {}};
    }

    static torch::Tensor output(inference::Plan& plan) {
        return torch::from_blob(const_cast<float*>(plan.output()), {plan.batch(), plan.classes()}).clone();
    }
};

/// What a layer surrounds with `value`: libtorch pads both sides alike, Keras' "same" does not.
torch::Tensor padded(const torch::Tensor& x, const model::Layer& layer, float value) {
    return torch::constant_pad_nd(x, {layer.pad_before[1], layer.pad_after[1], layer.pad_before[0], layer.pad_after[0]},
                                  value);
}

}  // namespace

TorchNetwork::TorchNetwork(std::vector<model::Layer> layers, torch::Device device, Backend backend,
                           inference::Precision precision)
    : layers_(std::move(layers)),
      device_(device),
      backend_(device.is_cpu() ? backend : Backend::aten),
      precision_(precision),
      parameters_(device) {
    for (const model::Layer& layer : layers_) {
        for (const model::TensorSpec& spec : model::tensor_specs(layer)) {
            if (spec.name.ends_with(".mean") || spec.name.ends_with(".variance")) {
                buffers_[spec.name] = torch::zeros(spec.shape, torch::TensorOptions().device(device_));
            } else {
                const bool dense = layer.kind == model::LayerKind::dense && spec.name.ends_with(".weight");
                parameters_.add(spec.name, spec.shape, dense ? layer.l2 : 0.0, dense);
            }
        }
    }
    parameters_.allocate();
}

const torch::Tensor& TorchNetwork::tensor(const model::Layer& layer, const char* name) const {
    const std::string full = layer.name + "." + name;
    const auto found = parameters_.tensors().find(full);
    return found != parameters_.tensors().end() ? found->second : buffers_.at(full);
}

void TorchNetwork::initialise() {
    const torch::NoGradGuard no_grad;
    for (const model::Layer& layer : layers_) {
        switch (layer.kind) {
            case model::LayerKind::dense:
            case model::LayerKind::convolution:
                torch::nn::init::xavier_uniform_(tensor(layer, "weight"));
                if (layer.bias) torch::nn::init::zeros_(tensor(layer, "bias"));
                break;
            case model::LayerKind::batch_norm:
                torch::nn::init::ones_(tensor(layer, "scale"));
                torch::nn::init::zeros_(tensor(layer, "shift"));
                torch::nn::init::zeros_(tensor(layer, "mean"));
                torch::nn::init::ones_(tensor(layer, "variance"));
                break;
            case model::LayerKind::attention:
                torch::nn::init::xavier_uniform_(tensor(layer, "weight"));
                break;
            case model::LayerKind::lstm: {
                torch::nn::init::xavier_uniform_(tensor(layer, "input_weight"));
                torch::nn::init::orthogonal_(tensor(layer, "recurrent_weight"));
                torch::Tensor bias = tensor(layer, "bias");
                torch::nn::init::zeros_(bias);
                const std::int64_t units = layer.output.back();
                bias.slice(0, units, 2 * units).fill_(1.0);
                break;
            }
            case model::LayerKind::gru:
                torch::nn::init::xavier_uniform_(tensor(layer, "input_weight"));
                torch::nn::init::orthogonal_(tensor(layer, "recurrent_weight"));
                torch::nn::init::zeros_(tensor(layer, "input_bias"));
                if (!layer.reset_first) torch::nn::init::zeros_(tensor(layer, "recurrent_bias"));
                break;
            default:
                break;
        }
    }
}

torch::Tensor TorchNetwork::forward(const torch::Tensor& inputs, bool training) {
    if (backend_ == Backend::onednn) return forward_onednn(inputs, training);
    if (training) torch::Tensor(parameters_.gradients()).zero_();
    return forward_aten(inputs, training);
}

torch::Tensor TorchNetwork::forward_onednn(const torch::Tensor& inputs, bool training) {
    inference::Plan& plan =
        this->plan(inputs.size(0), training ? inference::PlanMode::training : inference::PlanMode::evaluation);
    const torch::Tensor values = inputs.contiguous();
    std::copy_n(values.data_ptr<float>(), values.numel(), plan.input());
    for (const inference::Plan::Dropout& dropout : plan.dropouts()) {
        // As torch::dropout draws them, so both back ends drop the same values.
        torch::from_blob(dropout.factors, {dropout.count}).bernoulli_(1.0 - dropout.rate).div_(1.0 - dropout.rate);
    }
    plan.forward();
    if (!training || !torch::GradMode::is_enabled()) return PlanFunction::output(plan);
    return PlanFunction::apply(torch::empty({0}, torch::TensorOptions().requires_grad(true)), &plan);
}

inference::Plan& TorchNetwork::plan(std::int64_t batch, inference::PlanMode mode) {
    auto& plan = plans_[{batch, mode, omp_get_max_threads()}];
    if (!plan) {
        const auto pointer = [](const torch::Tensor& tensor) { return tensor.data_ptr<float>(); };
        const auto values = [=, this](const std::string& name) {
            const auto found = parameters_.tensors().find(name);
            return pointer(found != parameters_.tensors().end() ? found->second : buffers_.at(name));
        };
        const auto gradients = [=, this](const std::string& name) {
            return pointer(parameters_.tensors().at(name).grad());
        };
        inference::PlanBuilder builder(layers_, batch, {values, gradients, true},
                                       {.mode = mode, .precision = precision_});
        plan = std::make_unique<inference::Plan>(builder.build());
    }
    return *plan;
}

torch::Tensor TorchNetwork::older_gru(const model::Layer& layer, const torch::Tensor& x) const {
    const std::vector<torch::Tensor> weights = tensor(layer, "recurrent_weight").chunk(3);
    const torch::Tensor from_input = torch::linear(x, tensor(layer, "input_weight"), tensor(layer, "input_bias"));
    const auto gate = [](const torch::Tensor& value) { return (0.2 * value + 0.5).clamp(0.0, 1.0); };
    torch::Tensor state = torch::zeros({x.size(0), layer.output.back()}, x.options());
    std::vector<torch::Tensor> states;
    for (std::int64_t t = 0; t < x.size(1); ++t) {
        const std::vector<torch::Tensor> parts = from_input.select(1, t).chunk(3, 1);
        const torch::Tensor update = gate(parts[0] + torch::linear(state, weights[0]));
        const torch::Tensor reset = gate(parts[1] + torch::linear(state, weights[1]));
        const torch::Tensor candidate = torch::tanh(parts[2] + torch::linear(reset * state, weights[2]));
        state = update * state + (1.0 - update) * candidate;
        states.push_back(state);
    }
    return layer.all_states ? torch::stack(states, 1) : state;
}

torch::Tensor TorchNetwork::forward_aten(const torch::Tensor& inputs, bool training) const {
    std::vector<torch::Tensor> outputs;
    for (const model::Layer& layer : layers_) {
        torch::Tensor x = layer.source < 0 ? inputs : outputs[layer.source];
        switch (layer.kind) {
            case model::LayerKind::image:
                x = x.unsqueeze(1);
                break;
            case model::LayerKind::flatten:
                x = x.flatten(1);
                break;
            case model::LayerKind::dense:
                x = torch::linear(x, tensor(layer, "weight"), tensor(layer, "bias"));
                break;
            case model::LayerKind::convolution:
                x = torch::conv2d(padded(x, layer, 0.0F), tensor(layer, "weight"),
                                  layer.bias ? tensor(layer, "bias") : torch::Tensor(),
                                  {layer.stride[0], layer.stride[1]}, torch::IntArrayRef{0}, 1, layer.groups);
                break;
            case model::LayerKind::pad:
                x = padded(x, layer, 0.0F);
                break;
            case model::LayerKind::concatenate: {
                std::vector<torch::Tensor> parts{x};
                for (const int other : layer.others) parts.push_back(outputs[other]);
                x = torch::cat(parts, 1);
                break;
            }
            case model::LayerKind::average_pool:
                x = torch::avg_pool2d(x, {layer.kernel[0], layer.kernel[1]}, {layer.stride[0], layer.stride[1]});
                break;
            case model::LayerKind::centre:
                x = x - (layer.whole ? x.mean({1, 2}, true) : x.mean(1, true));
                break;
            case model::LayerKind::statistics:
                x = torch::cat({x.mean(1), torch::sqrt(x.var(1, false) + layer.epsilon)}, 1);
                break;
            case model::LayerKind::summary: {
                const torch::Tensor mean = x.mean(1);
                const torch::Tensor movement = x.size(1) > 1 ? x.diff(1, 1).abs().mean(1) : torch::zeros_like(mean);
                x = torch::cat({mean, mean.diff(1, 1), torch::log(movement + layer.epsilon),
                                torch::log(x.std(1, false) + layer.epsilon)},
                               1)
                        .unsqueeze(2)
                        .unsqueeze(3);
                break;
            }
            case model::LayerKind::attention: {
                const torch::Tensor shares = torch::softmax(torch::linear(x, tensor(layer, "weight")), 1);
                x = (x * shares).sum(1);
                break;
            }
            case model::LayerKind::add:
                x = x + outputs[layer.second];
                break;
            case model::LayerKind::scale:
                x = outputs[layer.second] * torch::sigmoid(x).unsqueeze(2).unsqueeze(3);
                break;
            case model::LayerKind::average:
                x = x.mean({2, 3});
                break;
            case model::LayerKind::max_pool:
                x = padded(x, layer, -std::numeric_limits<float>::infinity());
                x = torch::max_pool2d(x, {layer.kernel[0], layer.kernel[1]}, {layer.stride[0], layer.stride[1]});
                break;
            case model::LayerKind::batch_norm:
                x = torch::batch_norm(x, tensor(layer, "scale"), tensor(layer, "shift"), tensor(layer, "mean"),
                                      tensor(layer, "variance"), training, 1.0 - layer.momentum, layer.epsilon, false);
                break;
            case model::LayerKind::lstm: {
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
            case model::LayerKind::elu:
                x = torch::elu(x);
                break;
            case model::LayerKind::sequence:
                x = x.transpose(1, 2).flatten(2);
                break;
            case model::LayerKind::gru: {
                if (layer.reset_first) {
                    x = older_gru(layer, x);
                    break;
                }
                const torch::Tensor zero = torch::zeros({1, x.size(0), layer.output.back()}, x.options());
                const auto ordered = [&](const char* name) {  // libtorch's order is reset, update, candidate
                    const std::vector<torch::Tensor> gates = tensor(layer, name).chunk(3);
                    return torch::cat({gates[1], gates[0], gates[2]});
                };
                const auto [states, hidden] = torch::gru(x, zero,
                                                         {ordered("input_weight"), ordered("recurrent_weight"),
                                                          ordered("input_bias"), ordered("recurrent_bias")},
                                                         true, 1, 0.0, training, false, true);
                x = layer.all_states ? states : hidden[0];
                break;
            }
            case model::LayerKind::dropout:
                if (training && layer.rate > 0.0) x = torch::dropout(x, layer.rate, true);
                break;
        }
        outputs.push_back(layer.relu ? torch::relu(x) : x);
    }
    return outputs.back();
}

double TorchNetwork::penalty() const {
    double sum = 0.0;
    for (const auto& [name, entry] : parameters_.entries()) {
        if (entry.l2 > 0.0) sum += entry.l2 * parameters_.tensors().at(name).detach().square().sum().item<double>();
    }
    return sum;
}

std::map<std::string, torch::Tensor> TorchNetwork::all() const {
    std::map<std::string, torch::Tensor> result = parameters_.tensors();
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
            base::fail(ErrorCode::corrupt, "tensor \"{}\" is missing or of another shape.", name);
        }
        torch::Tensor(tensor).copy_(from_file(found->second));
    }
}

std::vector<std::string> TorchNetwork::adopt(const std::map<std::string, Tensor>& tensors) {
    const torch::NoGradGuard no_grad;
    std::vector<std::string> others;
    for (auto& [name, tensor] : all()) {
        const auto found = tensors.find(name);
        if (found == tensors.end() || torch::IntArrayRef(found->second.shape) != tensor.sizes()) {
            others.push_back(name);
        } else {
            torch::Tensor(tensor).copy_(from_file(found->second));
        }
    }
    return others;
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

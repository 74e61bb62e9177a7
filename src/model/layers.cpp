#include "model/layers.hpp"

namespace earmark::model {

std::vector<TensorSpec> tensor_specs(const Layer& layer) {
    const auto named = [&](const char* tensor, Shape shape) {
        return TensorSpec{layer.name + "." + tensor, std::move(shape)};
    };
    switch (layer.kind) {
        case LayerKind::dense:
            return {named("weight", {layer.output[0], layer.input[0]}), named("bias", {layer.output[0]})};
        case LayerKind::convolution: {
            std::vector<TensorSpec> specs{
                named("weight", {layer.output[0], layer.input[0] / layer.groups, layer.kernel[0], layer.kernel[1]})};
            if (layer.bias) specs.push_back(named("bias", {layer.output[0]}));
            return specs;
        }
        case LayerKind::attention:
            return {named("weight", {1, layer.input[1]})};
        case LayerKind::batch_norm: {
            const Shape channels{layer.input[0]};
            return {named("scale", channels), named("shift", channels), named("mean", channels),
                    named("variance", channels)};
        }
        case LayerKind::lstm: {
            const std::int64_t units = layer.output.back();
            return {named("input_weight", {4 * units, layer.input[1]}), named("recurrent_weight", {4 * units, units}),
                    named("bias", {4 * units})};
        }
        case LayerKind::gru: {
            const std::int64_t gates = 3 * layer.output.back();
            std::vector<TensorSpec> specs{named("input_weight", {gates, layer.input[1]}),
                                          named("recurrent_weight", {gates, layer.output.back()}),
                                          named("input_bias", {gates})};
            if (!layer.reset_first) specs.push_back(named("recurrent_bias", {gates}));
            return specs;
        }
        default:
            return {};
    }
}

std::int64_t trainable_parameters(const std::vector<Layer>& layers) {
    std::int64_t total = 0;
    for (const Layer& layer : layers) {
        for (const TensorSpec& tensor : tensor_specs(layer)) {
            const bool running = tensor.name.ends_with(".mean") || tensor.name.ends_with(".variance");
            if (!running) total += element_count(tensor.shape);
        }
    }
    return total;
}

std::int64_t element_count(const Shape& shape) {
    std::int64_t count = 1;
    for (std::int64_t size : shape) count *= size;
    return count;
}

}  // namespace earmark::model

#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include "earmark/model.hpp"
#include "model/layers.hpp"
#include "model/network_spec.hpp"

namespace earmark::testing {

/// A model with random weights of sensible size, for 13 MFCCs of `frames` frames.
inline Model random_model(const std::string& network, const std::string& options = "{}", int frames = 77,
                          std::uint64_t seed = 1, int classes = 10) {
    std::mt19937_64 random(seed);
    const auto uniform = [&](double low, double high) {
        return static_cast<float>(low + (high - low) * static_cast<double>(random() >> 11) * 0x1.0p-53);
    };
    Model model;
    model.name = "random " + network;
    model.licence = "MIT";
    model.network = {network, options};
    model.segments.frames = frames;
    if (frames == 77) {
        model.segments.segments_per_block = 5;
        model.segments.frame_step = 1293.0 / 387.5;
    }
    for (int i = 0; i < classes; ++i) model.labels.push_back("genre" + std::to_string(i));
    const int width = coefficient_count(model.features);
    model.tensors["input.mean"] = {{width}, std::vector<float>(width)};
    model.tensors["input.scale"] = {{width}, std::vector<float>(width)};
    for (int i = 0; i < width; ++i) {
        model.tensors["input.mean"].values[i] = i == 0 ? -150.0F : uniform(-10, 10);
        model.tensors["input.scale"].values[i] = i == 0 ? 0.01F : uniform(0.03, 0.1);
    }
    for (const model::Layer& layer :
         model::NetworkSpec::parse(model.network, "test").build_layers(frames, width, classes, "test")) {
        for (const model::TensorSpec& spec : model::tensor_specs(layer)) {
            Tensor& tensor = model.tensors[spec.name];
            tensor.shape = spec.shape;
            tensor.values.resize(model::element_count(spec.shape));
            const double fan_in = static_cast<double>(tensor.values.size()) / static_cast<double>(spec.shape[0]);
            const double reach = std::sqrt(6.0 / std::max(fan_in, 1.0));
            for (float& value : tensor.values) {
                if (spec.name.ends_with(".scale") || spec.name.ends_with(".variance")) {
                    value = uniform(0.5, 1.5);
                } else if (spec.shape.size() == 1) {
                    value = uniform(-0.3, 0.3);
                } else {
                    value = uniform(-reach, reach);
                }
            }
        }
    }
    return model;
}

/// Random values that look like MFCCs: the first large and negative, the others falling off.
inline std::vector<float> random_mfccs(std::int64_t segments, int frames, std::uint64_t seed, int width = 13) {
    std::mt19937_64 random(seed);
    std::vector<float> values(static_cast<std::size_t>(segments * frames * width));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double uniform = 2.0 * static_cast<double>(random() >> 11) * 0x1.0p-53 - 1.0;
        const std::size_t coefficient = i % width;
        values[i] = static_cast<float>(coefficient == 0 ? -150.0 + 100.0 * uniform
                                                        : 40.0 * uniform / static_cast<double>(coefficient));
    }
    return values;
}

}  // namespace earmark::testing

#include "inference/plan/network.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "earmark/error.hpp"
#include "model/network_spec.hpp"
#include "support/random_model.hpp"

namespace earmark::inference {
namespace {

using testing::random_mfccs;
using testing::random_model;
using Values = std::vector<double>;

/// The forward pass again, in plain loops and double precision: what oneDNN's results are held against.
class Reference {
  public:
    explicit Reference(const Model& model) : model_(model) {}

    Values operator()(std::span<const float> input) const {
        const auto& mean = tensor("input.mean");
        const auto& scale = tensor("input.scale");
        Values x(input.begin(), input.end());
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = (x[i] - mean[i % mean.size()]) * scale[i % scale.size()];
        const Values first = x;
        std::vector<Values> outputs;
        for (const model::Layer& layer : model::NetworkSpec::parse(model_.network, "test")
                                             .build_layers(model_.segments.frames, coefficient_count(model_.features),
                                                           static_cast<std::int64_t>(model_.labels.size()), "test")) {
            x = apply(layer, layer.source < 0 ? first : outputs[layer.source],
                      layer.second < 0 ? Values() : outputs[layer.second]);
            for (const int other : layer.others) x.insert(x.end(), outputs[other].begin(), outputs[other].end());
            if (layer.relu) {
                for (double& value : x) value = std::max(value, 0.0);
            }
            outputs.push_back(x);
        }
        const double highest = *std::max_element(x.begin(), x.end());
        double sum = 0.0;
        for (double& value : x) sum += value = std::exp(value - highest);
        for (double& value : x) value /= sum;
        return x;
    }

  private:
    const std::vector<float>& tensor(const std::string& name) const { return model_.tensors.at(name).values; }

    Values apply(const model::Layer& layer, const Values& x, const Values& second) const {
        switch (layer.kind) {
            case model::LayerKind::dense:
                return dense(layer, x);
            case model::LayerKind::convolution:
                return convolution(layer, x);
            case model::LayerKind::max_pool:
                return max_pool(layer, x);
            case model::LayerKind::average_pool:
                return average_pool(layer, x);
            case model::LayerKind::average:
                return average(layer, x);
            case model::LayerKind::centre:
                return centre(layer, x);
            case model::LayerKind::statistics:
                return statistics(layer, x);
            case model::LayerKind::summary:
                return summary(layer, x);
            case model::LayerKind::attention:
                return attention(layer, x);
            case model::LayerKind::add:
                return sum(x, second);
            case model::LayerKind::scale:
                return scale(layer, x, second);
            case model::LayerKind::batch_norm:
                return batch_norm(layer, x);
            case model::LayerKind::elu:
                return elu(x);
            case model::LayerKind::sequence:
                return sequence(layer, x);
            case model::LayerKind::lstm:
                return lstm(layer, x);
            case model::LayerKind::gru:
                return layer.reset_first ? older_gru(layer, x) : gru(layer, x);
            case model::LayerKind::pad:
                return pad(layer, x);
            default:
                return x;
        }
    }

    Values dense(const model::Layer& layer, const Values& x) const {
        const auto& weight = tensor(layer.name + ".weight");
        Values y(layer.output[0]);
        for (std::size_t o = 0; o < y.size(); ++o) {
            y[o] = tensor(layer.name + ".bias")[o];
            for (std::size_t i = 0; i < x.size(); ++i) y[o] += weight[o * x.size() + i] * x[i];
        }
        return y;
    }

    Values convolution(const model::Layer& layer, const Values& x) const {
        const auto& weight = tensor(layer.name + ".weight");
        const auto in = layer.input;
        const auto out = layer.output;
        const std::int64_t inputs = in[0] / layer.groups;
        Values y(model::element_count(out));
        for (std::int64_t o = 0; o < out[0]; ++o)
            for (std::int64_t r = 0; r < out[1]; ++r)
                for (std::int64_t c = 0; c < out[2]; ++c) {
                    const std::int64_t first = o / (out[0] / layer.groups) * inputs;
                    double sum = layer.bias ? tensor(layer.name + ".bias")[o] : 0.0F;
                    for (std::int64_t i = 0; i < inputs; ++i)
                        for (int kr = 0; kr < layer.kernel[0]; ++kr)
                            for (int kc = 0; kc < layer.kernel[1]; ++kc) {
                                const std::int64_t row = r * layer.stride[0] + kr - layer.pad_before[0];
                                const std::int64_t column = c * layer.stride[1] + kc - layer.pad_before[1];
                                if (row < 0 || row >= in[1] || column < 0 || column >= in[2]) continue;
                                sum += weight[((o * inputs + i) * layer.kernel[0] + kr) * layer.kernel[1] + kc] *
                                       x[((first + i) * in[1] + row) * in[2] + column];
                            }
                    y[(o * out[1] + r) * out[2] + c] = sum;
                }
        return y;
    }

    Values average(const model::Layer& layer, const Values& x) const {
        const std::int64_t plane = layer.input[1] * layer.input[2];
        Values y(layer.output[0]);
        for (std::size_t i = 0; i < x.size(); ++i) y[i / plane] += x[i] / static_cast<double>(plane);
        return y;
    }

    Values average_pool(const model::Layer& layer, const Values& x) const {
        const auto in = layer.input;
        const auto out = layer.output;
        Values y(model::element_count(out));
        for (std::int64_t o = 0; o < out[0]; ++o)
            for (std::int64_t r = 0; r < out[1]; ++r)
                for (std::int64_t c = 0; c < out[2]; ++c)
                    for (int kr = 0; kr < layer.kernel[0]; ++kr)
                        for (int kc = 0; kc < layer.kernel[1]; ++kc)
                            y[(o * out[1] + r) * out[2] + c] +=
                                x[(o * in[1] + r * layer.stride[0] + kr) * in[2] + c * layer.stride[1] + kc] /
                                (layer.kernel[0] * layer.kernel[1]);
        return y;
    }

    Values centre(const model::Layer& layer, const Values& x) const {
        const std::size_t width = layer.input[1];
        Values mean(width);
        for (std::size_t i = 0; i < x.size(); ++i) mean[i % width] += x[i] / static_cast<double>(layer.input[0]);
        const double all = std::accumulate(mean.begin(), mean.end(), 0.0) / static_cast<double>(width);
        Values y = x;
        for (std::size_t i = 0; i < x.size(); ++i) y[i] -= layer.whole ? all : mean[i % width];
        return y;
    }

    Values statistics(const model::Layer& layer, const Values& x) const {
        const auto frames = static_cast<double>(layer.input[0]);
        const std::int64_t width = layer.input[1];
        Values y(2 * width);
        for (std::int64_t t = 0; t < layer.input[0]; ++t)
            for (std::int64_t i = 0; i < width; ++i) {
                y[i] += x[t * width + i] / frames;
                y[width + i] += x[t * width + i] * x[t * width + i] / frames;
            }
        for (std::int64_t i = 0; i < width; ++i) y[width + i] = std::sqrt(y[width + i] - y[i] * y[i] + layer.epsilon);
        return y;
    }

    Values summary(const model::Layer& layer, const Values& x) const {
        const std::int64_t frames = layer.input[0];
        const std::int64_t width = layer.input[1];
        Values means;
        Values slopes;
        Values movements;
        Values deviations;
        for (std::int64_t i = 0; i < width; ++i) {
            double sum = 0.0;
            double squares = 0.0;
            double steps = 0.0;
            for (std::int64_t t = 0; t < frames; ++t) {
                sum += x[t * width + i];
                squares += x[t * width + i] * x[t * width + i];
                if (t > 0) steps += std::abs(x[t * width + i] - x[(t - 1) * width + i]);
            }
            const double mean = sum / static_cast<double>(frames);
            if (i > 0) slopes.push_back(mean - means.back());
            means.push_back(mean);
            movements.push_back(std::log(steps / static_cast<double>(frames - 1) + layer.epsilon));
            deviations.push_back(
                std::log(std::sqrt(squares / static_cast<double>(frames) - mean * mean) + layer.epsilon));
        }
        for (const Values* part : {&slopes, &movements, &deviations})
            means.insert(means.end(), part->begin(), part->end());
        return means;
    }

    Values attention(const model::Layer& layer, const Values& x) const {
        const auto& weight = tensor(layer.name + ".weight");
        const std::int64_t width = layer.input[1];
        Values y(width);
        double total = 0.0;
        for (std::int64_t t = 0; t < layer.input[0]; ++t) {
            double score = 0.0;
            for (std::int64_t i = 0; i < width; ++i) score += weight[i] * x[t * width + i];
            total += std::exp(score);
            for (std::int64_t i = 0; i < width; ++i) y[i] += std::exp(score) * x[t * width + i];
        }
        for (double& value : y) value /= total;
        return y;
    }

    Values sum(Values x, const Values& second) const {
        for (std::size_t i = 0; i < x.size(); ++i) x[i] += second[i];
        return x;
    }

    Values scale(const model::Layer& layer, const Values& x, Values image) const {
        const std::int64_t plane = layer.output[1] * layer.output[2];
        for (std::size_t i = 0; i < image.size(); ++i) image[i] /= 1.0 + std::exp(-x[i / plane]);
        return image;
    }

    Values max_pool(const model::Layer& layer, const Values& x) const {
        const auto in = layer.input;
        const auto out = layer.output;
        Values y(model::element_count(out), -std::numeric_limits<double>::infinity());
        for (std::int64_t o = 0; o < out[0]; ++o)
            for (std::int64_t r = 0; r < out[1]; ++r)
                for (std::int64_t c = 0; c < out[2]; ++c)
                    for (int kr = 0; kr < layer.kernel[0]; ++kr)
                        for (int kc = 0; kc < layer.kernel[1]; ++kc) {
                            const std::int64_t row = r * layer.stride[0] + kr - layer.pad_before[0];
                            const std::int64_t column = c * layer.stride[1] + kc - layer.pad_before[1];
                            if (row < 0 || row >= in[1] || column < 0 || column >= in[2]) continue;
                            double& value = y[(o * out[1] + r) * out[2] + c];
                            value = std::max(value, x[(o * in[1] + row) * in[2] + column]);
                        }
        return y;
    }

    Values batch_norm(const model::Layer& layer, Values x) const {
        const std::int64_t plane = model::element_count(layer.input) / layer.input[0];
        for (std::size_t i = 0; i < x.size(); ++i) {
            const std::size_t channel = i / plane;
            const double deviation = std::sqrt(tensor(layer.name + ".variance")[channel] + layer.epsilon);
            x[i] = (x[i] - tensor(layer.name + ".mean")[channel]) / deviation * tensor(layer.name + ".scale")[channel] +
                   tensor(layer.name + ".shift")[channel];
        }
        return x;
    }

    Values lstm(const model::Layer& layer, const Values& x) const {
        const std::int64_t frames = layer.input[0];
        const std::int64_t width = layer.input[1];
        const std::int64_t units = layer.output.back();
        const auto sigmoid = [](double v) { return 1.0 / (1.0 + std::exp(-v)); };
        Values hidden(units);
        Values cell(units);
        Values all;
        for (std::int64_t t = 0; t < frames; ++t) {
            Values gates(4 * units);
            for (std::int64_t g = 0; g < 4 * units; ++g) {
                gates[g] = tensor(layer.name + ".bias")[g];
                for (std::int64_t i = 0; i < width; ++i)
                    gates[g] += tensor(layer.name + ".input_weight")[g * width + i] * x[t * width + i];
                for (std::int64_t i = 0; i < units; ++i)
                    gates[g] += tensor(layer.name + ".recurrent_weight")[g * units + i] * hidden[i];
            }
            for (std::int64_t u = 0; u < units; ++u) {
                cell[u] = sigmoid(gates[units + u]) * cell[u] + sigmoid(gates[u]) * std::tanh(gates[2 * units + u]);
                hidden[u] = sigmoid(gates[3 * units + u]) * std::tanh(cell[u]);
            }
            if (layer.all_states) all.insert(all.end(), hidden.begin(), hidden.end());
        }
        return layer.all_states ? all : hidden;
    }

    Values elu(Values x) const {
        for (double& value : x) value = value > 0.0 ? value : std::exp(value) - 1.0;
        return x;
    }

    Values sequence(const model::Layer& layer, const Values& x) const {
        const auto in = layer.input;
        Values y;
        for (std::int64_t t = 0; t < in[1]; ++t)
            for (std::int64_t channel = 0; channel < in[0]; ++channel)
                for (std::int64_t c = 0; c < in[2]; ++c) y.push_back(x[(channel * in[1] + t) * in[2] + c]);
        return y;
    }

    /// As Keras has it with reset_after.
    Values gru(const model::Layer& layer, const Values& x) const {
        const std::int64_t width = layer.input[1];
        const std::int64_t units = layer.output.back();
        const auto sigmoid = [](double v) { return 1.0 / (1.0 + std::exp(-v)); };
        const auto affine = [&](const char* from, std::span<const double> values) {
            const auto& weight = tensor(layer.name + "." + from + "_weight");
            Values sums(3 * units);
            for (std::size_t g = 0; g < sums.size(); ++g) {
                sums[g] = tensor(layer.name + "." + from + "_bias")[g];
                for (std::size_t i = 0; i < values.size(); ++i) sums[g] += weight[g * values.size() + i] * values[i];
            }
            return sums;
        };
        Values hidden(units);
        Values all;
        for (std::int64_t t = 0; t < layer.input[0]; ++t) {
            const Values a = affine("input", std::span(x).subspan(t * width, width));
            const Values b = affine("recurrent", hidden);
            for (std::int64_t u = 0; u < units; ++u) {
                const double update = sigmoid(a[u] + b[u]);
                const double reset = sigmoid(a[units + u] + b[units + u]);
                const double candidate = std::tanh(a[2 * units + u] + reset * b[2 * units + u]);
                hidden[u] = update * hidden[u] + (1.0 - update) * candidate;
            }
            if (layer.all_states) all.insert(all.end(), hidden.begin(), hidden.end());
        }
        return layer.all_states ? all : hidden;
    }

    /// As Keras 1 has it.
    Values older_gru(const model::Layer& layer, const Values& x) const {
        const std::int64_t width = layer.input[1];
        const std::int64_t units = layer.output.back();
        const auto gate = [&](std::int64_t row, std::int64_t t, const Values& state) {
            double sum = tensor(layer.name + ".input_bias")[row];
            for (std::int64_t i = 0; i < width; ++i)
                sum += tensor(layer.name + ".input_weight")[row * width + i] * x[t * width + i];
            for (std::int64_t i = 0; i < units; ++i)
                sum += tensor(layer.name + ".recurrent_weight")[row * units + i] * state[i];
            return sum;
        };
        const auto clipped = [](double value) { return std::clamp(0.2 * value + 0.5, 0.0, 1.0); };
        Values hidden(units);
        Values all;
        for (std::int64_t t = 0; t < layer.input[0]; ++t) {
            Values reset(units);
            Values next(units);
            for (std::int64_t u = 0; u < units; ++u) reset[u] = clipped(gate(units + u, t, hidden)) * hidden[u];
            for (std::int64_t u = 0; u < units; ++u) {
                const double update = clipped(gate(u, t, hidden));
                next[u] = update * hidden[u] + (1.0 - update) * std::tanh(gate(2 * units + u, t, reset));
            }
            hidden = next;
            if (layer.all_states) all.insert(all.end(), hidden.begin(), hidden.end());
        }
        return layer.all_states ? all : hidden;
    }

    Values pad(const model::Layer& layer, const Values& x) const {
        Values y(model::element_count(layer.output));
        std::copy(x.begin(), x.end(), y.begin() + layer.pad_before[0] * layer.input[1]);
        return y;
    }

    const Model& model_;
};

void expect_equal_to_reference(const Model& model, std::int64_t segments) {
    const int frames = model.segments.frames;
    const std::vector<float> inputs = testing::random_mfccs(segments, frames, 5);
    const std::size_t classes = model.labels.size();
    std::vector<float> probabilities(segments * classes);
    Network network(model);
    network.forward(inputs, probabilities);
    const Reference reference(model);
    const std::size_t size = inputs.size() / segments;
    double largest_probability = 0.0;
    for (std::int64_t i = 0; i < segments; ++i) {
        const Values expected = reference(std::span(inputs).subspan(i * size, size));
        for (std::size_t c = 0; c < classes; ++c) {
            EXPECT_NEAR(probabilities[i * classes + c], expected[c], 1e-5) << "segment " << i << " class " << c;
            largest_probability = std::max(largest_probability, expected[c]);
        }
    }
    EXPECT_GT(largest_probability, 1.5 / static_cast<double>(classes)) << "the weights distinguish nothing";
}

TEST(Network, ComputesTheMlp) {
    for (const char* hidden : {"[48]", "[64, 32, 16]", "[64, 48, 32, 16, 8]"}) {
        expect_equal_to_reference(testing::random_model("mlp", std::string(R"({"hidden": )") + hidden + "}"), 3);
    }
}

TEST(Network, ComputesTheCnn) {
    for (const char* norm : {"first", "all", "none"}) {
        expect_equal_to_reference(testing::random_model("cnn", std::string(R"({"batch_norm": ")") + norm + "\"}"), 3);
    }
}

TEST(Network, ComputesTheCnnOfThePaper) {
    expect_equal_to_reference(testing::random_model("cnn", "{}", 259), 2);
}

TEST(Network, ComputesTheLstm) {
    expect_equal_to_reference(testing::random_model("lstm"), 3);
}

TEST(Network, ComputesTheLstmOfThePaper) {
    expect_equal_to_reference(testing::random_model("lstm", "{}", 259), 2);
}

TEST(Network, ComputesTheVgg) {
    expect_equal_to_reference(testing::random_model("vgg", R"({"filters": [24, 40, 16]})"), 3);
}

TEST(Network, ComputesTheOptionsOfTheVgg) {
    for (const char* options :
         {R"({"filters": [24, 16], "pooling": "statistics", "pools": [[2, 3], [4, 1]]})",
          R"({"filters": [24, 16], "pooling": "attention", "dense": 20})",
          R"({"filters": [24, 16], "pooling": "bands"})", R"({"filters": [24, 16], "halve_bands": true})",
          R"({"filters": [24, 16], "centre": "bands"})",
          R"({"filters": [24, 16], "halve_bands": true, "centre": "segment"})",
          R"({"filters": [12], "pooling": "statistics", "pools": [1, 13]})"}) {
        SCOPED_TRACE(options);
        expect_equal_to_reference(testing::random_model("vgg", options), 3);
    }
}

TEST(Network, ComputesTheResnet) {
    for (const char* options : {R"({"filters": [16, 32]})", R"({"filters": [12, 12, 20], "blocks": 2})",
                                R"({"filters": [16, 40], "squeeze": 4})",
                                R"({"filters": [16, 24], "separable": true, "squeeze": 64, "pools": [[3, 2], [2, 3]]})",
                                R"({"filters": [16, 32], "halve_bands": true, "pooling": "attention", "dense": 16})"}) {
        SCOPED_TRACE(options);
        expect_equal_to_reference(testing::random_model("resnet", options), 3);
    }
}

// A sum over 24 channels, in vectors of 16, must not be written over its source.
TEST(Network, ComputesResidualBlocksOfAnyWidth) {
    for (const char* filters : {"[16]", "[16, 24]", "[8, 12]", "[24, 40, 20]"}) {
        const std::string options = fmt::format(R"({{"filters": {}, "blocks": 2, "centre": "segment"}})", filters);
        SCOPED_TRACE(options);
        expect_equal_to_reference(testing::random_model("resnet", options), 2);
    }
}

TEST(Network, ComputesTheCrnn) {
    expect_equal_to_reference(testing::random_model("crnn"), 3);
    // Channels that fill no vector, several coefficients a frame at the end, one block.
    expect_equal_to_reference(
        testing::random_model("crnn", R"({"filters": [12, 20], "pools": [[2, 2], [3, 2]], "units": 24})", 259), 2);
    expect_equal_to_reference(testing::random_model("crnn", R"({"filters": [8], "pools": [[1, 1]], "units": 5})"), 3);
}

TEST(Network, ComputesTheMusicnn) {
    for (const char* options : {"{}", R"({"timbral_filters": 21, "temporal_filters": 5, "middle_filters": 12})",
                                R"({"timbral_filters": 1, "temporal_filters": 1, "middle_filters": 1, "dense": 7})"}) {
        SCOPED_TRACE(options);
        expect_equal_to_reference(testing::random_model("musicnn", options), 3);
    }
    // Fewer frames than the kernels are long.
    expect_equal_to_reference(testing::random_model("musicnn", R"({"timbral_filters": 12})", 5), 2);
    expect_equal_to_reference(testing::random_model("musicnn", R"({"temporal_filters": 20})", 140), 2);
}

TEST(Network, ComputesTheMobilenet) {
    for (const char* options : {"{}", R"({"stem": 12, "filters": [20, 24, 9], "strides": [2, 1, 2]})",
                                R"({"stem": 16, "filters": [16], "strides": [3]})"}) {
        SCOPED_TRACE(options);
        expect_equal_to_reference(testing::random_model("mobilenet", options), 3);
        expect_equal_to_reference(testing::random_model("mobilenet", options, 40), 1);
    }
}

TEST(Network, ComputesChoisNetworks) {
    const std::pair<const char*, const char*> cases[] = {
        {"choi-cnn", R"({"pools": [[4, 2], [2, 2], [2, 1], [2, 3], [1, 1]], "filters": [8, 12, 20, 16, 24]})"},
        {"k2c2", R"({"pools": [[4, 2], [2, 2], [2, 1], [2, 3], [1, 1]], "parameters": 20000, "pad_frames": 3})"},
        {"choi-crnn", R"({"pools": [[2, 2], [3, 3], [2, 2], [2, 1]], "filters": [16, 20, 24, 12], "epsilon": 1e-6})"},
        {"choi-crnn", R"({"pools": [[2, 2], [3, 3], [2, 1], [2, 1]], "parameters": 9000, "frame_norm": false})"},
        {"k1c2", R"({"pools": [2, 2, 3, 2], "parameters": 30000})"},
        {"k2c1", R"({"pools": [2, 2, 3, 2, 1], "parameters": 30000})"}};
    for (const auto& [network, options] : cases) {
        SCOPED_TRACE(network);
        expect_equal_to_reference(testing::random_model(network, options), 3);
    }
}

TEST(Network, ComputesTheSummary) {
    expect_equal_to_reference(testing::random_model("summary"), 3);
    expect_equal_to_reference(testing::random_model("summary", R"({"hidden": [20, 12]})", 2), 2);
}

TEST(Network, GivesTheSameInAnyBatch) {
    const std::pair<const char*, const char*> networks[] = {{"mlp", "{}"},
                                                            {"cnn", "{}"},
                                                            {"lstm", "{}"},
                                                            {"vgg", R"({"filters": [24, 40], "pooling": "attention"})"},
                                                            {"resnet", R"({"filters": [24, 40], "squeeze": 8})"},
                                                            {"crnn", "{}"},
                                                            {"summary", "{}"}};
    for (const auto& [name, options] : networks) {
        const Model model = testing::random_model(name, options);
        const std::int64_t segments = Network::largest_batch + 7;
        const std::vector<float> inputs = testing::random_mfccs(segments, 77, 9);
        std::vector<float> together(segments * 10);
        Network network(model);
        network.forward(inputs, together);
        const std::size_t size = inputs.size() / segments;
        for (std::int64_t i = 0; i < segments; ++i) {
            std::vector<float> alone(10);
            network.forward(std::span(inputs).subspan(i * size, size), alone);
            for (std::size_t c = 0; c < 10; ++c) EXPECT_NEAR(alone[c], together[i * 10 + c], 1e-5) << name;
        }
    }
}

TEST(Network, YieldsProbabilities) {
    const Model model = testing::random_model("cnn");
    const std::vector<float> inputs = testing::random_mfccs(4, 77, 3);
    std::vector<float> probabilities(40);
    Network(model).forward(inputs, probabilities);
    for (int i = 0; i < 4; ++i) {
        EXPECT_NEAR(std::accumulate(probabilities.begin() + 10 * i, probabilities.begin() + 10 * i + 10, 0.0), 1.0,
                    1e-5);
    }
}

TEST(Network, GivesWhatItsLastDenseLayerTakes) {
    for (const char* kind : {"mlp", "cnn", "lstm"}) {
        const Model model = testing::random_model(kind, kind == std::string("mlp") ? R"({"hidden": [8]})" : "{}");
        Network network(model);
        const auto width = static_cast<std::size_t>(network.embedding_size());
        const std::vector<float> inputs = testing::random_mfccs(3, 77, 4);
        std::vector<float> probabilities(30);
        std::vector<float> logits(30);
        std::vector<float> embeddings(3 * width);
        network.forward(inputs, probabilities, embeddings);
        network.logits(inputs, logits);
        const std::vector<float>& weight = model.tensors.at("output.weight").values;
        const std::vector<float>& bias = model.tensors.at("output.bias").values;
        ASSERT_EQ(weight.size(), 10 * width) << kind;
        for (std::size_t segment = 0; segment < 3; ++segment) {
            const std::span embedding(embeddings.data() + segment * width, width);
            EXPECT_NEAR(std::inner_product(embedding.begin(), embedding.end(), embedding.begin(), 0.0), 1.0, 1e-5);
            // The logits less their biases, but for a factor.
            std::vector<double> product(10);
            double above = 0.0;
            double below = 0.0;
            for (std::size_t k = 0; k < 10; ++k) {
                for (std::size_t i = 0; i < width; ++i) {
                    product[k] += static_cast<double>(weight[k * width + i]) * static_cast<double>(embedding[i]);
                }
                above += product[k] * static_cast<double>(logits[segment * 10 + k] - bias[k]);
                below += product[k] * product[k];
            }
            const double length = above / below;
            EXPECT_GT(length, 0.0);
            for (std::size_t k = 0; k < 10; ++k) {
                EXPECT_NEAR(length * product[k], logits[segment * 10 + k] - bias[k], 1e-3 * length) << kind;
            }
        }
    }
}

TEST(Network, RefusesInputsThatAreNotFinite) {
    const Model model = testing::random_model("cnn");
    std::vector<float> inputs = testing::random_mfccs(1, 77, 3);
    inputs[100] = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> probabilities(10);
    Network network(model);
    EXPECT_THROW(network.forward(inputs, probabilities), Error);
}

TEST(Network, TakesNoInput) {
    const Model model = testing::random_model("cnn");
    Network(model).forward({}, {});
}

}  // namespace
}  // namespace earmark::inference

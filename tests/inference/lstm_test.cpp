#include "inference/layers/lstm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "features/kernels.hpp"

namespace earmark::inference {
namespace {

struct Weights {
    std::vector<float> input;
    std::vector<float> recurrent;
    std::vector<float> bias;
};

std::vector<float> random_values(std::int64_t count, double reach, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(-reach, reach);
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(uniform(random));
    return values;
}

Weights weights_of(const Lstm::Sizes& sizes) {
    return {random_values(4 * sizes.units * sizes.width, 0.5, 1), random_values(4 * sizes.units * sizes.units, 0.3, 2),
            random_values(4 * sizes.units, 0.5, 3)};
}

/// h of all frames of one example, in plain loops and double precision.
std::vector<double> reference(const Lstm::Sizes& sizes, const Weights& weights, const float* input) {
    const auto sigmoid = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
    std::vector<double> states(sizes.frames * sizes.units);
    std::vector<double> cells(sizes.units);
    for (std::int64_t t = 0; t < sizes.frames; ++t) {
        std::vector<double> sums(4 * sizes.units);
        for (std::int64_t row = 0; row < 4 * sizes.units; ++row) {
            sums[row] = weights.bias[row];
            for (std::int64_t k = 0; k < sizes.width; ++k)
                sums[row] += static_cast<double>(weights.input[row * sizes.width + k]) * input[t * sizes.width + k];
            for (std::int64_t k = 0; t > 0 && k < sizes.units; ++k)
                sums[row] += weights.recurrent[row * sizes.units + k] * states[(t - 1) * sizes.units + k];
        }
        for (std::int64_t u = 0; u < sizes.units; ++u) {
            cells[u] =
                sigmoid(sums[sizes.units + u]) * cells[u] + sigmoid(sums[u]) * std::tanh(sums[2 * sizes.units + u]);
            states[t * sizes.units + u] = sigmoid(sums[3 * sizes.units + u]) * std::tanh(cells[u]);
        }
    }
    return states;
}

class LstmOnEveryInstructionSet : public ::testing::Test {
  protected:
    ~LstmOnEveryInstructionSet() override { features::use_instruction_set("the best"); }
};

const Lstm::Sizes all_sizes[] = {{32, 9, 13, 64}, {1, 5, 3, 7}, {7, 6, 40, 20}, {3, 4, 70, 33}, {5, 1, 4, 16}};

TEST_F(LstmOnEveryInstructionSet, IsTheFormula) {
    ASSERT_GE(features::instruction_sets().size(), 1U);
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        for (const Lstm::Sizes& sizes : all_sizes) {
            const Weights weights = weights_of(sizes);
            // Large values too: the gates must saturate, not overflow.
            const std::vector<float> input = random_values(sizes.batch * sizes.frames * sizes.width, 20.0, 4);
            for (const bool training : {false, true}) {
                Lstm lstm(sizes, training, 2);
                lstm.set_weights(weights.input.data(), weights.recurrent.data(), weights.bias.data());
                std::vector<float> states(sizes.batch * sizes.frames * sizes.units);
                lstm.forward(input.data(), states.data());
                for (std::int64_t n = 0; n < sizes.batch; ++n) {
                    const auto expected = reference(sizes, weights, input.data() + n * sizes.frames * sizes.width);
                    for (std::size_t i = 0; i < expected.size(); ++i)
                        ASSERT_NEAR(states[n * expected.size() + i], expected[i], 1e-5) << set << " " << sizes.units;
                }
            }
        }
    }
}

/// The gradients of the sum of factor · h by central differences in double precision, for one value at a time.
double difference(const Lstm::Sizes& sizes, const Weights& weights, const std::vector<float>& input, float& value,
                  const std::vector<float>& factors) {
    const float before = value;
    constexpr float step = 1.0F / 512;
    double results[2];
    for (const int sign : {-1, 1}) {
        value = before + static_cast<float>(sign) * step;
        results[sign == 1] = 0.0;
        for (std::int64_t n = 0; n < sizes.batch; ++n) {
            const auto states = reference(sizes, weights, input.data() + n * sizes.frames * sizes.width);
            for (std::size_t i = 0; i < states.size(); ++i)
                results[sign == 1] += states[i] * factors[n * states.size() + i];
        }
    }
    value = before;
    return (results[1] - results[0]) / (2.0 * step);
}

TEST_F(LstmOnEveryInstructionSet, HasTheGradientsOfTheFormula) {
    for (const std::string_view set : features::instruction_sets()) {
        features::use_instruction_set(set);
        for (const Lstm::Sizes& sizes : all_sizes) {
            for (const bool last_state_only : {false, true}) {
                Weights weights = weights_of(sizes);
                std::vector<float> input = random_values(sizes.batch * sizes.frames * sizes.width, 1.0, 4);
                std::vector<float> factors = random_values(sizes.batch * sizes.frames * sizes.units, 1.0, 5);
                std::vector<float> given = factors;
                if (last_state_only) {
                    given.clear();
                    for (std::int64_t n = 0; n < sizes.batch; ++n) {
                        float* of_example = factors.data() + n * sizes.frames * sizes.units;
                        float* last = of_example + (sizes.frames - 1) * sizes.units;
                        given.insert(given.end(), last, last + sizes.units);
                        std::fill(of_example, last, 0.0F);
                    }
                }
                Lstm lstm(sizes, true, 2);
                lstm.set_weights(weights.input.data(), weights.recurrent.data(), weights.bias.data());
                std::vector<float> states(factors.size());
                lstm.forward(input.data(), states.data());
                std::vector<float> input_gradient(input.size());
                Weights gradients{std::vector<float>(weights.input.size()),
                                  std::vector<float>(weights.recurrent.size()),
                                  std::vector<float>(weights.bias.size())};
                // Twice, since nothing of the first time may be left in the second.
                for (int time = 0; time < 2; ++time) {
                    lstm.backward(input.data(), states.data(),
                                  {.states = given.data(),
                                   .last_state_only = last_state_only,
                                   .input = input_gradient.data(),
                                   .input_weight = gradients.input.data(),
                                   .recurrent_weight = gradients.recurrent.data(),
                                   .bias = gradients.bias.data()});
                }
                std::mt19937 random(6);
                const auto check = [&](std::vector<float>& values, const std::vector<float>& found, const char* what) {
                    for (int i = 0; i < 4; ++i) {
                        const std::size_t at = random() % values.size();
                        const double expected = difference(sizes, weights, input, values[at], factors);
                        EXPECT_NEAR(found[at], expected, 1e-4 * std::max(1.0, std::abs(expected)))
                            << set << " " << what << " " << sizes.units << " units";
                    }
                };
                check(weights.input, gradients.input, "input weight");
                check(weights.recurrent, gradients.recurrent, "recurrent weight");
                check(weights.bias, gradients.bias, "bias");
                check(input, input_gradient, "input");
            }
        }
    }
}

}  // namespace
}  // namespace earmark::inference

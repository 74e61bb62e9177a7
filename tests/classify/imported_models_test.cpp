// The imported models compute what their authors' programs compute, from the same samples. tests/reference/make_taggers.py
// made the reference values.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "earmark/audio.hpp"
#include "earmark/classifier.hpp"
#include "earmark/features.hpp"
#include "formats/npy.hpp"

namespace earmark::classify {
namespace {

namespace fs = std::filesystem;

const fs::path source_folder = EARMARK_SOURCE_DIR;
const fs::path references = source_folder / "tests/reference/taggers";

/// Notes that die away over a little noise: `melody` of make_taggers.py.
std::vector<float> melody(std::size_t count, double rate) {
    std::vector<float> samples(count);
    std::uint32_t state = 1;
    for (std::size_t n = 0; n < count; ++n) {
        state = state * 1664525U + 1013904223U;
        const double t = static_cast<double>(n) / rate;
        const double step = std::floor(2.0 * t);
        const double f = 110.0 * std::exp2(std::fmod(step * 7.0, 24.0) / 12.0);
        const double decay = std::exp(-3.0 * (2.0 * t - step));
        const double value = 0.4 * decay * std::sin(2.0 * std::numbers::pi * f * t) +
                             0.15 * std::sin(2.0 * std::numbers::pi * 3.01 * f * t) +
                             0.03 * (static_cast<double>(state >> 16U) - 32768.0) / 32768.0;
        samples[n] = static_cast<float>(std::floor(value * 32767.0 + 0.5)) / 32768.0F;
    }
    return samples;
}

std::vector<float> clip() {
    AudioReader reader(references / "vibe-ace.flac", {.sample_rate = 16000});
    std::vector<float> samples;
    for (auto piece = reader.read(); !piece.empty(); piece = reader.read()) {
        samples.insert(samples.end(), piece.begin(), piece.end());
    }
    return samples;
}

struct Matrix {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<float> values;

    float at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
};

struct Case {
    const char* model;
    const char* signal;
    const char* features;  // whose reference values are the same
    int frame_step;        // from one frame of the reference values to the next
    float factor;          // by which the authors' features are larger
};

class ImportedModel : public ::testing::TestWithParam<Case> {
  protected:
    static std::vector<float> samples() {
        if (std::string(GetParam().signal) == "vibe-ace") return clip();
        return model().features.sample_rate == 12000 ? melody(349440, 12000.0) : melody(64000, 16000.0);
    }
    static const Model& model() {
        static std::map<std::string, Model> models;
        const std::string name = GetParam().model;
        if (!models.contains(name)) models[name] = load_model(source_folder / "models" / (name + ".safetensors"));
        return models[name];
    }
    static Matrix reference(const std::string& model, const std::string& what) {
        formats::NpyReader reader(references / (model + "_" + GetParam().signal + "_" + what + ".npy"));
        Matrix matrix{static_cast<std::size_t>(reader.shape().at(0)), static_cast<std::size_t>(reader.shape().at(1)),
                      std::vector<float>(static_cast<std::size_t>(reader.size()))};
        reader.read(matrix.values);
        return matrix;
    }
};

INSTANTIATE_TEST_SUITE_P(All, ImportedModel,
                         ::testing::Values(Case{"msd-musicnn", "melody", "msd-musicnn", 8, 1.0F},
                                           Case{"msd-musicnn", "vibe-ace", "msd-musicnn", 8, 1.0F},
                                           Case{"mtt-musicnn", "melody", "msd-musicnn", 8, 1.0F},
                                           Case{"mtt-musicnn", "vibe-ace", "msd-musicnn", 8, 1.0F},
                                           Case{"yamnet", "melody", "yamnet", 8, 1.0F},
                                           Case{"yamnet", "vibe-ace", "yamnet", 8, 1.0F},
                                           Case{"choi-cnn", "melody", "choi-cnn", 64, 2.0F},
                                           Case{"choi-crnn", "melody", "choi-cnn", 64, 2.0F}),
                         [](const auto& parameter) {
                             std::string name = std::string(parameter.param.model) + "_" + parameter.param.signal;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST_P(ImportedModel, HasTheFeaturesOfItsAuthors) {
    const auto [model_name, signal, features, frame_step, factor] = GetParam();
    const Matrix expected = reference(features, "features");
    FeatureMatrix computed;
    FeatureExtractor(model().features).compute(samples(), computed);
    ASSERT_EQ(expected.columns, static_cast<std::size_t>(computed.coefficients));
    float largest = 0.0F;
    for (const float value : expected.values) largest = std::max(largest, std::abs(value));
    for (std::size_t row = 0; row < expected.rows; ++row) {
        const std::int64_t frame = static_cast<std::int64_t>(row) * frame_step;
        for (std::size_t band = 0; band < expected.columns; ++band) {
            const float wanted = expected.at(row, band);
            // Relative to the value, or where that is next to nothing, to the largest.
            ASSERT_NEAR(factor * computed.frame(frame)[band], wanted,
                        1e-4F * std::max(std::abs(wanted), 0.1F * largest))
                << "frame " << frame << ", band " << band;
        }
    }
}

TEST_P(ImportedModel, HasTheProbabilitiesOfItsAuthors) {
    const Matrix expected = reference(GetParam().model, "probabilities");
    const Prediction prediction = Classifier(model()).classify(samples());
    ASSERT_EQ(expected.columns, model().labels.size());
    // The authors' programs wait for a few samples more before they take another segment.
    ASSERT_GE(prediction.segments.size(), expected.rows);
    ASSERT_LE(prediction.segments.size(), expected.rows + 1);
    for (std::size_t segment = 0; segment < expected.rows; ++segment) {
        for (std::size_t label = 0; label < expected.columns; ++label) {
            ASSERT_NEAR(prediction.segments[segment].probabilities[label], expected.at(segment, label), 1e-3)
                << "segment " << segment << ", " << model().labels[label];
        }
    }
}

}  // namespace
}  // namespace earmark::classify

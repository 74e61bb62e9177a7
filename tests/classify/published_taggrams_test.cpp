// Tag probabilities that the author of musicnn published come back, from GTZAN's clips. Their audio carries no licence: the
// test runs where ../shared is, and says so elsewhere.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include "earmark/audio.hpp"
#include "earmark/classifier.hpp"
#include "formats/csv.hpp"
#include "formats/npy.hpp"

namespace earmark::classify {
namespace {

namespace fs = std::filesystem;

const fs::path gtzan = fs::path(EARMARK_SOURCE_DIR).parent_path() / "shared/data/gtzan";

/// Resamples as librosa did in 2019 (resampy 0.2, "kaiser_best"), which decides what is left above 7 kHz. To lower rates.
std::vector<float> resample(const std::vector<float>& samples, double from, double to) {
    constexpr int zeros = 64;
    constexpr int steps = 512;  // of the table, from one zero of the sinc to the next
    constexpr double rolloff = 0.9475937167399596;
    constexpr double beta = 14.769656459379492;
    const double ratio = to / from;
    std::vector<double> table(zeros * steps + 1);
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double x = static_cast<double>(i) / steps;
        const double angle = std::numbers::pi * rolloff * x;
        const double window = std::cyl_bessel_i(0.0, beta * std::sqrt(1.0 - (x / zeros) * (x / zeros)));
        table[i] = ratio * rolloff * (i == 0 ? 1.0 : std::sin(angle) / angle) * window / std::cyl_bessel_i(0.0, beta);
    }
    const auto length = static_cast<std::int64_t>(table.size());
    const auto stride = static_cast<std::int64_t>(ratio * steps);  // a whole number, as there
    const auto count = static_cast<std::int64_t>(samples.size());
    std::vector<float> result(static_cast<std::size_t>(static_cast<double>(count) * ratio));
    for (std::size_t t = 0; t < result.size(); ++t) {
        const double time = static_cast<double>(t) / ratio;
        const auto n = static_cast<std::int64_t>(time);
        double sum = 0.0;
        const auto add_side = [&](double fraction, std::int64_t first, std::int64_t direction, std::int64_t most) {
            const double place = fraction * steps;
            const auto offset = static_cast<std::int64_t>(place);
            const double rest = place - static_cast<double>(offset);
            const std::int64_t taps = std::min(most, (length - offset) / stride);
            for (std::int64_t i = 0; i < taps; ++i) {
                const std::int64_t at = offset + i * stride;
                const double here = table[static_cast<std::size_t>(at)];
                const double next = at + 1 < length ? table[static_cast<std::size_t>(at + 1)] : here;
                sum += (here + rest * (next - here)) * samples[static_cast<std::size_t>(first + direction * i)];
            }
        };
        const double fraction = ratio * (time - static_cast<double>(n));
        add_side(fraction, n, -1, n + 1);
        add_side(ratio - fraction, n + 1, 1, count - n - 1);
        result[t] = static_cast<float>(sum);
    }
    return result;
}

TEST(PublishedTaggrams, ComeBackFromTheClips) {
    if (!fs::is_directory(gtzan / "audio") || !fs::is_directory(gtzan / "musicnn"))
        GTEST_SKIP() << gtzan.string() << " is not there: GTZAN's clips and taggrams are not compared";
    Model model = load_model(fs::path(EARMARK_SOURCE_DIR) / "models/msd-musicnn.safetensors");
    model.segments.hop_frames = 61;  // what the author's program makes of one second
    const Classifier classifier(model);
    formats::NpyReader reader(gtzan / "musicnn/msd_taggrams_f32.npy");
    std::vector<float> published(static_cast<std::size_t>(reader.size()));
    reader.read(published);
    const std::size_t labels = model.labels.size();
    int compared = 0;
    for (const auto& row : formats::read_csv(gtzan / "musicnn/index.csv").rows) {
        const fs::path file = gtzan / "audio" / row[1] / (row[0] + ".flac");
        if (!fs::exists(file) || compared == 6) continue;
        ++compared;
        AudioReader audio(file, {.sample_rate = 0});
        std::vector<float> samples;
        for (auto piece = audio.read(); !piece.empty(); piece = audio.read())
            samples.insert(samples.end(), piece.begin(), piece.end());
        const Prediction prediction = classifier.classify(resample(samples, 22050.0, 16000.0));
        const std::size_t first = std::stoul(row[3]);
        const std::size_t rows = std::stoul(row[4]);
        ASSERT_GE(prediction.segments.size(), rows) << row[0];
        for (std::size_t label = 0; label < labels; ++label) {
            double mean = 0.0;
            double expected = 0.0;
            for (std::size_t segment = 0; segment < rows; ++segment) {
                mean += prediction.segments[segment].probabilities[label] / static_cast<double>(rows);
                expected += published[(first + segment) * labels + label] / static_cast<double>(rows);
            }
            EXPECT_NEAR(mean, expected, 1e-3) << row[0] << ", " << model.labels[label];
        }
    }
    EXPECT_GT(compared, 0) << "no clip is in both";
}

}  // namespace
}  // namespace earmark::classify

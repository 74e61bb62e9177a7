#include "training/data/noise_bank.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "training/data/draws.hpp"

namespace earmark::training {

namespace {

class Noise {
  public:
    Noise(std::uint64_t seed, double sample_rate) : random_(seed, "noise bank"), rate_(sample_rate) {}

    void fill(std::vector<float>& samples, int kind) {
        switch (kind % 6) {
            case 0:
                white(samples);
                break;
            case 1:
                pink(samples);
                break;
            case 2:
                brown(samples);
                break;
            case 3:
                band(samples);
                break;
            case 4:
                tones(samples);
                break;
            default:
                clicks(samples);
                break;
        }
        scale(samples, std::pow(10.0, -uniform() * 3.5));  // 0 to -70 dB of full scale
    }

  private:
    double uniform() { return training::uniform(random_); }
    double symmetric() { return training::symmetric(random_); }

    void white(std::vector<float>& samples) {
        for (float& sample : samples) sample = static_cast<float>(symmetric());
    }

    /// One over frequency: Voss's sum of generators, each renewed half as often as the one before.
    void pink(std::vector<float>& samples) {
        double rows[14] = {};
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const int row = std::min(std::countr_zero(i + 1), 13);
            rows[row] = symmetric();
            double sum = 0.0;
            for (double value : rows) sum += value;
            samples[i] = static_cast<float>(sum);
        }
    }

    void brown(std::vector<float>& samples) {
        double state = 0.0;
        for (float& sample : samples) sample = static_cast<float>(state = 0.999 * state + symmetric());
    }

    /// White noise through a resonator of random centre and width.
    void band(std::vector<float>& samples) {
        const double centre = 40.0 * std::pow(rate_ / 2.2 / 40.0, uniform());
        const double radius = 0.9 + 0.0995 * uniform();
        const double feedback = 2.0 * radius * std::cos(2.0 * std::numbers::pi * centre / rate_);
        double before = 0.0;
        double before_that = 0.0;
        for (float& sample : samples) {
            const double now = symmetric() + feedback * before - radius * radius * before_that;
            before_that = std::exchange(before, now);
            sample = static_cast<float>(now);
        }
    }

    /// One to four steady tones, now and then with the harmonics of a mains hum, over a faint hiss.
    void tones(std::vector<float>& samples) {
        for (float& sample : samples) sample = static_cast<float>(1e-3 * symmetric());
        const int count = 1 + static_cast<int>(random_.below(4));
        for (int tone = 0; tone < count; ++tone) {
            const double frequency = 40.0 * std::pow(rate_ / 2.2 / 40.0, uniform());
            const double phase = uniform();
            for (std::size_t i = 0; i < samples.size(); ++i) {
                samples[i] += static_cast<float>(
                    std::sin(2.0 * std::numbers::pi * (frequency * static_cast<double>(i) / rate_ + phase)));
            }
        }
    }

    void clicks(std::vector<float>& samples) {
        const auto spacing = static_cast<std::uint64_t>(rate_ * (0.02 + uniform()));
        for (float& sample : samples) {
            sample = static_cast<float>(1e-3 * symmetric());
            if (random_.below(spacing) == 0) sample = static_cast<float>(symmetric());
        }
    }

    static void scale(std::vector<float>& samples, double level) {
        float peak = 1e-9F;
        for (float sample : samples) peak = std::max(peak, std::abs(sample));
        const auto factor = static_cast<float>(level / static_cast<double>(peak));
        for (float& sample : samples) sample *= factor;
    }

    base::Random random_;
    double rate_;
};

}  // namespace

std::vector<float> make_noise_bank(const FeatureOptions& features, const SegmentOptions& options, std::int64_t segments,
                                   std::uint64_t seed) {
    Segmenter segmenter(features, options);
    Noise noise(seed, features.sample_rate);
    std::vector<float> bank;
    const int block = std::max(1, options.segments_per_block);
    std::vector<float> samples(static_cast<std::size_t>(std::llround(options.seconds * block * features.sample_rate)));
    std::int64_t made = 0;
    const auto take = [&](const Segment& segment) {
        bank.insert(bank.end(), segment.values.begin(), segment.values.end());
        ++made;
    };
    for (int kind = 0; made < segments; ++kind) {
        noise.fill(samples, kind);
        segmenter.push(samples, take);
        segmenter.finish(take);
    }
    return bank;
}

}  // namespace earmark::training

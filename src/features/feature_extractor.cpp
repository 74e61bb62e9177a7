#include <optional>

#include "earmark/features.hpp"
#include "features/feature_computer.hpp"

namespace earmark {

class FeatureExtractor::Impl {
  public:
    explicit Impl(const FeatureOptions& options) : options_(options) {
        validate(options);
        if (options.kind != FeatureKind::waveform) computer_.emplace(options);
    }

    const FeatureOptions& options() const noexcept { return options_; }

    void compute(std::span<const float> samples, FeatureMatrix& result) {
        result.frames = frame_count(options_, static_cast<std::int64_t>(samples.size()));
        result.coefficients = coefficient_count(options_);
        if (!computer_) {
            result.values.assign(samples.begin(), samples.end());
            return;
        }
        result.values.resize(static_cast<std::size_t>(result.frames * result.coefficients));

        // MFCCs are fewer than the mel bands they come from; all else is computed in place.
        const auto width = static_cast<std::size_t>(computer_->first_stage_width());
        const bool in_place = computer_->first_stage_width() == result.coefficients;
        if (!in_place) mel_.resize(static_cast<std::size_t>(result.frames) * width);
        float* const rows = in_place ? result.values.data() : mel_.data();
        computer_->analyse_signal(samples, rows);
        if (!computer_->has_second_stage()) return;
        computer_->express(rows, result.frames, computer_->floor(computer_->maximum_power()), result.values.data());
    }

  private:
    FeatureOptions options_;
    std::optional<features::FeatureComputer> computer_;
    std::vector<float> mel_;
};

FeatureExtractor::FeatureExtractor(const FeatureOptions& options) : impl_(std::make_unique<Impl>(options)) {}
FeatureExtractor::~FeatureExtractor() = default;
FeatureExtractor::FeatureExtractor(FeatureExtractor&&) noexcept = default;
FeatureExtractor& FeatureExtractor::operator=(FeatureExtractor&&) noexcept = default;

const FeatureOptions& FeatureExtractor::options() const noexcept {
    return impl_->options();
}

void FeatureExtractor::compute(std::span<const float> samples, FeatureMatrix& result) {
    impl_->compute(samples, result);
}

}  // namespace earmark

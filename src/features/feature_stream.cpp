#include <array>
#include <limits>
#include <optional>

#include "earmark/features.hpp"
#include "features/feature_computer.hpp"
#include "features/framer.hpp"

namespace earmark {

using Frames = Sink<std::span<const float>>;

class FeatureStream::Impl {
  public:
    Impl(const FeatureOptions& options, std::optional<float> maximum_power) {
        validate(options);
        if (options.kind == FeatureKind::waveform) return;
        computer_.emplace(options);
        framer_.emplace(options);
        coefficients_ = static_cast<std::size_t>(coefficient_count(options));
        first_.resize(features::frame_group * static_cast<std::size_t>(computer_->first_stage_width()));
        if (computer_->has_second_stage()) second_.resize(features::frame_group * coefficients_);
        if (maximum_power) floor_ = computer_->floor(*maximum_power);
    }

    void push(std::span<const float> samples, const Frames& sink) {
        if (!computer_) {
            for (const float& sample : samples) sink({&sample, 1});
            return;
        }
        if (ended_) start();
        while (!samples.empty()) {
            samples = framer_->push(samples);
            drain(sink);
        }
    }

    void finish(const Frames& sink) {
        if (!computer_) return;
        if (ended_) start();
        ended_ = true;
        framer_->end();
        drain(sink);
    }

    float maximum_power() const noexcept { return computer_ ? computer_->maximum_power() : 0.0F; }

  private:
    // The maximum of a signal that ended can be asked for until the next begins.
    void start() {
        framer_->reset();
        computer_->reset_maximum();
        ended_ = false;
    }

    void drain(const Frames& sink) {
        std::array<const float*, features::frame_group> group;
        while (const std::size_t frames = framer_->next(group)) emit(std::span(group).first(frames), sink);
    }

    void emit(std::span<const float* const> frames, const Frames& sink) {
        computer_->analyse(frames, first_.data());
        const bool second = computer_->has_second_stage();
        if (second) computer_->express(first_.data(), static_cast<std::int64_t>(frames.size()), floor_, second_.data());
        const std::span<const float> rows = second ? second_ : first_;
        for (std::size_t i = 0; i < frames.size(); ++i) sink(rows.subspan(i * coefficients_, coefficients_));
    }

    std::optional<features::FeatureComputer> computer_;
    std::optional<features::Framer> framer_;
    std::size_t coefficients_ = 0;
    std::vector<float> first_;   // frame_group rows of the first stage
    std::vector<float> second_;  // and of the second
    float floor_ = -std::numeric_limits<float>::infinity();
    bool ended_ = false;
};

FeatureStream::FeatureStream(const FeatureOptions& options, std::optional<float> maximum_power)
    : impl_(std::make_unique<Impl>(options, maximum_power)) {}
FeatureStream::~FeatureStream() = default;
FeatureStream::FeatureStream(FeatureStream&&) noexcept = default;
FeatureStream& FeatureStream::operator=(FeatureStream&&) noexcept = default;

void FeatureStream::push(std::span<const float> samples, const Frames& sink) {
    impl_->push(samples, sink);
}
void FeatureStream::finish(const Frames& sink) {
    impl_->finish(sink);
}
float FeatureStream::maximum_power() const noexcept {
    return impl_->maximum_power();
}

}  // namespace earmark

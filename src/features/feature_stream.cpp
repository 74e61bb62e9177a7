#include <limits>
#include <optional>

#include "earmark/features.hpp"
#include "features/feature_computer.hpp"
#include "features/framer.hpp"

namespace earmark {

class FeatureStream::Impl {
  public:
    Impl(const FeatureOptions& options, std::optional<float> maximum_power) {
        validate(options);
        if (options.kind == FeatureKind::waveform) return;
        computer_.emplace(options);
        framer_.emplace(options.fft_size, options.hop_length, options.padding);
        first_.resize(static_cast<std::size_t>(computer_->first_stage_width()));
        if (computer_->has_second_stage()) second_.resize(static_cast<std::size_t>(coefficients_of(options)));
        if (maximum_power) floor_ = computer_->floor(*maximum_power);
    }

    void push(std::span<const float> samples, Sink& sink) {
        if (!computer_) {
            for (const float& sample : samples) sink.frame({&sample, 1});
            return;
        }
        if (ended_) start();
        while (!samples.empty()) {
            samples = framer_->push(samples);
            drain(sink);
        }
    }

    void finish(Sink& sink) {
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

    void drain(Sink& sink) {
        while (const float* frame = framer_->next()) {
            computer_->analyse(frame, first_.data());
            if (computer_->has_second_stage()) {
                computer_->express(first_.data(), floor_, second_.data());
                sink.frame(second_);
            } else {
                sink.frame(first_);
            }
        }
    }

    std::optional<FeatureComputer> computer_;
    std::optional<Framer> framer_;
    std::vector<float> first_;
    std::vector<float> second_;
    float floor_ = -std::numeric_limits<float>::infinity();
    bool ended_ = false;
};

FeatureStream::FeatureStream(const FeatureOptions& options, std::optional<float> maximum_power)
    : impl_(std::make_unique<Impl>(options, maximum_power)) {}
FeatureStream::~FeatureStream() = default;
FeatureStream::FeatureStream(FeatureStream&&) noexcept = default;
FeatureStream& FeatureStream::operator=(FeatureStream&&) noexcept = default;

void FeatureStream::push(std::span<const float> samples, Sink& sink) {
    impl_->push(samples, sink);
}
void FeatureStream::finish(Sink& sink) {
    impl_->finish(sink);
}
float FeatureStream::maximum_power() const noexcept {
    return impl_->maximum_power();
}

}  // namespace earmark

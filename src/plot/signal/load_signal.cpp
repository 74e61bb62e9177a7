#include "plot/signal/load_signal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/throw.hpp"
#include "earmark/audio.hpp"

namespace earmark::plot {

namespace {

FeatureOptions of_kind(FeatureOptions options, FeatureKind kind) {
    options.kind = kind;
    return options;
}

/// A feature panel and the stream that fills it.
struct TimeCurve {
    TimeCurve(FeaturePanel& panel, std::optional<float> maximum)
        : sink([&panel](std::span<const float> frame) { panel.frames.push(frame); }), stream(panel.options, maximum) {}

    Sink<std::span<const float>> sink;
    FeatureStream stream;
};

class Loading {
  public:
    Loading(const std::filesystem::path& file, const TimeRange& time_range, SignalFigure& figure)
        : file_(file), time_range_(time_range), figure_(figure) {
        for (SignalPanel& panel : figure.panels) {
            if (auto* waveform = std::get_if<WaveformPanel>(&panel)) {
                waveforms_.push_back(waveform);
                sample_rate_ = waveform->sample_rate;
            }
            if (auto* features = std::get_if<FeaturePanel>(&panel)) {
                sample_rate_ = features->options.sample_rate;
                if (needs_maximum_power(features->options)) {
                    later_.push_back(features);
                } else {
                    first_.emplace_back(*features, std::nullopt);
                }
            }
        }
    }

    std::vector<std::string> run() {
        if (waveforms_.empty() && first_.empty() && later_.empty()) return {};
        std::optional<FeatureStream> maximum;
        if (!later_.empty()) maximum.emplace(of_kind(later_.front()->options, FeatureKind::mel));
        const auto discard = [](std::span<const float>) {};  // frames that only count towards the maximum
        const std::int64_t samples = read_time_range([&](std::span<const float> piece) {
            for (WaveformPanel* waveform : waveforms_) waveform->envelope.push(piece);
            for (TimeCurve& curve : first_) curve.stream.push(piece, curve.sink);
            if (maximum) maximum->push(piece, discard);
        });
        figure_.time = {time_range_.start, time_range_.start + static_cast<double>(samples) / sample_rate_};
        for (TimeCurve& curve : first_) curve.stream.finish(curve.sink);
        if (!maximum) return warnings_;

        maximum->finish(discard);
        std::vector<TimeCurve> second;
        for (FeaturePanel* panel : later_) second.emplace_back(*panel, maximum->maximum_power());
        read_time_range([&](std::span<const float> piece) {
            for (TimeCurve& curve : second) curve.stream.push(piece, curve.sink);
        });
        for (TimeCurve& curve : second) curve.stream.finish(curve.sink);
        return warnings_;
    }

  private:
    /// Hands the samples of the stretch to `take`. @return their number
    template <typename Take>
    std::int64_t read_time_range(Take take) {
        AudioReader reader(file_, {.sample_rate = sample_rate_});
        const double rate = reader.sample_rate();
        const auto whole = static_cast<double>(std::numeric_limits<std::int64_t>::max() / 4);
        const std::int64_t begin = std::llround(std::min(time_range_.start * rate, whole));
        const std::int64_t wanted =
            time_range_.duration
                ? std::max<std::int64_t>(1, std::llround(std::min(*time_range_.duration * rate, whole)))
                : std::numeric_limits<std::int64_t>::max() / 4;
        std::int64_t position = 0;
        std::int64_t taken = 0;
        while (taken < wanted) {
            const std::span<const float> samples = reader.read();
            if (samples.empty()) break;
            const auto size = static_cast<std::int64_t>(samples.size());
            const std::int64_t from = std::clamp<std::int64_t>(begin - position, 0, size);
            const std::int64_t to = std::clamp<std::int64_t>(begin + wanted - position, from, size);
            if (to > from) take(samples.subspan(from, to - from));
            taken += to - from;
            position += size;
        }
        if (taken == 0) {
            base::fail(ErrorCode::bad_option, "{}: is only {:.3f} s long. Choose an earlier start.", file_.string(),
                       static_cast<double>(position) / rate);
        }
        for (const std::string& warning : reader.warnings()) {
            if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(warning);
        }
        return taken;
    }

    const std::filesystem::path& file_;
    const TimeRange& time_range_;
    SignalFigure& figure_;
    int sample_rate_ = 0;
    std::vector<WaveformPanel*> waveforms_;
    std::vector<TimeCurve> first_;
    std::vector<FeaturePanel*> later_;
    std::vector<std::string> warnings_;
};

}  // namespace

SignalPanel make_panel(const std::string& kind, const FeatureOptions& options) {
    const FeatureOptions chosen = of_kind(options, feature_kind(kind));
    validate(chosen);
    if (chosen.kind == FeatureKind::waveform) return WaveformPanel{.sample_rate = chosen.sample_rate};
    return FeaturePanel(chosen);
}

std::vector<std::string> load_signal(const std::filesystem::path& file, const TimeRange& time_range,
                                     SignalFigure& figure) {
    return Loading(file, time_range, figure).run();
}

}  // namespace earmark::plot

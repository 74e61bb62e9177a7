#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "features/mel_bank.hpp"
#include "plot/signal/panels.hpp"

namespace earmark::plot {

namespace {

/// Power that a picture shows under its maximum.
constexpr double shown_decibels = 80.0;

bool is_power(FeatureKind kind) {
    return kind == FeatureKind::spectrogram || kind == FeatureKind::mel;
}
bool is_mel(FeatureKind kind) {
    return kind == FeatureKind::mel || kind == FeatureKind::logmel;
}

/// The items of `count` that the part [from, to) of a row of pixels shows: those it covers, or the one under its
/// middle when it covers less than one.
struct Range {
    std::size_t from;
    std::size_t to;
};
Range covered(double from, double to, std::size_t count) {
    const auto last = static_cast<double>(count - 1);
    if (to - from <= 1.0) {
        const auto middle = static_cast<std::size_t>(std::clamp(std::floor(0.5 * (from + to)), 0.0, last));
        return {middle, middle + 1};
    }
    const auto first = static_cast<std::size_t>(std::clamp(std::floor(from), 0.0, last));
    const auto end = static_cast<std::size_t>(std::clamp(std::ceil(to), 0.0, last + 1.0));
    return {first, std::max(first + 1, end)};
}

class FeaturePainter final : public PanelPainter {
  public:
    FeaturePainter(const FeaturePanel& panel, const TimeSpan& time)
        : options_(panel.options),
          values_(panel.frames.values()),
          group_(panel.frames.group()),
          rows_(static_cast<std::size_t>(panel.frames.rows())),
          stride_(static_cast<double>(panel.frames.stride())),
          columns_(panel.frames.columns()),
          start_(time.start) {
        find_range();
    }

    std::string heading() const override {
        switch (options_.kind) {
            case FeatureKind::spectrogram:
                return "Spectrogram";
            case FeatureKind::mel:
                return "Mel spectrogram";
            case FeatureKind::logmel:
                return "Log-mel spectrogram";
            case FeatureKind::mfcc:
                return "MFCC";
            case FeatureKind::waveform:
                break;
        }
        return "Waveform";
    }

    std::string detail() const override {
        std::string words;
        if (options_.kind == FeatureKind::mfcc) words = fmt::format("{} coefficients of ", options_.coefficients);
        if (options_.kind != FeatureKind::spectrogram) words += fmt::format("{} mel bands, ", options_.mel_bands);
        return words + fmt::format("FFT {}, hop {} at {} Hz", options_.fft_size, options_.hop_length,
                                   grouped(options_.sample_rate));
    }

    void prepare(Figure& /*figure*/, double height) override {
        prepare_bar_ticks(height);
        if (is_mel(options_.kind)) {
            prepare_mel_ticks(height);
        } else if (options_.kind == FeatureKind::spectrogram) {
            const double hertz_a_bin = static_cast<double>(options_.sample_rate) / options_.fft_size;
            ticks_ = vertical_ticks(0.0, 0.5 * options_.sample_rate, height);
            for (Tick& tick : ticks_) tick.value /= hertz_a_bin;
        } else {
            ticks_ = vertical_ticks(0.0, std::max(1, values_ - 1), height, 1.0);
            if (values_ == 1) ticks_ = {{0.0, "0"}};
        }
    }

    double right_room(Figure& figure) const override { return bar_gap + colour_bar_width(figure, bar_ticks_); }

    void join(const PanelPainter& other) override {
        const auto* same = dynamic_cast<const FeaturePainter*>(&other);
        if (same == nullptr || same->options_.kind != options_.kind) return;
        low_ = std::min(low_, same->low_);
        high_ = std::max(high_, same->high_);
        bend_ = std::max(bend_, same->bend_);
        set_colours();
    }

  protected:
    std::string axis_name() const override {
        if (options_.kind == FeatureKind::mfcc) return "coefficient";
        return is_mel(options_.kind) ? "mel band (Hz)" : "frequency (Hz)";
    }

    Scale vertical() const override { return {-0.5, values_ - 0.5, 0.0, 1.0}; }

    void paint_contents(Figure& figure, const Rect& plot, const Scale& time, const Scale& /*vertical*/) override {
        if (columns_.empty()) return;
        const int width = static_cast<int>(std::lround(plot.width / Figure::pixel));
        const int height = static_cast<int>(std::lround(plot.height / Figure::pixel));
        const std::vector<double> image = resampled(width, height, time);
        std::vector<Colour> pixels;
        pixels.reserve(image.size());
        for (const double value : image) pixels.push_back(map_(colours_(to_colour_scale(to_shown(value)))));
        figure.image(plot, pixels, width, height);
    }

    void paint_right(Figure& figure, const Rect& plot) override {
        const Rect bar{plot.right() + bar_gap, plot.y, colour_bar_thickness, plot.height};
        draw_colour_bar(figure, bar, map_, {colours_.from_value, colours_.to_value, bar.bottom(), bar.y}, bar_ticks_,
                        unit());
    }

  private:
    /// What the colours stand for.
    std::string unit() const {
        if (options_.kind == FeatureKind::mfcc) return "value (arsinh scale)";
        if (options_.kind != FeatureKind::logmel || options_.compression == Compression::decibels) return "power (dB)";
        const char* const form = options_.compression == Compression::log10_1p ? "log10(1 + {:g} x)" : "ln(x + {:g})";
        return fmt::format(fmt::runtime(form), options_.compression_constant);
    }

    static constexpr double bar_gap = 10.0;

    /// The text of a stored value in the figure.
    double to_shown(double value) const {
        if (!is_power(options_.kind)) return value;
        const double factor = options_.spectrum == SpectrumScale::magnitude ? 20.0 : 10.0;
        return factor * std::log10(std::max(options_.amin, value)) -
               factor * std::log10(std::max(options_.amin, options_.reference));
    }

    void find_range() {
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const float value : columns_) {
            if (!std::isfinite(value)) continue;
            low = std::min(low, double{value});
            high = std::max(high, double{value});
        }
        if (low > high) low = high = 0.0;
        low_ = to_shown(low);
        high_ = to_shown(high);
        if (is_power(options_.kind)) low_ = std::max(low_, high_ - shown_decibels);
        if (high_ - low_ < 1e-3 * std::max(1.0, std::abs(high_))) {
            // All alike, as in silence: the dark end of a full scale.
            high_ = low_ + shown_decibels;
        }
        if (options_.kind == FeatureKind::mfcc) find_bend();
        set_colours();
    }

    void set_colours() { colours_ = {to_colour_scale(low_), to_colour_scale(high_), 0.0, 1.0}; }

    /// The first MFCC is tens of times greater than the last, which a linear scale would show as one flat colour. The
    /// colours of MFCCs follow arsinh(value / bend): linear within ± bend, logarithmic beyond it.
    double to_colour_scale(double value) const { return bend_ > 0.0 ? std::asinh(value / bend_) : value; }

    /// Sets the bend to thrice the mean magnitude of the upper half of the coefficients, which leaves them most of the
    /// colours and the first one some.
    void find_bend() {
        double sum = 0.0;
        std::size_t count = 0;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (i % rows_ < rows_ / 2 || !std::isfinite(columns_[i])) continue;
            sum += std::abs(columns_[i]);
            ++count;
        }
        if (count == 0 || rows_ < 2) return;
        // In silence all but the first are rounding errors, which must not differ in colour.
        bend_ = std::max(3.0 * sum / static_cast<double>(count), 0.01 * std::max(-low_, high_));
    }

    void prepare_bar_ticks(double height) {
        if (bend_ <= 0.0) {
            bar_ticks_ = vertical_ticks(low_, high_, height);
            return;
        }
        bar_ticks_.clear();
        const double unit = std::pow(10.0, std::floor(std::log10(std::max({-low_, high_, bend_}))));
        const auto add = [&](double value) {
            const double place = to_colour_scale(value);
            const auto distant = [&](const Tick& tick) {
                const double distance = std::abs(tick.value - place) / (colours_.to_value - colours_.from_value);
                return distance * height >= tick_size + 4.0;
            };
            if (value < low_ || value > high_ || !std::ranges::all_of(bar_ticks_, distant)) return;
            bar_ticks_.push_back({place, grouped(value, value == std::floor(value) ? 0 : 3)});
        };
        // The most useful round values first; the others if there is room.
        add(0.0);
        for (const double step : {1.0, 0.1, 5.0, 0.5, 2.0, 0.2, 0.01, 0.05, 0.02}) {
            add(step * unit);
            add(-step * unit);
        }
    }

    /// Ticks at round frequencies, on a scale that counts bands. Band i has its peak at mel number i + 1 of
    /// mel_bands + 2 equally spaced from the lower to the upper edge.
    void prepare_mel_ticks(double height) {
        const double from = features::hertz_to_mel(options_.minimum_frequency, options_.mel_scale);
        const double highest =
            options_.maximum_frequency > 0.0 ? options_.maximum_frequency : 0.5 * options_.sample_rate;
        const double to = features::hertz_to_mel(highest, options_.mel_scale);
        ticks_.clear();
        for (const double hertz : {1000.0, 10000.0, 100.0, 5000.0, 500.0, 2000.0, 200.0, 20000.0, 50.0, 3000.0, 300.0,
                                   7000.0, 700.0, 1500.0, 400.0, 50000.0, 4000.0, 600.0, 800.0}) {
            const double band =
                (features::hertz_to_mel(hertz, options_.mel_scale) - from) / (to - from) * (values_ + 1) - 1.0;
            const auto distant = [&](const Tick& tick) {
                return std::abs(tick.value - band) / values_ * height >= tick_size + 5.0;
            };
            if (band >= -0.5 && band <= values_ - 0.5 && std::ranges::all_of(ticks_, distant)) {
                ticks_.push_back({band, grouped(hertz)});
            }
        }
    }

    /// The kept columns as an image of width × height values, the top row first. Values are averaged where there are
    /// more of them than pixels.
    std::vector<double> resampled(int width, int height, const Scale& time) const {
        const std::size_t columns = columns_.size() / rows_;
        const double frames_a_second = static_cast<double>(options_.sample_rate) / options_.hop_length;
        const double seconds_a_pixel = (time.to_value - time.from_value) / width;
        std::vector<double> image(static_cast<std::size_t>(width) * height);
        std::vector<double> column(rows_);
        for (int x = 0; x < width; ++x) {
            // Frame k covers the time from half a hop before its middle to half a hop after.
            const double second = time.from_value + x * seconds_a_pixel - start_;
            const auto [from, to] = covered((second * frames_a_second + 0.5) / stride_,
                                            ((second + seconds_a_pixel) * frames_a_second + 0.5) / stride_, columns);
            std::ranges::fill(column, 0.0);
            for (std::size_t c = from; c < to; ++c) {
                for (std::size_t r = 0; r < rows_; ++r) column[r] += columns_[c * rows_ + r];
            }
            for (int y = 0; y < height; ++y) {
                const double scale = static_cast<double>(values_) / group_ / height;
                const auto [low, high] = covered((height - 1 - y) * scale, (height - y) * scale, rows_);
                double sum = 0.0;
                for (std::size_t r = low; r < high; ++r) sum += column[r];
                image[static_cast<std::size_t>(y) * width + x] = sum / static_cast<double>((high - low) * (to - from));
            }
        }
        return image;
    }

    const FeatureOptions options_;
    int values_;
    int group_;
    std::size_t rows_;
    double stride_;
    std::vector<float> columns_;
    double start_;
    const ColourMap& map_ = ColourMap::perceptual();
    double low_ = 0.0;  // range of the values shown
    double high_ = 1.0;
    double bend_ = 0.0;                  // see to_colour_scale
    Scale colours_{0.0, 1.0, 0.0, 1.0};  // from the colour scale to positions in the map
    std::vector<Tick> bar_ticks_;
};

}  // namespace

std::unique_ptr<PanelPainter> make_painter(const FeaturePanel& panel, const TimeSpan& time) {
    return std::make_unique<FeaturePainter>(panel, time);
}

}  // namespace earmark::plot

#pragma once

#include <string>
#include <variant>
#include <vector>

#include "earmark/classifier.hpp"
#include "earmark/features.hpp"
#include "plot/charts/figure.hpp"
#include "plot/signal/reducers.hpp"

namespace earmark::plot {

/// The stretch of a file that a figure shows, in seconds from the start of the file.
struct TimeSpan {
    double start = 0.0;
    double end = 0.0;
};

/// The samples of the stretch.
struct WaveformPanel {
    int sample_rate = 22050;
    plot::EnvelopeReducer envelope{};
};

/// Features of the time range. Frame k lies about the sample k · hop_length. Spectrograms and mel bands are taken as
/// power, averaged as power and shown in decibels, at most 80 dB under their maximum; log-mel bands and MFCCs are shown
/// as they are.
struct FeaturePanel {
    FeatureOptions options;  ///< any kind but waveform
    plot::ColumnReducer frames;

    explicit FeaturePanel(const FeatureOptions& feature_options)
        : options(feature_options), frames(coefficient_count(feature_options)) {}
};

/// The prediction over time; the segments' times count from the start of the file.
struct GenrePanel {
    std::vector<std::string> labels;
    std::vector<SegmentPrediction> segments;
};

/// The prediction of a model of many labels over time: a row a label, a colour for its probability.
struct TagPanel {
    std::vector<std::string> labels;
    std::vector<SegmentPrediction> segments;
};

using SignalPanel = std::variant<WaveformPanel, FeaturePanel, GenrePanel, TagPanel>;

/// A figure of panels, one above the other, that share a time axis in seconds.
struct SignalFigure {
    std::string title = {};  ///< empty: none
    TimeSpan time;
    std::vector<SignalPanel> panels;
    double width = 900.0;  ///< points
    double height = 0.0;   ///< points; 0: by the number of panels
};

/// Figures side by side as the columns of one, with the same panels in the same order. The panels of a row share axis
/// and colours, so that the columns can be compared. The columns' own widths and heights do not count.
struct SignalSheet {
    std::string title = {};  ///< empty: none
    std::vector<SignalFigure> columns;
    double width = 900.0;  ///< points
    double height = 0.0;   ///< points; 0: by the number of panels
};

/// Draws the figure to an SVG or PNG file, by the extension of `path`; it appears whole or not at all.
/// @throws Error bad_option for another extension, a size that leaves no room for the panels, or an empty time span;
///         cannot_write
void save_signal_figure(const plot::FigureTarget& target, const SignalFigure& figure);

/// The same for a sheet.
/// @throws Error as save_signal_figure; bad_option when there is no column, or the columns differ in their panels
void save_signal_sheet(const plot::FigureTarget& target, const SignalSheet& sheet);

}  // namespace earmark::plot

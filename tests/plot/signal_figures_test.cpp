#include "plot/signal/signal_figures.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "earmark/error.hpp"
#include "pictures.hpp"
#include "plot/charts/figure.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::plot {

using earmark::testing::bytes_of;
using earmark::testing::is_well_formed;
using earmark::testing::Picture;
using earmark::testing::TemporaryFolder;

namespace {

constexpr int rate = 22050;

WaveformPanel waveform(const std::vector<float>& samples) {
    WaveformPanel panel{.sample_rate = rate};
    panel.envelope.push(samples);
    return panel;
}

/// `frames` frames of which value `loud` is `high` and the others are `low`.
FeaturePanel features(FeatureKind kind, int frames, int loud, float low, float high) {
    FeatureOptions options;
    options.kind = kind;
    FeaturePanel panel(options);
    std::vector<float> frame(static_cast<std::size_t>(coefficient_count(options)), low);
    frame.at(loud) = high;
    for (int i = 0; i < frames; ++i) panel.frames.push(frame);
    return panel;
}

GenrePanel genres(int labels, int segments) {
    GenrePanel panel;
    for (int i = 0; i < labels; ++i) panel.labels.push_back("genre number " + std::to_string(i));
    for (int i = 0; i < segments; ++i) {
        SegmentPrediction prediction{6.0 * i, 6.0 * (i + 1),
                                     std::vector<float>(labels, 0.5F / static_cast<float>(labels))};
        prediction.probabilities[static_cast<std::size_t>(i % std::min(3, labels))] += 0.5F;
        panel.segments.push_back(prediction);
    }
    return panel;
}

testing::Picture picture_of(const testing::TemporaryFolder& folder, const SignalFigure& figure) {
    save_signal_figure(folder.path() / "a.png", figure);
    save_signal_figure(folder.path() / "a.svg", figure);
    EXPECT_TRUE(testing::is_well_formed(testing::bytes_of(folder.path() / "a.svg")));
    return testing::Picture(folder.path() / "a.png");
}

/// Columns of pixels in which the wave is drawn higher than `least` pixels. It is the only blue in the figure.
std::vector<int> loud_columns(const testing::Picture& picture, int least) {
    std::vector<int> columns;
    for (int x = 0; x < picture.width; ++x) {
        int blue = 0;
        for (int y = 0; y < picture.height; ++y) blue += picture.at(x, y).blue - picture.at(x, y).red > 40 ? 1 : 0;
        if (blue > least) columns.push_back(x);
    }
    return columns;
}

TEST(SignalFigure, DrawsAWaveformWhereItSounds) {
    const testing::TemporaryFolder folder;
    std::vector<float> samples(10 * rate);
    for (std::size_t i = 4 * rate; i < 5 * rate; ++i) samples[i] = i % 2 == 0 ? 0.5F : -0.5F;
    SignalFigure figure{.title = "Test", .time = {0.0, 10.0}, .panels = {waveform(samples)}};
    const testing::Picture picture = picture_of(folder, figure);
    EXPECT_EQ(picture.width, 1800);
    EXPECT_TRUE(picture.has_white_border());
    const std::vector<int> any = loud_columns(picture, 0);
    const std::vector<int> loud = loud_columns(picture, 200);
    ASSERT_FALSE(loud.empty());
    const double left = any.front();
    const double width = any.back() + 1 - left;
    EXPECT_NEAR((loud.front() - left) / width, 0.4, 0.003);
    EXPECT_NEAR((loud.back() - left) / width, 0.5, 0.003);
}

TEST(SignalFigure, ShowsASingleClickInAnHour) {
    const testing::TemporaryFolder folder;
    WaveformPanel panel{.sample_rate = rate};
    std::vector<float> second(rate);
    for (int i = 0; i < 3600; ++i) {
        second[1000] = i == 1800 ? 1.0F : 0.0F;
        panel.envelope.push(second);
    }
    EXPECT_LE(panel.envelope.extents().size(), 4096U);
    const testing::Picture picture = picture_of(folder, {.time = {0.0, 3600.0}, .panels = {panel}});
    EXPECT_FALSE(loud_columns(picture, 100).empty());
    EXPECT_LT(loud_columns(picture, 100).size(), 5U);
}

TEST(SignalFigure, SilenceIsALineInTheMiddle) {
    const testing::TemporaryFolder folder;
    const testing::Picture picture =
        picture_of(folder, {.time = {0.0, 2.0}, .panels = {waveform(std::vector<float>(2 * rate))}});
    EXPECT_GT(loud_columns(picture, 0).size(), 1500U);
    EXPECT_TRUE(loud_columns(picture, 4).empty());
}

TEST(SignalFigure, DrawsFewSamplesAsALine) {
    const testing::TemporaryFolder folder;
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{40}}) {
        std::vector<float> samples(count);
        for (std::size_t i = 0; i < count; ++i) samples[i] = std::sin(static_cast<float>(i));
        const testing::Picture picture =
            picture_of(folder, {.time = {0.0, static_cast<double>(count) / rate}, .panels = {waveform(samples)}});
        EXPECT_TRUE(picture.has_white_border());
    }
}

/// Rows of pixels that hold the map's brightest colours in the middle of the figure; text and frames are not among
/// them.
std::vector<int> bright_rows(const testing::Picture& picture) {
    std::vector<int> rows;
    for (int y = 0; y < picture.height; ++y) {
        const Colour colour = picture.at(picture.width / 2, y);
        if (to_oklab(colour).lightness > 0.9 && colour.blue < 180) rows.push_back(y);
    }
    return rows;
}

int dark_rows_below(const testing::Picture& picture, int row) {
    int rows = 0;
    const Colour dark = ColourMap::perceptual()(0.0);
    for (int y = row; y < picture.height; ++y) rows += picture.at(picture.width / 2, y) == dark ? 1 : 0;
    return rows;
}

TEST(SignalFigure, PutsFrequenciesAtTheirHeight) {
    const testing::TemporaryFolder folder;
    // A quarter of the way up, 10^8 over the others: further than the 80 dB that are shown.
    const testing::Picture picture = picture_of(
        folder, {.time = {0.0, 10.0}, .panels = {features(FeatureKind::spectrogram, 431, 256, 1e-6F, 1e4F)}});
    EXPECT_TRUE(picture.has_white_border());
    const std::vector<int> bright = bright_rows(picture);
    ASSERT_FALSE(bright.empty());
    const int below = dark_rows_below(picture, bright.back() + 1);
    const int above = dark_rows_below(picture, 0) - below;
    EXPECT_NEAR(static_cast<double>(below) / (above + below), 0.25, 0.01);
}

TEST(SignalFigure, PutsCoefficientZeroAtTheBottom) {
    const testing::TemporaryFolder folder;
    for (const FeatureKind kind : {FeatureKind::mfcc, FeatureKind::logmel}) {
        const testing::Picture picture =
            picture_of(folder, {.time = {0.0, 10.0}, .panels = {features(kind, 431, 0, -20.0F, 50.0F)}});
        EXPECT_TRUE(picture.has_white_border());
        const std::vector<int> bright = bright_rows(picture);
        ASSERT_FALSE(bright.empty());
        EXPECT_LE(dark_rows_below(picture, bright.back() + 1), 1);
    }
}

TEST(SignalFigure, HandlesFeaturesThatAreAllAlike) {
    const testing::TemporaryFolder folder;
    for (const FeatureKind kind :
         {FeatureKind::spectrogram, FeatureKind::mel, FeatureKind::logmel, FeatureKind::mfcc}) {
        const testing::Picture picture =
            picture_of(folder, {.time = {0.0, 1.0}, .panels = {features(kind, 44, 0, 0.0F, 0.0F)}});
        EXPECT_TRUE(picture.has_white_border());
    }
}

TEST(SignalFigure, HandlesFewFramesAndFewBands) {
    const testing::TemporaryFolder folder;
    for (const int bands : {1, 2, 40}) {
        FeatureOptions options;
        options.mel_bands = bands;
        options.coefficients = 1;
        options.sample_rate = 8000;
        for (const FeatureKind kind : {FeatureKind::mel, FeatureKind::logmel, FeatureKind::mfcc}) {
            options.kind = kind;
            FeaturePanel panel(options);
            panel.frames.push(std::vector<float>(static_cast<std::size_t>(coefficient_count(options)), 3.0F));
            EXPECT_TRUE(picture_of(folder, {.time = {0.0, 0.01}, .panels = {panel}}).has_white_border());
        }
    }
}

TEST(SignalFigure, IsOfOrdinarySizeForTenHours) {
    const testing::TemporaryFolder folder;
    const FeaturePanel panel = features(FeatureKind::mfcc, 1550000, 3, -5.0F, 80.0F);
    EXPECT_LE(panel.frames.columns().size(), 4096U * 13U);
    const testing::Picture picture = picture_of(folder, {.time = {0.0, 36000.0}, .panels = {panel, genres(10, 6000)}});
    EXPECT_TRUE(picture.has_white_border());
    EXPECT_LT(std::filesystem::file_size(folder.path() / "a.svg"), 2'500'000U);
}

TEST(SignalFigure, StacksTheGenres) {
    const testing::TemporaryFolder folder;
    for (const int labels : {2, 11, 60}) {
        for (const int segments : {0, 1, 700}) {
            const testing::Picture picture = picture_of(
                folder,
                {.title = "Genres", .time = {0.0, 6.0 * std::max(1, segments)}, .panels = {genres(labels, segments)}});
            EXPECT_TRUE(picture.has_white_border()) << labels << " " << segments;
            // The most probable of them has at least a fifth of the plot.
            if (segments == 1) {
                EXPECT_GT(picture.count(categorical_palette()[0]), picture.width * picture.height / 5);
            }
        }
    }
}

TEST(SignalFigure, ShowsWhichTagsHoldWhen) {
    const testing::TemporaryFolder folder;
    TagPanel panel{.labels = {"calm", "loud"}, .segments = {}};
    for (int i = 0; i < 10; ++i) panel.segments.push_back({6.0 * i, 6.0 * (i + 1), {i < 5 ? 0.9F : 0.0F, 0.0F}});
    const testing::Picture picture = picture_of(folder, {.time = {0.0, 60.0}, .panels = {panel}});
    EXPECT_TRUE(picture.has_white_border());
    // The more probable tag is above, dark for the first half, and nothing else is.
    const Colour dark = ColourMap::sequential()(1.0);
    const int count = picture.count(dark);
    EXPECT_GT(count, picture.width * picture.height / 10);
    int left = 0;
    for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width / 2; ++x) left += picture.at(x, y) == dark ? 1 : 0;
    }
    EXPECT_EQ(left, count);
    TagPanel many;
    for (int i = 0; i < 60; ++i) many.labels.push_back("a tag with a long name, number " + std::to_string(i));
    for (int i = 0; i < 3000; ++i) many.segments.push_back({0.48 * i, 0.48 * i + 0.96, std::vector<float>(60, 0.2F)});
    EXPECT_TRUE(picture_of(folder, {.time = {0.0, 1440.0}, .panels = {many}}).has_white_border());
    EXPECT_LT(std::filesystem::file_size(folder.path() / "a.svg"), 2'500'000U);
    EXPECT_TRUE(picture_of(folder, {.time = {0.0, 6.0}, .panels = {TagPanel{}}}).has_white_border());
}

TEST(SignalFigure, KeepsClearOfTheEdgesInAnySize) {
    const testing::TemporaryFolder folder;
    const std::vector<float> samples(30 * rate, 0.25F);
    for (const double width : {320.0, 3000.0}) {
        for (const double height : {420.0, 1500.0}) {
            SignalFigure figure{.title = "A title that is far too long for a picture as narrow as this one is: " +
                                         std::string(300, 'm'),
                                .time = {1234.5, 1264.5},
                                .panels = {waveform(samples), features(FeatureKind::mfcc, 1292, 4, -500.0F, 100.0F),
                                           genres(10, 5), features(FeatureKind::mel, 1292, 4, 1e-6F, 1e6F)},
                                .width = width,
                                .height = height};
            const testing::Picture picture = picture_of(folder, figure);
            EXPECT_EQ(picture.width, static_cast<int>(2 * width));
            EXPECT_EQ(picture.height, static_cast<int>(2 * height));
            EXPECT_TRUE(picture.has_white_border()) << width << " by " << height;
        }
    }
}

TEST(SignalFigure, RefusesASizeWithoutRoom) {
    const testing::TemporaryFolder folder;
    SignalFigure figure{
        .time = {0.0, 1.0}, .panels = {genres(3, 1), genres(3, 1), genres(3, 1)}, .width = 900.0, .height = 120.0};
    const auto code = [&] {
        try {
            save_signal_figure(folder.path() / "a.svg", figure);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    EXPECT_EQ(code(), ErrorCode::bad_option);
    figure.height = 500.0;
    figure.width = 150.0;
    EXPECT_EQ(code(), ErrorCode::bad_option);
    figure.width = 900.0;
    figure.time.end = 0.0;
    EXPECT_EQ(code(), ErrorCode::bad_option);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

/// Three columns of one waveform each, as loud as `peaks`.
SignalSheet sheet_of(const std::vector<float>& peaks) {
    SignalSheet sheet;
    for (const float peak : peaks) {
        std::vector<float> samples(2 * rate);
        for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = i % 2 == 0 ? peak : -peak;
        sheet.columns.push_back({.title = "clip", .time = {0.0, 2.0}, .panels = {waveform(samples)}});
    }
    return sheet;
}

TEST(SignalSheet, DrawsItsColumnsOnOneScale) {
    const testing::TemporaryFolder folder;
    save_signal_sheet(folder.path() / "a.png", sheet_of({0.8F, 0.4F, 0.2F}));
    const testing::Picture picture(folder.path() / "a.png");
    EXPECT_TRUE(picture.has_white_border());
    // Runs of columns of pixels in which there is a wave, and how high it is there.
    std::vector<int> heights;
    bool before = false;
    for (int x = 0; x < picture.width; ++x) {
        int blue = 0;
        for (int y = 0; y < picture.height; ++y) blue += picture.at(x, y).blue - picture.at(x, y).red > 40 ? 1 : 0;
        if (blue > 20 && !before) heights.push_back(0);
        if (blue > 20) heights.back() = std::max(heights.back(), blue);
        before = blue > 20;
    }
    ASSERT_EQ(heights.size(), 3U);
    EXPECT_NEAR(static_cast<double>(heights[0]) / heights[1], 2.0, 0.05);
    EXPECT_NEAR(static_cast<double>(heights[1]) / heights[2], 2.0, 0.1);
}

TEST(SignalSheet, SharesTheColoursOfFeatures) {
    const testing::TemporaryFolder folder;
    const auto bright = [&](float loud) {
        SignalSheet sheet;
        for (const float high : {loud, 5.0F}) {
            sheet.columns.push_back(
                {.time = {0.0, 10.0}, .panels = {features(FeatureKind::logmel, 431, 60, -80.0F, high)}});
        }
        save_signal_sheet(folder.path() / "a.png", sheet);
        const testing::Picture picture(folder.path() / "a.png");
        int count = 0;
        for (int y = 0; y < picture.height; ++y) {
            count += to_oklab(picture.at(picture.width * 3 / 4, y)).lightness > 0.85 &&
                             picture.at(picture.width * 3 / 4, y).blue < 180
                         ? 1
                         : 0;
        }
        return count;
    };
    EXPECT_GT(bright(5.0F), 0) << "its own maximum is bright";
    EXPECT_EQ(bright(200.0F), 0) << "beside a louder one it is not";
}

TEST(SignalSheet, RefusesColumnsThatDiffer) {
    const testing::TemporaryFolder folder;
    const auto code = [&](const SignalSheet& sheet) {
        try {
            save_signal_sheet(folder.path() / "a.svg", sheet);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    SignalSheet sheet = sheet_of({0.5F, 0.5F});
    sheet.columns[1].panels.push_back(sheet.columns[1].panels[0]);
    EXPECT_EQ(code(sheet), ErrorCode::bad_option);
    sheet.columns[1].panels = {features(FeatureKind::mfcc, 10, 0, 0.0F, 1.0F)};
    EXPECT_EQ(code(sheet), ErrorCode::bad_option);
    sheet.columns.clear();
    EXPECT_EQ(code(sheet), ErrorCode::bad_option);
    EXPECT_EQ(code({.columns = {{.time = {0.0, 6.0}, .panels = {genres(3, 1)}},
                                {.time = {0.0, 6.0}, .panels = {genres(3, 1)}}}}),
              ErrorCode::bad_option);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace

}  // namespace earmark::plot

#include "plot/charts/reliability_figure.hpp"

#include <gtest/gtest.h>

#include "earmark/error.hpp"
#include "pictures.hpp"
#include "plot/signal/series.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::plot {
namespace {

using testing::bytes_of;
using testing::is_well_formed;
using testing::Picture;
using testing::TemporaryFolder;

/// An evaluation whose predictions are right `gap` less often than they are probable.
evaluation::Evaluation evaluation_of(int bins, std::int64_t items, double gap) {
    evaluation::Evaluation evaluation;
    for (evaluation::LevelMetrics* level : {&evaluation.metrics.tracks, &evaluation.metrics.segments}) {
        for (int i = 0; i < bins; ++i) {
            const double confidence = (i + 0.5) / bins;
            level->reliability.push_back({items, confidence, std::max(0.0, confidence - gap)});
            level->items += items;
        }
        level->calibration_error = gap;
    }
    return evaluation;
}

TEST(ReliabilityFigure, IsDrawnForAnyBins) {
    const testing::TemporaryFolder folder;
    for (const int bins : {2, 10, 100}) {
        for (const std::int64_t items : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1} << 40}) {
            evaluation::Evaluation evaluation = evaluation_of(bins, items, 0.1);
            evaluation.threshold = 0.05 + 0.9 / bins;
            save_reliability_figure(folder.path() / "a.png", "Title <&> of the diagram", evaluation);
            EXPECT_TRUE(testing::Picture(folder.path() / "a.png").has_white_border()) << bins << " " << items;
            save_reliability_figure(folder.path() / "a.svg", "", evaluation);
            EXPECT_TRUE(testing::is_well_formed(testing::bytes_of(folder.path() / "a.svg"))) << bins << " " << items;
        }
    }
}

TEST(ReliabilityFigure, ShowsTheGapToTheDiagonal) {
    const testing::TemporaryFolder folder;
    const plot::Colour gap{0xd9, 0xd9, 0xd9};
    const auto grey = [&](double distance) {
        save_reliability_figure(folder.path() / "a.png", "t", evaluation_of(10, 50, distance));
        return testing::Picture(folder.path() / "a.png").count(gap);
    };
    const int none = grey(0.0);
    const int small = grey(0.1);
    const int large = grey(0.3);
    EXPECT_GT(small, none + 500);
    EXPECT_GT(large, small + 500);
}

TEST(ReliabilityFigure, TellsOfTheCalibrationErrorAndTheThreshold) {
    const testing::TemporaryFolder folder;
    std::string page;
    evaluation::Evaluation evaluation = evaluation_of(10, 50, 0.125);
    save_reliability_figure(plot::FigureTarget::page(page), "t", evaluation);
    EXPECT_NE(page.find("calibration error 0.125"), std::string::npos);
    EXPECT_EQ(page.find("uncertain"), std::string::npos);
    evaluation.threshold = 0.5;
    save_reliability_figure(plot::FigureTarget::page(page), "t", evaluation);
    EXPECT_NE(page.find("uncertain"), std::string::npos);
}

TEST(ReliabilityFigure, RefusesOtherFormats) {
    const testing::TemporaryFolder folder;
    EXPECT_THROW(save_reliability_figure(folder.path() / "a.jpg", "t", evaluation_of(2, 1, 0.0)), Error);
}

}  // namespace
}  // namespace earmark::plot

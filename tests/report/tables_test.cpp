#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "earmark/error.hpp"
#include "plot/charts/confusion_figure.hpp"
#include "plot/charts/figure.hpp"
#include "plot/charts/learning_curves.hpp"
#include "plot/pictures.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::report {

using earmark::testing::bytes_of;
using earmark::testing::is_well_formed;
using earmark::testing::Picture;
using earmark::testing::TemporaryFolder;

namespace {

std::vector<std::string> names(int count, const std::string& stem = "genre ") {
    std::vector<std::string> result;
    for (int i = 0; i < count; ++i) result.push_back(stem + std::to_string(i));
    return result;
}

TEST(ConfusionMatrix, IsWrittenForAnyNumberOfLabels) {
    const testing::TemporaryFolder folder;
    for (const int count : {1, 10, 80}) {
        std::vector<std::int64_t> counts;
        for (int i = 0; i < count * count; ++i) counts.push_back(i % 7);
        for (const std::string stem : {"g", "a genre whose name is far too long for any table "}) {
            plot::save_confusion_matrix(folder.path() / "a.png", "Title <&> of the matrix", names(count, stem), counts);
            EXPECT_TRUE(testing::Picture(folder.path() / "a.png").has_white_border()) << count << stem;
            plot::save_confusion_matrix(folder.path() / "a.svg", "Title <&> of the matrix", names(count, stem), counts);
            EXPECT_TRUE(testing::is_well_formed(testing::bytes_of(folder.path() / "a.svg")));
        }
    }
}

TEST(ConfusionMatrix, ColoursByTheShareOfTheRow) {
    const testing::TemporaryFolder folder;
    // 3 of 4 and 1 of 4 in the first row, a hundred times as many tracks in the second.
    plot::save_confusion_matrix(folder.path() / "a.png", "", {"a", "b"}, {3, 1, 300, 100});
    const testing::Picture picture(folder.path() / "a.png");
    const plot::Colour dark = plot::ColourMap::sequential()(0.75);
    const plot::Colour light = plot::ColourMap::sequential()(0.25);
    EXPECT_GT(picture.count(dark), 15000);
    EXPECT_NEAR(picture.count(dark), picture.count(light), 3000);
}

TEST(ConfusionMatrix, TakesEmptyRowsAndHugeCounts) {
    const testing::TemporaryFolder folder;
    plot::save_confusion_matrix(folder.path() / "a.png", "t", {"a", "b"}, {0, 0, std::int64_t{1} << 50, 1});
    EXPECT_TRUE(testing::Picture(folder.path() / "a.png").has_white_border());
    plot::save_confusion_matrix(folder.path() / "a.png", "t", {"a", "b"}, {0, 0, 0, 0});
    EXPECT_TRUE(testing::Picture(folder.path() / "a.png").has_white_border());
}

TEST(ConfusionMatrix, RefusesCountsThatDoNotFit) {
    const testing::TemporaryFolder folder;
    const auto code = [&](const std::vector<std::string>& labels, const std::vector<std::int64_t>& counts) {
        try {
            plot::save_confusion_matrix(folder.path() / "a.svg", "t", labels, counts);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    EXPECT_EQ(code({"a", "b"}, {1, 2, 3}), ErrorCode::bad_option);
    EXPECT_EQ(code({}, {}), ErrorCode::bad_option);
    EXPECT_EQ(code({"a"}, {-1}), ErrorCode::bad_option);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

plot::LearningCurve curve(const std::string& name, int epochs) {
    plot::LearningCurve result{
        .name = name, .train_accuracy = {}, .valid_accuracy = {}, .train_loss = {}, .valid_loss = {}};
    for (int i = 0; i < epochs; ++i) {
        result.train_accuracy.push_back(1.0 - 0.8 * std::exp(-i / 9.0));
        result.valid_accuracy.push_back(0.8 - 0.6 * std::exp(-i / 9.0));
        result.train_loss.push_back(2.3 * std::exp(-i / 9.0));
        result.valid_loss.push_back(0.5 + 1.8 * std::exp(-i / 9.0));
    }
    return result;
}

TEST(LearningCurves, AreDrawnForAnyNumberOfSeries) {
    const testing::TemporaryFolder folder;
    for (const int series : {0, 1, 3, 30}) {
        for (const int epochs : {0, 1, 40}) {
            std::vector<plot::LearningCurve> curves;
            for (int i = 0; i < series; ++i) curves.push_back(curve("network <" + std::to_string(i) + ">", epochs));
            plot::save_learning_curves(folder.path() / "a.png", "Curves & more", curves);
            EXPECT_TRUE(testing::Picture(folder.path() / "a.png").has_white_border()) << series << " " << epochs;
            plot::save_learning_curves(folder.path() / "a.svg", "", curves);
            EXPECT_TRUE(testing::is_well_formed(testing::bytes_of(folder.path() / "a.svg")));
        }
    }
}

TEST(LearningCurves, LeaveGapsForWhatIsNotFinite) {
    const testing::TemporaryFolder folder;
    plot::LearningCurve broken = curve("diverged", 20);
    for (int i = 5; i < 20; ++i) {
        broken.train_loss[i] = std::nan("");
        broken.valid_loss[i] = std::numeric_limits<double>::infinity();
    }
    broken.valid_accuracy.clear();
    plot::save_learning_curves(folder.path() / "a.png", "t", {broken});
    EXPECT_TRUE(testing::Picture(folder.path() / "a.png").has_white_border());
}

TEST(LearningCurves, ShowEachSeriesInItsColour) {
    const testing::TemporaryFolder folder;
    const plot::LearningCurve one = curve("one", 30);
    plot::LearningCurve other = curve("other", 30);
    for (double& value : other.valid_loss) value += 1.0;
    plot::save_learning_curves(folder.path() / "one.png", "t", {one});
    plot::save_learning_curves(folder.path() / "two.png", "t", {one, other});
    const plot::Colour second = plot::categorical_palette()[1];
    EXPECT_EQ(testing::Picture(folder.path() / "one.png").count(second), 0);
    EXPECT_GT(testing::Picture(folder.path() / "two.png").count(second), 1000);
}

TEST(LearningCurves, CannotBeWrittenWhereThereIsNoFolder) {
    const testing::TemporaryFolder folder;
    try {
        plot::save_learning_curves(folder.path() / "none" / "a.svg", "t", {curve("one", 3)});
        FAIL() << "no Error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::cannot_write);
    }
}

}  // namespace

}  // namespace earmark::report

#include "plot/charts/library_figure.hpp"

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

library::LibraryStatistics library(std::size_t genres, std::int64_t files) {
    library::LibraryStatistics statistics;
    for (std::size_t i = 0; i < genres; ++i) {
        library::GenreStatistics genre;
        genre.genre = std::string(1 + 7 * i, 'g');
        genre.all = {files, 200.0 * static_cast<double>(files)};
        genre.untagged = genre.all;
        statistics.analyzed.files += files;
        statistics.analyzed.seconds += genre.all.seconds;
        statistics.genres.push_back(genre);
    }
    return statistics;
}

TEST(LibraryFigure, IsDrawnForAnyLibrary) {
    const testing::TemporaryFolder folder;
    for (const std::size_t genres : {0U, 1U, 10U, 40U}) {
        for (const std::int64_t files : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1} << 40}) {
            save_library_figure(folder.path() / "a.png", "Title <&> of the library", library(genres, files));
            EXPECT_TRUE(testing::Picture(folder.path() / "a.png").has_white_border()) << genres << " " << files;
            save_library_figure(folder.path() / "a.svg", "", library(genres, files));
            EXPECT_TRUE(testing::is_well_formed(testing::bytes_of(folder.path() / "a.svg"))) << genres << " " << files;
        }
    }
    EXPECT_THROW(save_library_figure(folder.path() / "a.jpg", "", library(1, 1)), Error);
}

TEST(LibraryFigure, PartsBarsByWhatTagsSay) {
    const testing::TemporaryFolder folder;
    library::LibraryStatistics statistics = library(1, 100);
    library::GenreStatistics& genre = statistics.genres[0];
    genre.agrees.files = 60;
    genre.otherwise.files = 30;
    genre.untagged.files = 10;
    save_library_figure(folder.path() / "a.png", "", statistics);
    const testing::Picture picture(folder.path() / "a.png");
    const double agree = picture.count(plot::series_colour(2));
    const double otherwise = picture.count(plot::series_colour(3));
    EXPECT_GT(otherwise, 5000);
    EXPECT_NEAR(agree / otherwise, 2.0, 0.1);
}

TEST(LibraryFigure, TellsOfFilesHoursAndAgreement) {
    std::string page;
    library::LibraryStatistics statistics = library(1, 45);
    statistics.known = {40, 30};
    save_library_figure(plot::FigureTarget::page(page), "", statistics);
    EXPECT_NE(page.find("45 (100\u2009%), 2:30\u2009h"), std::string::npos) << page;
    EXPECT_NE(page.find("of 40 whose tags name one of these genres, 75\u2009% agree"), std::string::npos) << page;
}

}  // namespace
}  // namespace earmark::plot

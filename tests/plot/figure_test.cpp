#include "plot/charts/figure.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <optional>

#include "earmark/error.hpp"
#include "pictures.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::plot {

using earmark::testing::bytes_of;
using earmark::testing::is_well_formed;
using earmark::testing::Picture;
using earmark::testing::TemporaryFolder;

namespace {

void draw(const std::filesystem::path& path, const std::string& words) {
    Figure figure(path, 200, 120, words);
    const std::vector<Colour> pixels{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {9, 9, 9}};
    figure.image({20, 20, 40, 40}, pixels, 2, 2);
    figure.clip({70, 20, 30, 30});
    figure.fill({70, 20, 100, 100}, {1, 2, 3});
    figure.release();
    figure.line({20, 70}, {100, 70}, text_colour, 1.0);
    figure.text({20, 100}, words, {.size = 10.0});
    figure.save();
}

/// Runs `act`, which must throw an Error, and returns it.
template <typename Act>
Error error_of(Act act) {
    try {
        act();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no Error";
    return {ErrorCode::internal, ""};
}

TEST(Figure, WritesAPngOfTwoPixelsAPoint) {
    const testing::TemporaryFolder folder;
    draw(folder.path() / "a.PNG", "hello");
    const testing::Picture picture(folder.path() / "a.PNG");
    EXPECT_EQ(picture.width, 400);
    EXPECT_EQ(picture.height, 240);
    EXPECT_EQ(picture.at(0, 0), white);
    EXPECT_EQ(picture.at(399, 239), white);
    EXPECT_EQ(picture.at(50, 50), (Colour{255, 0, 0}));
    EXPECT_EQ(picture.at(110, 50), (Colour{0, 255, 0}));
    EXPECT_EQ(picture.at(50, 110), (Colour{0, 0, 255}));
    EXPECT_EQ(picture.at(190, 90), (Colour{1, 2, 3}));
    EXPECT_EQ(picture.at(210, 90), white);  // clipped
}

TEST(Figure, CoversOddSizesWithWhite) {
    const testing::TemporaryFolder folder;
    Figure figure(folder.path() / "a.png", 100.3, 100.2, "");
    figure.save();
    const testing::Picture picture(folder.path() / "a.png");
    EXPECT_EQ(picture.width, 201);
    EXPECT_EQ(picture.count(white), picture.width * picture.height);
}

TEST(Figure, WritesWellFormedSvg) {
    const testing::TemporaryFolder folder;
    draw(folder.path() / "a.svg", "hello");
    const std::string svg = testing::bytes_of(folder.path() / "a.svg");
    EXPECT_TRUE(testing::is_well_formed(svg));
    EXPECT_NE(svg.find("<title>hello</title>"), std::string::npos);
    EXPECT_NE(svg.find("viewBox=\"0 0 200 120\""), std::string::npos);
}

TEST(Figure, EqualCallsGiveEqualBytes) {
    const testing::TemporaryFolder folder;
    for (const char* name : {"a.svg", "a.png"}) {
        draw(folder.path() / name, "same");
        const std::string first = testing::bytes_of(folder.path() / name);
        draw(folder.path() / name, "same");
        EXPECT_EQ(testing::bytes_of(folder.path() / name), first) << name;
        EXPECT_GT(first.size(), 100U);
    }
}

TEST(Figure, TakesAnyText) {
    const testing::TemporaryFolder folder;
    for (const std::string& words :
         {std::string("<b>&amp;</b> \"quoted\" ]]> -->"), std::string("M\xC3\xB6tley \xFF\xFE\xC3"),
          std::string("東京 🎵 \u202E"), std::string("a\0b\nc\x01", 6), std::string(), std::string(100000, 'x')}) {
        draw(folder.path() / "a.svg", words);
        draw(folder.path() / "a.png", words);
        EXPECT_TRUE(testing::is_well_formed(testing::bytes_of(folder.path() / "a.svg"))) << words.substr(0, 40);
    }
}

TEST(Figure, ShortensTextToFit) {
    Figure figure("unused.svg", 200, 100, "");
    EXPECT_EQ(figure.fitted("short", 200, 10), "short");
    for (const std::string& words : {std::string(10000, 'w'), std::string("ééééééééééééééééééééééé"),
                                     std::string("日本語のとても長い題名日本語のとても長い題名")}) {
        const std::string fitted = figure.fitted(words, 80, 10);
        EXPECT_TRUE(fitted.ends_with("…"));
        EXPECT_LE(figure.text_width(fitted, 10), 80.0);
        EXPECT_GT(figure.text_width(fitted, 10), 50.0);
        EXPECT_EQ(fitted.find("\uFFFD"), std::string::npos);
    }
    EXPECT_EQ(figure.fitted("wide", 1, 10), "");
}

TEST(Figure, RefusesOtherFormats) {
    for (const char* name : {"a.jpg", "a", "a.svg.gz", ".svg"}) {
        const Error error = error_of([&] { Figure(name, 200, 100, ""); });
        EXPECT_EQ(error.code(), ErrorCode::bad_option) << name;
        EXPECT_NE(std::string(error.what()).find(".svg or .png"), std::string::npos);
        EXPECT_EQ(error_of([&] { check_figure_path(name); }).code(), ErrorCode::bad_option);
    }
}

TEST(Figure, RefusesImpossibleSizes) {
    for (const double size : {0.0, -5.0, 99.0, 10001.0, 1e300, std::nan("")}) {
        EXPECT_EQ(error_of([&] { Figure("a.png", size, 200, ""); }).code(), ErrorCode::bad_option) << size;
        EXPECT_EQ(error_of([&] { Figure("a.svg", 200, size, ""); }).code(), ErrorCode::bad_option) << size;
    }
}

TEST(Figure, ReportsAMissingFolder) {
    const testing::TemporaryFolder folder;
    for (const char* name : {"none/a.svg", "none/a.png"}) {
        const Error error = error_of([&] { draw(folder.path() / name, "x"); });
        EXPECT_EQ(error.code(), ErrorCode::cannot_write);
        EXPECT_NE(std::string(error.what()).find(name), std::string::npos);
        EXPECT_EQ(error_of([&] { check_figure_path(folder.path() / name); }).code(), ErrorCode::cannot_write);
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Figure, ReportsAFolderThatTakesNoFiles) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
    const testing::TemporaryFolder folder;
    std::filesystem::permissions(folder.path(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    EXPECT_EQ(error_of([&] { draw(folder.path() / "a.svg", "x"); }).code(), ErrorCode::cannot_write);
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Figure, LeavesNothingOnAFullDisk) {
    const testing::TemporaryFolder folder;
    for (const char* name : {"a.svg", "a.png"}) {
        std::optional<Error> error;
        {
            const earmark::testing::FileSizeLimit disk(500);
            try {
                draw(folder.path() / name, "a title of some length");
            } catch (const Error& caught) {
                error = caught;
            }
        }
        ASSERT_TRUE(error) << name;
        EXPECT_EQ(error->code(), ErrorCode::cannot_write);
        EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << name;
    }
}

TEST(Figure, KeepsTheOldPictureWhenItFails) {
    const testing::TemporaryFolder folder;
    draw(folder.path() / "a.svg", "old");
    const std::string old = testing::bytes_of(folder.path() / "a.svg");
    {
        const earmark::testing::FileSizeLimit disk(500);
        EXPECT_THROW(draw(folder.path() / "a.svg", "new"), Error);
    }
    EXPECT_EQ(testing::bytes_of(folder.path() / "a.svg"), old);
}

TEST(CheckFigurePath, LeavesNothing) {
    const testing::TemporaryFolder folder;
    check_figure_path(folder.path() / "a.svg");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace

}  // namespace earmark::plot

#include "evaluation/errors.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::evaluation {
namespace {

using testing::contains;
using testing::error_of;

Evaluation some_evaluation() {
    Evaluation evaluation;
    evaluation.labels = {"blues", "jazz"};
    const auto add = [&](const char* track, int label, double blues) {
        evaluation.predictions.push_back({track, label, {blues, 1.0 - blues}, 1, 0});
    };
    add("a", 0, 0.9);
    add("b", 0, 0.3);
    add("c", 1, 0.95);
    add("d", 1, 0.7);
    add("e", 0, 0.3);
    return evaluation;
}

std::vector<std::string> tracks(const std::vector<TrackError>& errors) {
    std::vector<std::string> names;
    for (const TrackError& error : errors) names.push_back(error.track);
    return names;
}

TEST(MostConfidentErrors, AreTheWrongPredictionsTheSurestFirst) {
    const auto errors = most_confident_errors(some_evaluation(), 10, "");
    EXPECT_EQ(tracks(errors), (std::vector<std::string>{"c", "b", "d", "e"}));
    EXPECT_EQ(errors[0].genre, "jazz");
    EXPECT_EQ(errors[0].prediction, "blues");
    EXPECT_DOUBLE_EQ(errors[0].probability, 0.95);
    EXPECT_EQ(tracks(most_confident_errors(some_evaluation(), 2, "")), (std::vector<std::string>{"c", "b"}));
    EXPECT_TRUE(to_json(errors)[0]["artist"].is_null());
}

TEST(MostConfidentErrors, AreNamedByArtistAndTitle) {
    const testing::TemporaryFolder folder;
    const auto file = folder.path() / "artists.csv";
    files::write_file(file, "track,artist,title\nc,\"Nina, Simone\",Sinnerman\nb,,Untitled\n");
    const auto errors = most_confident_errors(some_evaluation(), 3, file);
    EXPECT_EQ(errors[0].artist, "Nina, Simone");
    EXPECT_EQ(errors[0].title, "Sinnerman");
    EXPECT_EQ(errors[1].artist, "");
    EXPECT_EQ(errors[1].title, "Untitled");
    EXPECT_EQ(errors[2].title, "");
    EXPECT_EQ(to_json(errors)[0]["title"], "Sinnerman");
    EXPECT_TRUE(to_json(errors)[1]["artist"].is_null());
    files::write_file(file, "track,name\nc,x\n");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { most_confident_errors(some_evaluation(), 3, file); }),
                                  "no column \"artist\""));
}

}  // namespace
}  // namespace earmark::evaluation

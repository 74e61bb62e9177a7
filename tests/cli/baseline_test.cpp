// `earmark baseline`, run as a user would.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dataset/store_writer.hpp"
#include "formats/csv.hpp"
#include "support/program.hpp"
#include "support/small_store.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

using nlohmann::json;
using testing::Finished;

class BaselineCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        const dataset::FeatureStore made = testing::small_store({"blues", "jazz"}, 12, 3);
        dataset::StoreWriter writer(store, made.features, made.segments);
        for (const dataset::StoredTrack& track : made.tracks) {
            std::vector<float> values;
            for (std::int64_t i = 0; i < track.segments; ++i) {
                const auto segment = made.segment(track.first_segment + i);
                values.insert(values.end(), segment.begin(), segment.end());
            }
            for (std::size_t i = 1; i < values.size(); i += 13) values[i] += 90.0F * static_cast<float>(track.label);
            writer.add(track.name, made.labels[static_cast<std::size_t>(track.label)],
                       {made.times.data(), static_cast<std::size_t>(track.segments)}, values);
        }
        writer.commit(made.labels);
    }

    testing::Finished baseline(std::vector<std::string> more) const {
        more.insert(more.begin(), {"baseline", store.string()});
        return testing::earmark(std::move(more));
    }

    testing::TemporaryFolder folder;
    std::filesystem::path store = folder.path() / "store";
};

TEST_F(BaselineCommand, PrintsWhatEvaluatePrints) {
    for (const char* method : {"knn", "svm"}) {
        const auto predictions = folder.path() / (std::string(method) + ".csv");
        const testing::Finished result =
            baseline({"--method", method, "--seed", "3", "--format", "json", "--predictions", predictions.string()});
        ASSERT_EQ(result.status, 0) << result.messages;
        const json document = json::parse(result.output);
        EXPECT_EQ(document["model"].get<std::string>().rfind(method, 0), 0U) << document["model"];
        EXPECT_EQ(document["part"], "test");
        EXPECT_EQ(document["leaky"], false);
        EXPECT_EQ(document["tracks_seen_in_training"], 0);
        EXPECT_EQ(document["tracks"]["count"], 6);
        EXPECT_EQ(document["tracks"]["accuracy"], 1.0);
        EXPECT_EQ(document["segments"]["count"], 18);
        EXPECT_EQ(formats::read_csv(predictions).rows.size(), 6U);
        EXPECT_EQ(baseline({"--method", method, "--seed", "3", "--format", "json"}).output, result.output);
    }
}

TEST_F(BaselineCommand, ReportsALeakySplit) {
    const testing::Finished result = baseline({"--method", "knn", "--split", "random-segments", "--part", "valid"});
    ASSERT_EQ(result.status, 0) << result.messages;
    EXPECT_NE(result.output.find("LEAKY"), std::string::npos) << result.output;
    EXPECT_NE(result.output.find("knn, k 5, unit track"), std::string::npos) << result.output;
}

TEST_F(BaselineCommand, RefusesInvalidOptions) {
    EXPECT_EQ(baseline({}).status, 2);
    EXPECT_EQ(baseline({"--method", "oracle"}).status, 2);
    EXPECT_EQ(baseline({"--method", "knn", "--cost", "1"}).status, 2);
    EXPECT_EQ(baseline({"--method", "svm", "--unit", "track"}).status, 2);
    const testing::Finished result = baseline({"--method", "knn", "--k", "99"});
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.messages.find("--k 99: give a number from 1 to"), std::string::npos) << result.messages;
}

}  // namespace
}  // namespace earmark

// Errors of the library name fields; the programs name their options instead.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dataset/store_writer.hpp"
#include "earmark/model.hpp"
#include "support/error_of.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Finished;

class FieldNames : public ::testing::Test {
  protected:
    void SetUp() override {
        Model made = testing::random_model("mlp", R"({"hidden": [8]})", 77, 1, 3);
        made.labels = {"jazz", "metal", "pop"};
        dataset::StoreWriter writer(store, made.features, made.segments);
        const std::vector<dataset::SegmentTime> times{{0, 6}};
        for (int track = 0; track < 12; ++track) {
            writer.add("track " + std::to_string(track), made.labels[static_cast<std::size_t>(track % 3)], times,
                       testing::random_mfccs(1, 77, 100 + track));
        }
        writer.commit(made.labels);
        save_model(made, model);
        made.provenance = json{{"training", {{"targets", "tracks"}}}}.dump();
        save_model(made, of_tracks);
    }

    void expect(std::vector<std::string> words, const std::string& part) const {
        const Finished result = testing::earmark(std::move(words));
        EXPECT_EQ(result.status, 1) << result.messages;
        EXPECT_TRUE(testing::contains(result.messages, part));
        EXPECT_EQ(result.messages.find('`' + part), std::string::npos) << result.messages;
    }
    std::vector<std::string> evaluate(const fs::path& of, std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"evaluate", store.string(), "--model", of.string()});
        return more;
    }
    std::vector<std::string> baseline(std::vector<std::string> more) const {
        more.insert(more.begin(), {"baseline", store.string(), "--method", "knn"});
        return more;
    }

    testing::TemporaryFolder folder;
    fs::path store = folder.path() / "store";
    fs::path model = folder.path() / "model.safetensors";
    fs::path of_tracks = folder.path() / "tracks.safetensors";
};

TEST_F(FieldNames, BecomeTheOptionsOfTheCommand) {
    expect(baseline({"--k", "0"}), "earmark: --k 0: give a number from 1");
    expect(baseline({"--split", "k-fold", "--folds", "2"}), "--folds 2: give at least 3");
    expect(evaluate(model), "Choose one with --split, or evaluate all tracks with --part all.");
}

TEST_F(FieldNames, BecomeOptionsOfOtherNames) {
    expect(baseline({"--split", "csv"}), "needs a file: name it in --split-file.");
    expect(baseline({"--split", "random-segments", "--group-file", "artists.csv"}), "--group-file keeps artists whole");
}

TEST_F(FieldNames, NameTheCommandWhenTheOptionIsThatOfAnother) {
    expect(evaluate(of_tracks), "Train a network that starts from it (--start of `earmark train`), and measure that.");
}

TEST_F(FieldNames, StandInNamesOfFilesAsTheyAre) {
    const fs::path missing = folder.path() / "`jobs`";
    expect(evaluate(missing), missing.string() + ": ");
    expect({"classify", missing.string(), "--model", model.string()}, missing.string() + ": ");
}

}  // namespace
}  // namespace earmark

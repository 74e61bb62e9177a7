// Several labels a track, from the import of a table to the evaluation, run as a user would.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "dataset/feature_store.hpp"
#include "earmark/model.hpp"
#include "files/atomic_file.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::training {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Finished;

class ManyLabelCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        // Labels that follow from the sign of a column, of which the third is noise.
        std::string text =
            "@relation songs\n@attribute x numeric\n@attribute y numeric\n@attribute z numeric\n"
            "@attribute happy {0,1}\n@attribute loud {0,1}\n@data\n";
        std::uint64_t state = 1;
        const auto next = [&state] {
            state = state * 6364136223846793005U + 1442695040888963407U;
            return static_cast<double>(state >> 33U) / static_cast<double>(1U << 31U) - 0.5;
        };
        for (int i = 0; i < 240; ++i) {
            const double x = next();
            const double y = next();
            text += std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(next()) + "," +
                    (x > 0.1 ? "1" : "0") + "," + (y > 0.0 ? "1" : "0") + "\n";
        }
        files::write_file(folder.path() / "songs.arff", text);
        files::write_file(folder.path() / "songs.xml",
                          "<labels><label name=\"happy\"/><label name=\"loud\"/></labels>");
        const Finished imported = testing::earmark({"store", "import", (folder.path() / "songs.arff").string(),
                                                    "--label-group", "mood", "--output", store.string()});
        ASSERT_EQ(imported.status, 0) << imported.messages;
        EXPECT_NE(imported.output.find("240 tracks of 2 labels"), std::string::npos) << imported.output;
    }

    void train() const {
        const Finished trained = testing::earmark({"train", store.string(), "--network", "mlp", "--network-options",
                                                   R"({"hidden": []})", "--epochs", "60", "--learning-rate", "3e-2",
                                                   "--jobs", "1", "--quiet", "--output", model.string()});
        ASSERT_EQ(trained.status, 0) << trained.messages;
    }

    testing::TemporaryFolder folder;
    fs::path store = folder.path() / "store";
    fs::path model = folder.path() / "model.safetensors";
};

TEST_F(ManyLabelCommand, LearnsLabelsAndTheirThresholdsFromATable) {
    train();
    const Model trained = load_model(model);
    EXPECT_EQ(trained.activation, Activation::sigmoid);
    ASSERT_EQ(trained.label_details.size(), 2);
    for (const LabelDetails& details : trained.label_details) {
        EXPECT_EQ(details.group, LabelGroup::mood);
        ASSERT_TRUE(details.threshold.has_value());
        EXPECT_GT(*details.threshold, 0.05);
        EXPECT_LT(*details.threshold, 0.95);
        ASSERT_TRUE(details.precise_threshold.has_value());
        EXPECT_GE(*details.precise_threshold, *details.threshold);
    }
    const Finished evaluated =
        testing::earmark({"evaluate", store.string(), "--model", model.string(), "--format", "json"});
    ASSERT_EQ(evaluated.status, 0) << evaluated.messages;
    const json figures = json::parse(evaluated.output);
    EXPECT_TRUE(figures.at("many_labels").get<bool>());
    EXPECT_EQ(figures.at("intervals_over"), "tracks");
    const json& tracks = figures.at("tracks");
    EXPECT_GT(tracks.at("macro_roc_auc").get<double>(), 0.97);
    EXPECT_LT(tracks.at("hamming_loss").get<double>(), 0.12);
    EXPECT_LE(tracks.at("macro_roc_auc_interval_95")[0].get<double>(), tracks.at("macro_roc_auc").get<double>());
    EXPECT_NEAR(tracks.at("labels").at("loud").at("threshold").get<double>(), *trained.label_details[1].threshold,
                1e-6);
    EXPECT_EQ(figures.at("tracks_seen_in_training"), 0);
}

TEST_F(ManyLabelCommand, PrintsFiguresForPeopleAndAsCsv) {
    train();
    const auto evaluate = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"evaluate", store.string(), "--model", model.string()});
        return testing::earmark(more);
    };
    const fs::path predictions = folder.path() / "tracks.csv";
    const Finished table = evaluate({"--predictions", predictions.string()});
    ASSERT_EQ(table.status, 0) << table.messages;
    for (const char* text : {"macro ROC-AUC", "macro PR-AUC (mAP)", "Hamming loss", "ranking loss", "precision at 1",
                             "happy", "loud", "stratified by labels"})
        EXPECT_NE(table.output.find(text), std::string::npos) << text << "\n" << table.output;
    const std::string rows = files::read_file(predictions);
    EXPECT_EQ(rows.rfind("track,segments,happy,loud,true happy,true loud\n", 0), 0U) << rows.substr(0, 100);
    const Finished csv = evaluate({"--format", "csv"});
    EXPECT_EQ(csv.output.rfind("label,tracks,track_roc_auc,track_pr_auc", 0), 0U) << csv.output;
    const Finished confusion = evaluate({"--confusion", (folder.path() / "c.svg").string()});
    EXPECT_EQ(confusion.status, 1);
    EXPECT_NE(confusion.messages.find("any number of labels may hold"), std::string::npos) << confusion.messages;
}

TEST_F(ManyLabelCommand, DrawsWholeArtistsForIntervals) {
    train();
    std::string artists = "track,artist\n";
    for (int i = 1; i <= 240; ++i) artists += std::to_string(i) + ",artist " + std::to_string(i % 9) + "\n";
    files::write_file(folder.path() / "artists.csv", artists);
    const auto width = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"evaluate", store.string(), "--model", model.string(), "--part", "all", "--format",
                                   "json", "--quiet"});
        const json figures = json::parse(testing::earmark(more).output);
        const json& interval = figures.at("tracks").at("hamming_loss_interval_95");
        return std::pair{figures.at("intervals_over").get<std::string>(),
                         interval[1].get<double>() - interval[0].get<double>()};
    };
    const auto [unit, over_artists] = width({"--interval-artists", (folder.path() / "artists.csv").string()});
    EXPECT_EQ(unit, "artists");
    EXPECT_NE(over_artists, width({}).second);
}

TEST_F(ManyLabelCommand, SaysThatAModelOfATableHearsNoSound) {
    train();
    const Finished classified =
        testing::earmark({"classify", "--model", model.string(), EARMARK_SOURCE_DIR "/samples"});
    EXPECT_NE(classified.status, 0);
    EXPECT_NE(classified.messages.find("numbers from a table"), std::string::npos) << classified.messages;
}

TEST_F(ManyLabelCommand, DescribesTheStore) {
    const Finished described = testing::earmark({"store", "info", store.string()});
    EXPECT_NE(described.output.find("240 rows of a table of 3 columns"), std::string::npos) << described.output;
    EXPECT_NE(described.output.find("a track may have several; they name mood"), std::string::npos) << described.output;
    const Finished baseline =
        testing::earmark({"baseline", store.string(), "--method", "knn", "--split", "random-tracks"});
    EXPECT_EQ(baseline.status, 1);
    EXPECT_NE(baseline.messages.find("baselines tell one"), std::string::npos) << baseline.messages;
}

TEST_F(ManyLabelCommand, KeepsWhatAModelMakesOfTracks) {
    std::string labels = "track,calm,loud\n";
    int count = 0;
    for (const auto& file : fs::directory_iterator(EARMARK_SOURCE_DIR "/samples")) {
        if (file.path().extension() == ".ogg")
            labels += file.path().stem().string() + (++count % 2 ? ",1,0\n" : ",0,1\n");
    }
    files::write_file(folder.path() / "labels.csv", labels);
    const fs::path heads = folder.path() / "heads";
    const Finished created = testing::earmark({"store", "create", EARMARK_SOURCE_DIR "/samples", "--labels",
                                               (folder.path() / "labels.csv").string(), "--embeddings", "default",
                                               "--quiet", "--output", heads.string()});
    ASSERT_TRUE(fs::exists(heads)) << created.messages;
    const dataset::FeatureStore store_of_heads = dataset::open_store(heads);
    EXPECT_EQ(static_cast<int>(store_of_heads.tracks.size()), count);
    EXPECT_EQ(store_of_heads.labels, (std::vector<std::string>{"calm", "loud"}));
    const std::size_t labels_of_model = load_model(model_path("default")).labels.size();
    EXPECT_GT(store_of_heads.segment_size(), 2 * labels_of_model) << "log-odds and embeddings";
    EXPECT_EQ(store_of_heads.segment_size() % 2, 0);
}

}  // namespace
}  // namespace earmark::training

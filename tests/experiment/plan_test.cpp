#include "experiment/description/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "experiment/run/run_commands.hpp"
#include "experiment_file.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::experiment {
namespace {

using testing::experiment_of;

constexpr const char* file = R"(
title = "A try"
seeds = [5, 6]
[[data]]
name = "mfcc"
store = "mfcc.store"
[[protocol]]
name = "segments"
title = "Segments"
options = { split = "random-segments" }
[[protocol]]
name = "folds"
title = "Folds"
folds = 3
options = { split = "k-fold" }
[[protocol]]
name = "file"
title = "File"
options = { split-file = "f.csv", allow-missing-tracks = true }
[[grid]]
name = "mlp"
title = "MLP"
family = "MLP"
protocols = ["folds", "segments"]
options = { network = "mlp", dropout = [0.1, 0.2], hidden = [512, 256], no-standardise = true, learning-rate = 1e-3 }
[[grid]]
name = "cnn"
title = "CNN"
family = "CNN"
protocols = ["segments", "file"]
options = { network = "cnn", network-options = { "a b" = 1 } }
)";

class Plan : public ::testing::Test {
  protected:
    testing::TemporaryFolder folder;
    Experiment experiment = testing::experiment_of(folder.path(), file);
    ExperimentInputs inputs{{{"mfcc", "00ff"}}, {{"f.csv", "1234"}}, ""};
    std::vector<earmark::experiment::Run> plan = make_plan(experiment, inputs);

    std::set<std::string> ids(const std::vector<earmark::experiment::Run>& runs) const {
        std::set<std::string> result;
        for (const earmark::experiment::Run& run : runs) result.insert(run.id);
        return result;
    }

    /// How many ids stay when the first `from` in the file becomes `to`.
    std::size_t kept(const std::string& from, const std::string& to) const {
        std::string text = file;
        text.replace(text.find(from), from.size(), to);
        const std::set<std::string> before = ids(plan);
        const std::set<std::string> after = ids(make_plan(testing::experiment_of(folder.path(), text), inputs));
        return std::count_if(after.begin(), after.end(), [&](const auto& id) { return before.contains(id); });
    }
};

TEST_F(Plan, HasAFirstSeedOfEverythingEarlyInEachProtocol) {
    ASSERT_EQ(plan.size(), 2U * (2 + 1) + 2U * 2 * 3 + 2U);
    std::vector<std::string> labels;
    for (const earmark::experiment::Run& run : plan) labels.push_back(label_of(experiment, run));
    EXPECT_EQ(labels[0], "mlp dropout=0.1, segments, seed 5");
    EXPECT_EQ(labels[1], "mlp dropout=0.2, segments, seed 5");
    EXPECT_EQ(labels[2], "cnn, segments, seed 5");
    EXPECT_EQ(labels[3], "mlp dropout=0.1, segments, seed 6");
    EXPECT_EQ(labels[6], "mlp dropout=0.1, folds, seed 5, fold 0");
    EXPECT_EQ(labels[8], "mlp dropout=0.1, folds, seed 5, fold 2");
    EXPECT_EQ(labels[19], "cnn, file, seed 6");
}

TEST_F(Plan, GivesEachRunAnIdThatStays) {
    EXPECT_EQ(ids(plan).size(), plan.size());
    EXPECT_EQ(ids(plan), ids(make_plan(testing::experiment_of(folder.path(), file), inputs)));
    EXPECT_EQ(plan[0].id.size(), 16U);
}

TEST_F(Plan, ChangesIdsOfJustWhatAnEditChanges) {
    EXPECT_EQ(kept("title = \"MLP\"", "title = \"Perceptron\""), 20U) << "words for the report";
    EXPECT_EQ(kept("[0.1, 0.2]", "[0.2, 0.1, 0.3]"), 20U) << "a setting more";
    EXPECT_EQ(kept("[0.1, 0.2]", "[0.1]"), 12U);
    EXPECT_EQ(kept("seeds = [5, 6]", "seeds = [6, 7]"), 10U);
    EXPECT_EQ(kept("1e-3", "1e-4"), 4U) << "those of the other grid";
    EXPECT_EQ(kept("folds = 3", "folds = 4"), 8U) << "those of other protocols";
    EXPECT_EQ(kept("network = \"mlp\", dropout = [0.1, 0.2]", "dropout = [0.1, 0.2], network = \"mlp\""), 20U)
        << "the order of options";
}

TEST_F(Plan, ChangesIdsWithDataAndSplitFile) {
    ExperimentInputs other = inputs;
    other.data["mfcc"] = "00fe";
    const std::set<std::string> before = ids(plan);
    for (const earmark::experiment::Run& run : make_plan(experiment, other)) EXPECT_FALSE(before.contains(run.id));
    other = inputs;
    other.files["f.csv"] = "1235";
    for (const earmark::experiment::Run& run : make_plan(experiment, other))
        EXPECT_EQ(before.contains(run.id), run.protocol != "file");
}

TEST_F(Plan, LeavesOutIdsOfWhatIsNotKnownYet) {
    for (const earmark::experiment::Run& run : make_plan(experiment, {})) EXPECT_EQ(run.id, "");
    for (const earmark::experiment::Run& run : make_plan(experiment, {{{"mfcc", "00ff"}}, {}, ""}))
        EXPECT_EQ(run.id.empty(), run.protocol == "file");
}

/// Grids that need others: "small" is taught under its own protocol, and starts from what was made under another, which
/// comes after it in the file.
constexpr const char* dependent = R"(
[[protocol]]
name = "all"
title = "All"
test = false
options = { split = "random-segments", valid-fraction = 0.0, test-fraction = 0.0 }
[[grid]]
name = "big"
title = "Big"
family = "Big"
protocols = ["folds"]
options = { network = "cnn" }
[[grid]]
name = "pre"
title = "Pre"
family = "Pre"
protocols = ["all"]
options = { network = "cnn", targets = "tracks" }
[[grid]]
name = "small"
title = "Small"
family = "Small"
protocols = ["folds"]
teacher = "big"
start = "pre"
options = { network = "cnn", teacher-weight = [0.5, 0.9] }
)";

TEST_F(Plan, LeadsToTheRunsWhoseNetworksAreTaken) {
    const auto plan_of = [&](const std::string& text) {
        return make_plan(testing::experiment_of(folder.path(), file + text), inputs);
    };
    const std::vector<earmark::experiment::Run> runs = plan_of(dependent);
    const auto find = [](const std::vector<earmark::experiment::Run>& all, const std::string& id) {
        return *std::find_if(all.begin(), all.end(), [&](const auto& run) { return run.id == id; });
    };
    EXPECT_EQ(ids(runs).size(), runs.size());
    int small = 0;
    for (const earmark::experiment::Run& run : runs) {
        EXPECT_EQ(run.needed().size(), run.grid == "small" ? 2U : 0U);
        if (run.grid != "small") continue;
        ++small;
        const earmark::experiment::Run teacher = find(runs, run.teacher);
        EXPECT_EQ(teacher.grid, "big");
        EXPECT_EQ(teacher.protocol, "folds");
        EXPECT_EQ(teacher.seed, run.seed);
        EXPECT_EQ(teacher.fold, run.fold);
        const earmark::experiment::Run start = find(runs, run.start);
        EXPECT_EQ(start.grid, "pre");
        EXPECT_EQ(start.protocol, "all");
        EXPECT_EQ(start.seed, run.seed);
        EXPECT_EQ(start.fold, -1);
        EXPECT_FALSE(start.predicts_genres());
        EXPECT_TRUE(run.predicts_genres());
        const std::string line =
            shell_line(training_command(run, experiment.protocols[1], {"data", "s.store", "out/runs/" + run.id}));
        EXPECT_NE(line.find("--teacher out/runs/" + run.teacher + "/model.safetensors --start out/runs/" + run.start +
                            "/model.safetensors"),
                  std::string::npos)
            << line;
    }
    EXPECT_EQ(small, 2 * 2 * 3);
    // They stand where they would without.
    std::string alone = dependent;
    for (const char* key : {"teacher = \"big\"\n", "start = \"pre\"\n"})
        alone.erase(alone.find(key), std::string(key).size());
    const std::vector<earmark::experiment::Run> others = plan_of(alone);
    ASSERT_EQ(others.size(), runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        EXPECT_EQ(others[i].grid, runs[i].grid);
        EXPECT_EQ(others[i].id == runs[i].id, runs[i].grid != "small") << i;
    }
    // What they are made of is part of what they are.
    std::string changed = dependent;
    changed.replace(changed.find("\"cnn\""), 5, "\"vgg\"");
    const std::set<std::string> before = ids(runs);
    for (const earmark::experiment::Run& run : plan_of(changed)) {
        EXPECT_EQ(before.contains(run.id), run.grid != "big" && run.grid != "small") << run.grid;
    }
    // And it is not known before that is.
    inputs.files.clear();
    std::string later = dependent;
    later.replace(later.find("protocols = [\"all\"]"), 19, "protocols = [\"file\"]");
    for (const earmark::experiment::Run& run : plan_of(later)) {
        EXPECT_EQ(run.id.empty(), run.protocol == "file" || run.grid == "small") << run.grid;
    }
}

TEST_F(Plan, GivesRunsThatNeedNoOtherTheIdsThatTheyAlwaysHad) {
    const earmark::experiment::Run& run = plan[8];
    ASSERT_EQ(run.grid, "mlp");
    EXPECT_EQ(run.id, hash_of(nlohmann::json{{"command", "train"},
                                             {"data", "mfcc"},
                                             {"family", "MLP"},
                                             {"fold", 2},
                                             {"folds", 3},
                                             {"grid", "mlp"},
                                             {"options", run.options},
                                             {"protocol", "folds"},
                                             {"protocol_options", {{"split", "k-fold"}}},
                                             {"seed", 5},
                                             {"fingerprint", "00ff"}}
                                  .dump()));
}

TEST_F(Plan, KeepsInputsInAFolder) {
    EXPECT_TRUE(load_inputs(folder.path()).data.empty());
    inputs.machine = "A machine";
    save_inputs(inputs, folder.path());
    const ExperimentInputs loaded = load_inputs(folder.path());
    EXPECT_EQ(loaded.data, inputs.data);
    EXPECT_EQ(loaded.files, inputs.files);
    EXPECT_EQ(loaded.machine, "A machine");
}

TEST_F(Plan, KnowsWhichProtocolsHaveAPartForValidation) {
    EXPECT_TRUE(has_validation(experiment.protocols[0], folder.path()));
    EXPECT_TRUE(has_validation(experiment.protocols[1], folder.path()));
    std::ofstream(folder.path() / "f.csv") << "track,genre,part\na,b,train\na,b,test\n";
    EXPECT_FALSE(has_validation(experiment.protocols[2], folder.path()));
    std::ofstream(folder.path() / "f.csv", std::ios::app) << "c,b,valid\n";
    EXPECT_TRUE(has_validation(experiment.protocols[2], folder.path()));
    experiment.protocols[0].options["valid-fraction"] = 0;
    EXPECT_FALSE(has_validation(experiment.protocols[0], folder.path()));
}

TEST_F(Plan, MakesCommandsThatCanBeTypedIn) {
    const RunPlaces places{"my data", "s.store", "out/runs/1"};
    EXPECT_EQ(
        shell_line(training_command(plan[8], experiment.protocols[1], places)),
        "train s.store --network mlp --dropout 0.1 --hidden 512,256 --no-standardise --learning-rate 0.001 --split "
        "k-fold --seed 5 --folds 3 --fold 2 --threads 1 --no-calibration --resume --output "
        "out/runs/1/model.safetensors --history "
        "out/runs/1/history.csv --format json");
    EXPECT_EQ(shell_line(training_command(plan[19], experiment.protocols[2], places)),
              "train s.store --network cnn --network-options '{\"a b\":1}' --split-file 'my data/f.csv' "
              "--allow-missing-tracks --seed 6 --threads 1 --no-calibration --resume --output "
              "out/runs/1/model.safetensors --history "
              "out/runs/1/history.csv --format json");
    EXPECT_EQ(
        shell_line(evaluation_command(plan[19], experiment.protocols[2], places, "valid")),
        "evaluate s.store --model out/runs/1/model.safetensors --allow-missing-tracks --part valid --jobs 1 --format "
        "json --predictions out/runs/1/valid.csv --quiet");
    earmark::experiment::Run baseline = plan[8];
    baseline.command = "baseline";
    baseline.options = {{"k", 5}, {"shift", -1}};
    EXPECT_EQ(shell_line(evaluation_command(baseline, experiment.protocols[1], places, "test")),
              "baseline s.store --k 5 --shift=-1 --split k-fold --seed 5 --folds 3 --fold 2 --part test --jobs 1 "
              "--format json --predictions out/runs/1/test.csv --quiet");
    ExperimentData data{"mfcc", "", "", "", "a.npy", {{"index", "i.csv"}, {"kind", "mfcc"}}};
    EXPECT_EQ(shell_line(store_command(data, "d", "s")), "store import d/a.npy --index d/i.csv --kind mfcc --output s");
    data = {"mfcc", "", "", "it's", "", Settings::object()};
    EXPECT_EQ(shell_line(store_command(data, "d", "s")), "store create 'd/it'\\''s' --output s");
}

}  // namespace
}  // namespace earmark::experiment

#include "experiment/description/experiment.hpp"

#include <gtest/gtest.h>

#include "experiment/description/plan.hpp"
#include "experiment/run/run_commands.hpp"
#include "experiment_file.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::experiment {
namespace {

using testing::contains;
using testing::error_of;
using testing::experiment_of;
using testing::small_file;

constexpr const char* whole_file = R"(
title = "The paper"
about = """
One.

Two."""
seeds = [3, 1]

[[data]]
name = "mfcc"
about = "Thirteen."
import = "features/mfcc.npy"
options = { index = "features/index.csv", segments-per-block = 5 }

[[data]]
name = "logmel"
audio = "audio"

[[protocol]]
name = "segments"
title = "Random segments"
leaks = "Everything."
options = { split = "random-segments", test-fraction = 0.3 }

[[protocol]]
name = "folds"
title = "Ten folds"
folds = 10
options = { split = "k-fold" }

[[protocol]]
name = "filtered"
title = "Filtered"
choose = true
options = { split-file = "splits/f.csv", allow-missing-tracks = true }

[[grid]]
name = "mlp"
title = "MLP"
family = "MLP"
protocols = ["folds", "segments"]
[grid.options]
network = "mlp"
hidden = [[512], [512, 256]]
dropout = [0.0, 0.1, 1]
no-standardise = true
network-options = { widths = [1, 2] }

[[grid]]
name = "knn"
title = "Neighbours"
family = "kNN"
command = "baseline"
data = "logmel"
options = { method = "knn", hidden = [64, 32] }

[[table]]
name = "Table II"
title = "MLP"
note = "Widths are ours."
grids = ["mlp", "knn"]
columns = ["hidden", "dropout"]
sweep = "dropout"
paper-protocol = "segments"
paper = [{ layers = 1, dropout = 0.1, accuracy = 0.577, loss = 3.17 }, { layers = 3, accuracy = 0.5 }]

[[table]]
name = "Table V"
title = "Best"
kind = "best"
grids = ["mlp"]

[[figure]]
name = "Fig. 2"
title = "Three layers"
protocol = "segments"
curves = [{ title = "without", grid = "mlp", options = { dropout = 0.0 } }]

[[figure]]
name = "Fig. 1"
title = "Clips"
clips = ["a.flac", "b.flac"]
clip-seconds = 3
)";

TEST(ReadExperiment, TakesAllThatAFileMayHold) {
    const testing::TemporaryFolder folder;
    const Experiment experiment = testing::experiment_of(folder.path(), whole_file, "paper.toml");
    EXPECT_EQ(experiment.name, "paper");
    EXPECT_EQ(experiment.about, "One.\n\nTwo.");
    EXPECT_EQ(experiment.seeds, (std::vector<std::uint64_t>{3, 1}));
    ASSERT_EQ(experiment.data.size(), 2U);
    EXPECT_EQ(experiment.data[0].import, "features/mfcc.npy");
    EXPECT_EQ(experiment.data[0].options.dump(), R"({"index":"features/index.csv","segments-per-block":5})");
    EXPECT_EQ(experiment.data[1].audio, "audio");
    ASSERT_EQ(experiment.protocols.size(), 3U);
    EXPECT_EQ(experiment.protocols[0].options.dump(), R"({"split":"random-segments","test-fraction":0.3})");
    EXPECT_EQ(experiment.protocols[1].folds, 10);
    EXPECT_FALSE(experiment.protocols[1].choose);
    EXPECT_TRUE(experiment.protocols[2].choose);
    ASSERT_EQ(experiment.grids.size(), 2U);
    EXPECT_EQ(experiment.grids[0].data, "mfcc") << "the first one";
    EXPECT_EQ(experiment.grids[0].command, "train");
    EXPECT_EQ(experiment.grids[0].protocols, (std::vector<std::string>{"folds", "segments"}));
    EXPECT_EQ(experiment.grids[1].protocols, (std::vector<std::string>{"segments", "folds", "filtered"})) << "all";
    EXPECT_EQ(experiment.grids[1].data, "logmel");
    ASSERT_EQ(experiment.tables.size(), 2U);
    EXPECT_FALSE(experiment.tables[0].best);
    EXPECT_TRUE(experiment.tables[1].best);
    ASSERT_EQ(experiment.tables[0].paper.size(), 2U);
    EXPECT_EQ(experiment.tables[0].paper[0].options.dump(), R"({"layers":1,"dropout":0.1})");
    EXPECT_EQ(experiment.tables[0].paper[0].accuracy, 0.577);
    EXPECT_EQ(experiment.tables[0].paper[0].loss, 3.17);
    EXPECT_FALSE(experiment.tables[0].paper[1].loss.has_value());
    ASSERT_EQ(experiment.figures.size(), 2U);
    EXPECT_EQ(experiment.figures[0].curves[0].options.dump(), R"({"dropout":0.0})");
    EXPECT_EQ(experiment.figures[1].clips.size(), 2U);
    EXPECT_EQ(experiment.figures[1].clip_seconds, 3.0);
}

TEST(ReadExperiment, SpansTheProductOfListsTheLastFastest) {
    const testing::TemporaryFolder folder;
    const Grid grid = testing::experiment_of(folder.path(), whole_file).grids[0];
    EXPECT_EQ(grid.spanning, (std::vector<std::string>{"hidden", "dropout"}));
    ASSERT_EQ(grid.settings.size(), 6U);
    const std::string rest = R"(,"no-standardise":true,"network-options":{"widths":[1,2]}})";
    EXPECT_EQ(grid.settings[0].dump(), R"({"network":"mlp","hidden":[512],"dropout":0.0)" + rest);
    EXPECT_EQ(grid.settings[2].dump(), R"({"network":"mlp","hidden":[512],"dropout":1)" + rest);
    EXPECT_EQ(grid.settings[3].dump(), R"({"network":"mlp","hidden":[512,256],"dropout":0.0)" + rest);
    const Grid other = testing::experiment_of(folder.path(), whole_file).grids[1];
    EXPECT_TRUE(other.spanning.empty());
    EXPECT_EQ(other.settings.at(0).dump(), R"({"method":"knn","hidden":[64,32]})") << "one value";
}

struct Mistake {
    const char* name;
    std::string text;
    const char* message;  ///< that must be part of what is said
};

class ReadExperimentMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(ReadExperimentMistakes, AreToldWithFileAndLine) {
    const testing::TemporaryFolder folder;
    const std::string error = testing::error_of([&] { testing::experiment_of(folder.path(), GetParam().text); });
    EXPECT_TRUE(testing::contains(error, "try.toml:"));
    EXPECT_TRUE(testing::contains(error, GetParam().message));
}

std::string table(const std::string& lines) {
    return testing::small_file("{ network = \"mlp\" }", lines);
}

INSTANTIATE_TEST_SUITE_P(
    All, ReadExperimentMistakes,
    ::testing::Values(
        Mistake{"BrokenToml", "title = \"A\"\nseeds = [1,\n", "corrupt: "},
        Mistake{"UnknownKey", "titel = \"A\"\n", ":1: unknown key \"titel\""},
        Mistake{"NoTitle", "seeds = [1]\n", "lacks \"title\""},
        Mistake{"NoSeeds", "title = \"A\"\n", "lacks \"seeds\""},
        Mistake{"EmptySeeds", "title = \"A\"\nseeds = []\n", ":2: \"seeds\" is an empty list"},
        Mistake{"SeedTwice", "title = \"A\"\nseeds = [1,\n1]\n", ":3: the seed 1 is named twice"},
        Mistake{"NegativeSeed", "title = \"A\"\nseeds = [-1]\n", "negative"},
        Mistake{"SeedNoNumber", "title = \"A\"\nseeds = [\"1\"]\n", "whole numbers"},
        Mistake{"NoData", "title = \"A\"\nseeds = [1]\n", "no [[data]]"},
        Mistake{"WrongType", "title = 1\nseeds = [1]\n", ":1: \"title\" of the file must be a text in quotes"},
        Mistake{"OwnOption", testing::small_file("{ seed = 3 }"),
                ":14: the option \"seed\" is set by earmark experiment"},
        Mistake{"OwnPath", testing::small_file("{ output = \"x\" }"), "\"output\" is set by earmark experiment"},
        Mistake{"OwnSplitOption", testing::small_file("{}", "", "{ fold = 2 }"), ":9: the option \"fold\""},
        Mistake{"EmptyList", testing::small_file("{ dropout = [] }"), ":14: the option \"dropout\" is an empty list"},
        Mistake{"ValueTwice", testing::small_file("{ dropout = [0.1, 0.1] }"), "the value 0.1 twice"},
        Mistake{"ListInList", testing::small_file("{ dropout = [[0.1]] }"), "a list in a list"},
        Mistake{"MixedHidden", testing::small_file("{ hidden = [[1], 2] }"), "\"hidden\" must be"},
        Mistake{"Date", testing::small_file("{ dropout = 2020-01-01 }"), "a date"},
        Mistake{"NotFinite", testing::small_file("{ dropout = nan }"), "not finite"},
        Mistake{"ClashWithProtocol", testing::small_file("{ split = \"csv\" }"), "set by the protocol \"tracks\" too"},
        Mistake{"UnknownProtocol",
                table("[[grid]]\nname = \"b\"\ntitle = \"B\"\nfamily = \"B\"\nprotocols = [\"x\"]\n"),
                ":19: there is no [[protocol]] named \"x\""},
        Mistake{"UnknownData", table("[[grid]]\nname = \"b\"\ntitle = \"B\"\nfamily = \"B\"\ndata = \"x\"\n"),
                "there is no [[data]] named \"x\""},
        Mistake{"UnknownCommand", table("[[grid]]\nname = \"b\"\ntitle = \"B\"\nfamily = \"B\"\ncommand = \"x\"\n"),
                "\"command\" must be"},
        Mistake{"GridTwice", table("[[grid]]\nname = \"mlp\"\ntitle = \"B\"\nfamily = \"B\"\n"),
                ":16: there is a second \"mlp\""},
        Mistake{"ProtocolTwice",
                table("[[grid]]\nname = \"b\"\ntitle = \"B\"\nfamily = \"B\"\nprotocols = [\"tracks\", \"tracks\"]\n"),
                "names \"tracks\" twice"},
        Mistake{"UnknownGrid", table("[[table]]\nname = \"T\"\ntitle = \"T\"\ngrids = [\"x\"]\n"),
                ":18: there is no [[grid]] named \"x\""},
        Mistake{"NoGrids", table("[[table]]\nname = \"T\"\ntitle = \"T\"\n"), "lacks \"grids\""},
        Mistake{"UnknownKind", table("[[table]]\nname = \"T\"\ntitle = \"T\"\ngrids = [\"mlp\"]\nkind = \"x\"\n"),
                "\"kind\" must be"},
        Mistake{"PerCent",
                table("[[table]]\nname = \"T\"\ntitle = \"T\"\ngrids = [\"mlp\"]\npaper-protocol = \"tracks\"\n"
                      "paper = [{ accuracy = 57.7 }]\n"),
                "0 to 1"},
        Mistake{"PaperWithoutProtocol",
                table("[[table]]\nname = \"T\"\ntitle = \"T\"\ngrids = [\"mlp\"]\npaper = [{ accuracy = 0.5 }]\n"),
                "lacks \"paper-protocol\""},
        Mistake{"EmptyFigure", table("[[figure]]\nname = \"F\"\ntitle = \"F\"\n"), "\"curves\" or \"clips\""},
        Mistake{"CurveOfUnknownGrid",
                table("[[figure]]\nname = \"F\"\ntitle = \"F\"\nprotocol = \"tracks\"\n"
                      "curves = [{ title = \"a\", grid = \"x\" }]\n"),
                "there is no [[grid]] named \"x\""},
        Mistake{"CurveWithoutProtocol",
                table("[[figure]]\nname = \"F\"\ntitle = \"F\"\ncurves = [{ title = \"a\", grid = \"mlp\" }]\n"),
                "lacks \"protocol\""}),
    [](const auto& each) { return each.param.name; });

TEST(ReadExperiment, RefusesToWatchTheTestPartThatIsKeptForTheChosen) {
    const testing::TemporaryFolder folder;
    std::string text = testing::small_file("{ watch-test = true }");
    EXPECT_NO_THROW(testing::experiment_of(folder.path(), text));
    text.replace(text.find("[[grid]]"), 0, "choose = true\n");
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { testing::experiment_of(folder.path(), text); }), "\"watch-test\""));
}

TEST(ReadExperiment, RunsAllFoldsOrThoseNamedAndLeavesTheTestPartAloneWhereAsked) {
    const testing::TemporaryFolder folder;
    const auto protocol = [&](const std::string& lines, const std::string& options = "{ network = \"mlp\" }") {
        std::string text = testing::small_file(options);
        text.replace(text.find("[[grid]]"), 0, lines);
        return testing::experiment_of(folder.path(), text).protocols.front();
    };
    EXPECT_EQ(protocol("folds = 3\n").only_folds, (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(protocol("folds = 4\nonly-folds = [1, 3]\n").only_folds, (std::vector<int>{1, 3}));
    EXPECT_TRUE(protocol("").test);
    EXPECT_FALSE(protocol("").compares_by_validation());
    EXPECT_FALSE(protocol("test = false\n").test);
    EXPECT_TRUE(protocol("test = false\n").compares_by_validation());
    const auto error = [&](const std::string& lines, const std::string& options = "{ network = \"mlp\" }") {
        return testing::error_of([&] { protocol(lines, options); });
    };
    EXPECT_TRUE(testing::contains(error("only-folds = [1]\n"), "\"only-folds\" needs \"folds\""));
    EXPECT_TRUE(testing::contains(error("folds = 3\nonly-folds = [3]\n"), "fold 3 is none of 0 to 2"));
    EXPECT_TRUE(testing::contains(error("folds = 3\nonly-folds = []\n"), "empty"));
    EXPECT_TRUE(testing::contains(error("test = false\nchoose = true\n"), "\"choose\""));
    EXPECT_TRUE(testing::contains(error("test = false\n", "{ watch-test = true }"), "\"watch-test\""));
}

TEST(ReadExperiment, BasesAGridOnAnother) {
    const testing::TemporaryFolder folder;
    const std::string more =
        "[[grid]]\nname = \"b\"\ntitle = \"B\"\nbase = \"mlp\"\n"
        "options = { dropout = 0.5, network-options = { l2 = 0.1 } }\n"
        "[[grid]]\nname = \"c\"\ntitle = \"C\"\nbase = \"b\"\nfamily = \"other\"\n"
        "options = { epochs = [1, 2], network-options = { hidden = [3] } }\n";
    const Experiment experiment = testing::experiment_of(
        folder.path(), testing::small_file(
                           "{ network = \"mlp\", dropout = 0.1, network-options = { l2 = 0.2, hidden = [5] } }", more));
    ASSERT_EQ(experiment.grids.size(), 3U);
    EXPECT_EQ(experiment.grids[1].title, "B");
    EXPECT_EQ(experiment.grids[1].family, experiment.grids[0].family);
    EXPECT_EQ(experiment.grids[2].family, "other");
    EXPECT_EQ(experiment.grids[1].settings.front().dump(),
              R"({"network":"mlp","dropout":0.5,"network-options":{"l2":0.1,"hidden":[5]}})");
    ASSERT_EQ(experiment.grids[2].settings.size(), 2U);
    EXPECT_EQ(experiment.grids[2].settings.back().dump(),
              R"({"network":"mlp","dropout":0.5,"network-options":{"l2":0.1,"hidden":[3]},"epochs":2})");
    EXPECT_EQ(experiment.grids[0].settings.front()["dropout"], 0.1);
    const auto error = [&](const std::string& lines) {
        return testing::error_of(
            [&] { testing::experiment_of(folder.path(), testing::small_file("{ network = \"mlp\" }", lines)); });
    };
    EXPECT_TRUE(testing::contains(error("[[grid]]\nname = \"b\"\ntitle = \"B\"\nbase = \"x\"\n"),
                                  "there is no [[grid]] named \"x\" above this one"));
    EXPECT_TRUE(testing::contains(error("[[grid]]\nname = \"b\"\nbase = \"mlp\"\n"), "lacks \"title\""));
}

TEST(ReadExperiment, CombinesTheNetworksOfGridsBeforeIt) {
    const testing::TemporaryFolder folder;
    const auto grid = [](const std::string& lines) {
        return "[[grid]]\nname = \"all\"\ntitle = \"All\"\nfamily = \"all\"\ncommand = \"combine\"\n" + lines;
    };
    const auto read = [&](const std::string& lines, const std::string& options = "{ dropout = [0.1, 0.2] }") {
        return testing::experiment_of(folder.path(), testing::small_file(options, grid(lines)));
    };
    const Experiment experiment = read("networks = [\"mlp\"]\n");
    EXPECT_EQ(experiment.grids[1].networks, std::vector<std::string>{"mlp"});
    ASSERT_EQ(experiment.grids[1].settings.size(), 1U);
    const auto error = [&](const std::string& lines, const std::string& options = "{ dropout = [0.1, 0.2] }") {
        return testing::error_of([&] { read(lines, options); });
    };
    EXPECT_TRUE(testing::contains(error(""), "lacks \"networks\""));
    EXPECT_TRUE(testing::contains(error("networks = [\"x\"]\n"), "no [[grid]] named \"x\""));
    EXPECT_TRUE(testing::contains(error("networks = [\"mlp\"]\n", "{ dropout = 0.1 }"), "two networks or more"));
    EXPECT_TRUE(testing::contains(error("networks = [\"mlp\"]\noptions = { dropout = 1 }\n"), "takes no options"));
}

TEST(ReadExperiment, CalibratesTheNetworkOfAGridBeforeIt) {
    const testing::TemporaryFolder folder;
    const auto read = [&](const std::string& options, const std::string& command, const std::string& networks) {
        const std::string grid =
            "[[grid]]\nname = \"c\"\ntitle = \"C\"\nfamily = \"c\"\ncommand = \"" + command + "\"\n" + networks + "\n";
        return testing::experiment_of(folder.path(), testing::small_file(options, grid));
    };
    const Experiment experiment = read("{ dropout = 0.1 }", "calibrate", "networks = [\"mlp\"]");
    EXPECT_EQ(experiment.grids[1].networks, std::vector<std::string>{"mlp"});
    const auto error = [&](const std::string& options, const std::string& command, const std::string& networks) {
        return testing::error_of([&] { read(options, command, networks); });
    };
    EXPECT_TRUE(testing::contains(error("{ dropout = 0.1 }", "calibrate", ""), "lacks \"networks\""));
    EXPECT_TRUE(testing::contains(error("{ dropout = [0.1, 0.2] }", "calibrate", "networks = [\"mlp\"]"),
                                  "one network, not 2"));
    EXPECT_TRUE(testing::contains(error("{ dropout = 0.1 }", "train", "networks = [\"mlp\"]"), "\"networks\" is for"));
    EXPECT_TRUE(testing::contains(error("{ dropout = 0.1 }", "compare", ""), "train, baseline, combine, calibrate"));
}

TEST(ReadExperiment, TakesTeachersAndStartsFromGridsBeforeIt) {
    const testing::TemporaryFolder folder;
    const std::string protocols =
        "[[protocol]]\nname = \"all\"\ntitle = \"All\"\n[[protocol]]\nname = \"folds\"\ntitle = \"Folds\"\nfolds = 3\n"
        "[[protocol]]\nname = \"fold\"\ntitle = \"Fold\"\nfolds = 3\nonly-folds = [1]\n";
    const auto grid = [](const std::string& name, const std::string& lines) {
        return "[[grid]]\nname = \"" + name + "\"\ntitle = \"T\"\nfamily = \"F\"\n" + lines;
    };
    const auto read = [&](const std::string& lines, const std::string& options = "{ dropout = 0.1 }") {
        return testing::experiment_of(folder.path(),
                                      testing::small_file(options, "protocols = [\"tracks\"]\n" + protocols + lines));
    };
    const auto error = [&](const std::string& lines, const std::string& options = "{ dropout = 0.1 }") {
        return testing::error_of([&] { read(lines, options); });
    };
    const std::string first = grid("pre", "protocols = [\"all\"]\noptions = { targets = \"tracks\" }\n");
    const std::string taught = grid("small", "protocols = [\"folds\"]\nteacher = \"mlp\"\nstart = \"pre\"\n");
    const Experiment experiment = read(
        first + taught + "[[grid]]\nname = \"smaller\"\ntitle = \"S\"\nbase = \"small\"\noptions = { layers = 1 }\n" +
        "[[grid]]\nname = \"alone\"\ntitle = \"A\"\nbase = \"small\"\nteacher = \"\"\nstart = \"small\"\n");
    EXPECT_EQ(experiment.grids[0].teacher, "");
    EXPECT_EQ(experiment.grids[2].teacher, "mlp");
    EXPECT_EQ(experiment.grids[2].start, "pre");
    EXPECT_EQ(experiment.grids[3].teacher, "mlp") << "inherited";
    EXPECT_EQ(experiment.grids[3].start, "pre");
    EXPECT_EQ(experiment.grids[4].teacher, "") << "says otherwise";
    EXPECT_EQ(experiment.grids[4].start, "small");

    EXPECT_TRUE(testing::contains(error(grid("a", "teacher = \"x\"\n")), "no [[grid]] named \"x\""));
    EXPECT_TRUE(testing::contains(error(grid("a", "teacher = \"a\"\n")), "no [[grid]] named \"a\"")) << "not itself";
    EXPECT_TRUE(
        testing::contains(error(grid("a", "start = \"mlp\"\n"), "{ dropout = [0.1, 0.2] }"), "the grid \"mlp\" has 2"));
    EXPECT_TRUE(testing::contains(error(grid("a", "command = \"baseline\"\nteacher = \"mlp\"\n")), "is for \"train\""));
    EXPECT_TRUE(testing::contains(error(grid("k", "command = \"baseline\"\n") + grid("a", "teacher = \"k\"\n")),
                                  "the grid \"k\" has no networks"));
    const std::string both =
        grid("b", "protocols = [\"tracks\"]\n") +
        grid("c", "command = \"combine\"\nnetworks = [\"mlp\", \"b\"]\nprotocols = [\"tracks\"]\n");
    EXPECT_TRUE(testing::contains(error(both + grid("a", "start = \"c\"\n")), "makes ensembles"));
    EXPECT_EQ(read(both + grid("a", "teacher = \"c\"\n")).grids.back().teacher, "c");
    EXPECT_TRUE(testing::contains(error(grid("two", "protocols = [\"tracks\", \"all\"]\n") +
                                        grid("a", "protocols = [\"folds\"]\nteacher = \"two\"\n")),
                                  "no runs under the protocol \"folds\", and several elsewhere"));
    const std::string one_fold = grid("f", "protocols = [\"fold\"]\n");
    EXPECT_TRUE(
        testing::contains(error(one_fold + grid("a", "protocols = [\"folds\"]\nteacher = \"f\"\n")), "lacks folds"));
    EXPECT_TRUE(
        testing::contains(error(one_fold + grid("a", "protocols = [\"tracks\"]\nteacher = \"f\"\n")), "lacks folds"));
    EXPECT_TRUE(testing::contains(error("", "{ teacher = \"x.safetensors\" }"), "set by earmark experiment itself"));
    EXPECT_TRUE(testing::contains(error("", "{ start = \"x.safetensors\" }"), "set by earmark experiment itself"));
}

TEST(ReadExperiment, ConfinesAProtocolToSomeSettings) {
    const testing::TemporaryFolder folder;
    const std::string options = "{ dropout = [0.1, 0.2], layers = [1, 3] }";
    const auto runs = [&](const std::string& only) {
        const Experiment experiment =
            testing::experiment_of(folder.path(), testing::small_file(options, "only = { tracks = " + only + " }\n"));
        return make_plan(experiment, {{{"mfcc", "00"}}, {}, ""});
    };
    ASSERT_EQ(runs("{ dropout = 0.2 }").size(), 2U);
    EXPECT_EQ(runs("{ dropout = 0.2 }")[1].options.dump(), R"({"dropout":0.2,"layers":3})");
    EXPECT_EQ(runs("{}").size(), 4U);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { runs("{ dropout = 0.3 }"); }), "no setting"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { runs("{}, x = {}"); }), "none of the grid's protocols"));
}

TEST(ReadExperiment, TakesOptionsOfTrainingFromTheProtocol) {
    const testing::TemporaryFolder folder;
    const std::string train = "{}\ntrain = { patience = 5 }";
    const Experiment experiment = testing::experiment_of(folder.path(), testing::small_file("{}", "", train));
    const ExperimentInputs inputs{{{"mfcc", "00"}}, {}, ""};
    const auto run = make_plan(experiment, inputs).at(0);
    EXPECT_TRUE(testing::contains(shell_line(training_command(run, experiment.protocols[0], {})), "--patience 5"));
    const Experiment other = testing::experiment_of(folder.path(), testing::small_file("{}", "", "{}"));
    EXPECT_NE(make_plan(other, inputs).at(0).id, run.id);
    EXPECT_TRUE(testing::contains(testing::error_of([&] {
                                      testing::experiment_of(folder.path(),
                                                             testing::small_file("{ patience = 3 }", "", train));
                                  }),
                                  "set by the protocol"));
}

TEST(ReadExperiment, RefusesDataOfTwoKindsAndNamesUnfitForFiles) {
    const testing::TemporaryFolder folder;
    std::string text = testing::small_file();
    text.replace(text.find("store ="), 0, "audio = \"x\"\n");
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { testing::experiment_of(folder.path(), text); }), "needs one of"));
    text = testing::small_file();
    text.replace(text.find("\"mfcc\""), 6, "\"../mfcc\"");
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { testing::experiment_of(folder.path(), text); }), "file's name"));
}

TEST(ReadExperiment, SaysThatThereIsNoFile) {
    EXPECT_TRUE(
        testing::contains(testing::error_of([] { read_experiment("/nowhere/x.toml"); }), "not_found: /nowhere/x.toml"));
}

}  // namespace
}  // namespace earmark::experiment

// Settings outside of the command line: the settings file and the environment.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "files/atomic_file.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::Finished;
using Words = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class UserSettings : public ::testing::Test {
  protected:
    void SetUp() override {
        save_model(testing::random_model("mlp"), model);
        testing::write_wav(music / "a.wav", testing::tones(1.0, 220.0));
        testing::write_wav(music / "b.wav", testing::tones(1.0, 300.0));
    }

    void set(const std::string& text) const { std::ofstream(file) << text; }

    testing::Finished earmark(Words arguments, Words variables = {}) const {
        variables.insert(variables.begin(), "EARMARK_SETTINGS=" + file.string());
        return testing::earmark(std::move(arguments), std::move(variables));
    }

    /// The first line of `list`, which reveals its format.
    std::string list_begins(const Words& arguments, const Words& variables = {}) const {
        Words command{"list", "--index", index.string()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const testing::Finished result = earmark(command, variables);
        EXPECT_EQ(result.status, 0) << result.messages;
        return result.output.substr(0, 5);
    }

    void scan() const {
        const testing::Finished result =
            testing::earmark({"scan", music.string(), "--index", index.string(), "--model", model.string(), "--quiet"});
        ASSERT_EQ(result.status, 0) << result.messages;
    }

    /// The settings are refused with this message, after the name of the file.
    void expect_refused(const std::string& text, const std::string& message, const Words& command = {"list"}) const {
        set(text);
        const testing::Finished result = earmark(command);
        EXPECT_EQ(result.status, 2) << text;
        EXPECT_EQ(result.output, "") << text;
        EXPECT_TRUE(contains(result.messages, file.string() + message)) << text << "\n" << result.messages;
    }

    testing::TemporaryFolder folder;
    fs::path music = [this] {
        fs::create_directory(folder.path() / "music");
        return folder.path() / "music";
    }();
    fs::path model = folder.path() / "model.safetensors";
    fs::path index = folder.path() / "index.sqlite";
    fs::path file = folder.path() / "settings.toml";
};

TEST_F(UserSettings, ComeAfterTheEnvironmentAndTheCommandLine) {
    scan();
    set("");
    EXPECT_EQ(list_begins({}), "time ") << "a table, as built in";
    set("[list]\nformat = \"csv\"\n");
    EXPECT_EQ(list_begins({}), "path,");
    EXPECT_EQ(list_begins({}, {"EARMARK_LIST_FORMAT=json"}), "{\"pat");
    EXPECT_EQ(list_begins({}, {"EARMARK_LIST_FORMAT="}), "path,") << "empty is not set";
    EXPECT_EQ(list_begins({"--format", "table"}, {"EARMARK_LIST_FORMAT=json"}), "time ");
    EXPECT_EQ(list_begins({"--format", "table"}), "time ");
}

TEST_F(UserSettings, AreFoundWhereTheyMayLie) {
    scan();
    const fs::path config = folder.path() / "config";
    fs::create_directories(config / "earmark");
    fs::create_directories(folder.path() / ".config" / "earmark");
    std::ofstream(config / "earmark" / "settings.toml") << "[list]\nformat = \"csv\"\n";
    std::ofstream(folder.path() / ".config" / "earmark" / "settings.toml") << "[list]\nformat = \"json\"\n";
    const auto begins = [&](Words variables, Words arguments = {}) {
        Words command{"list", "--index", index.string()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return testing::earmark(command, std::move(variables)).output.substr(0, 5);
    };
    const std::string home = "HOME=" + folder.path().string();
    EXPECT_EQ(begins({"EARMARK_SETTINGS=", "XDG_CONFIG_HOME=" + config.string(), home}), "path,");
    EXPECT_EQ(begins({"EARMARK_SETTINGS=", "XDG_CONFIG_HOME=", home}), "{\"pat");
    EXPECT_EQ(begins({"EARMARK_SETTINGS=", "XDG_CONFIG_HOME=relative", home}), "{\"pat");
    EXPECT_EQ(begins({"EARMARK_SETTINGS=", "XDG_CONFIG_HOME=/no/such/folder", home}), "time ") << "need not be there";
    EXPECT_EQ(begins({"EARMARK_SETTINGS=/dev/null", "XDG_CONFIG_HOME=" + config.string()}), "time ");
    // On the command line, before the command or after it.
    set("[list]\nformat = \"csv\"\n");
    EXPECT_EQ(begins({}, {"--settings", file.string()}), "path,");
    const testing::Finished before = testing::earmark({"--settings", file.string(), "list", "--index", index.string()});
    EXPECT_EQ(before.output.substr(0, 5), "path,") << before.messages;
}

TEST_F(UserSettings, NamedFilesMustBeThere) {
    const testing::Finished option = testing::earmark({"list", "--settings", "/no/such/file.toml"});
    EXPECT_EQ(option.status, 2);
    EXPECT_TRUE(contains(option.messages, "/no/such/file.toml: there is no such settings file. Correct --settings"));
    const testing::Finished variable = testing::earmark({"list"}, {"EARMARK_SETTINGS=/no/such/file.toml"});
    EXPECT_EQ(variable.status, 2);
    EXPECT_TRUE(contains(variable.messages, "$EARMARK_SETTINGS")) << variable.messages;
    EXPECT_EQ(testing::earmark({"list", "--settings", folder.path().string()}).status, 2) << "a folder";
}

TEST_F(UserSettings, GiveWhatIsRequired) {
    set("index = \"" + index.string() + "\"\nmodel = \"" + model.string() + "\"\n[scan]\nfolders = [\"" +
        music.string() + "\"]\njobs = 1\n");
    const testing::Finished first = earmark({"scan"});
    EXPECT_EQ(first.status, 0) << first.messages;
    EXPECT_TRUE(contains(first.messages, "2 analyzed")) << first.messages;
    const testing::Finished list = earmark({"list", "--format", "json"});
    EXPECT_TRUE(contains(list.output, "a.wav")) << "the index of the top level holds for list, too";
    // A list on the command line replaces that of the settings.
    testing::write_wav(folder.path() / "other" / "c.wav", testing::tones(1.0, 400.0));
    const testing::Finished other = earmark({"scan", (folder.path() / "other").string()});
    EXPECT_TRUE(contains(other.messages, "1 analyzed, 0 unchanged")) << other.messages;
    const testing::Finished none = testing::earmark({"scan"});
    EXPECT_EQ(none.status, 2);
    EXPECT_TRUE(contains(none.messages, "FOLDER"));
}

TEST_F(UserSettings, ListsAreReplacedWhole) {
    const Words scan{"scan", music.string(), "--index", index.string(), "--model", model.string()};
    const auto analyzed = [&](const Words& more, const Words& variables) {
        fs::remove(index);
        Words command = scan;
        command.insert(command.end(), more.begin(), more.end());
        return earmark(command, variables).messages;
    };
    set("[scan]\nexclude = [\"a.wav\"]\n");
    EXPECT_TRUE(contains(analyzed({}, {}), "1 analyzed"));
    set("[scan]\nexclude = \"[ab].wav\"\n");
    EXPECT_TRUE(contains(analyzed({}, {}), "there is no audio file"))
        << "one value may stand for a list; brackets are the pattern's";
    set("[scan]\nexclude = [\"a.wav\", \"b.wav\"]\n");
    EXPECT_TRUE(contains(analyzed({}, {}), "there is no audio file"));
    EXPECT_TRUE(contains(analyzed({"--exclude", "b.wav"}, {}), "1 analyzed"));
    EXPECT_TRUE(contains(analyzed({}, {"EARMARK_SCAN_EXCLUDE=a.wav"}), "1 analyzed"));
    EXPECT_TRUE(contains(analyzed({}, {"EARMARK_SCAN_EXCLUDE=a.wav\nb.wav"}), "there is no audio file"))
        << "one a line";
    EXPECT_TRUE(contains(analyzed({}, {"EARMARK_SCAN_EXCLUDE=a.wav:b.wav"}), "2 analyzed")) << "names may hold a colon";
    EXPECT_TRUE(contains(analyzed({"--exclude", "x"}, {"EARMARK_SCAN_EXCLUDE=a.wav"}), "2 analyzed"));
    set("[scan]\nexclude = []\n");
    EXPECT_TRUE(contains(analyzed({}, {}), "2 analyzed"));
}

TEST_F(UserSettings, FlagsCanBeTurnedOnAndOff) {
    const Words scan{"scan", music.string(), "--index", index.string(), "--model", model.string()};
    const auto quiet = [&](const Words& variables = {}) { return earmark(scan, variables).messages.empty(); };
    set("");
    EXPECT_FALSE(quiet());
    EXPECT_TRUE(quiet({"EARMARK_SCAN_QUIET=yes"}));
    set("quiet = true\n");
    EXPECT_TRUE(quiet());
    EXPECT_FALSE(quiet({"EARMARK_SCAN_QUIET=off"}));
    set("quiet = true\n[scan]\nquiet = false\n");
    EXPECT_FALSE(quiet()) << "a command's own key comes first";
    EXPECT_TRUE(quiet({"EARMARK_SCAN_QUIET=1"}));
    // False counts as not given: these options would be refused without --split.
    set("[evaluate]\nno-validation = false\n");
    EXPECT_EQ(earmark({"evaluate", "/no/such/store", "--model", model.string()}).status, 1);
}

TEST_F(UserSettings, VariablesOfOldGoOnWorking) {
    scan();
    set("index = \"/no/such/index\"\n[list]\nformat = \"csv\"\n");
    const std::string old = "EARMARK_INDEX=" + index.string();
    EXPECT_TRUE(contains(earmark({"list"}, {old}).output, "a.wav")) << "before the settings";
    EXPECT_EQ(earmark({"list"}, {old, "EARMARK_LIST_INDEX=/no/such/index"}).status, 1) << "after the command's own";
    EXPECT_TRUE(contains(earmark({"model"}, {"EARMARK_MODEL=" + model.string()}).output, model.string()));
    set("model = \"/no/such/model.safetensors\"\n");
    EXPECT_TRUE(contains(earmark({"model"}, {"EARMARK_MODEL=" + model.string()}).output, model.string()));
    EXPECT_EQ(earmark({"model"}).status, 1);
    EXPECT_EQ(earmark({"model", model.string()}).status, 0);
    // Scripts use this name for something else.
    set("");
    EXPECT_EQ(earmark({"scan", music.string(), "--index", index.string(), "--model", model.string(), "--quiet"},
                      {"EARMARK_JOBS=many"})
                  .status,
              0);
}

TEST_F(UserSettings, PathsMayBeginWithTheHomeFolder) {
    scan();
    set("index = \"~/index.sqlite\"\n");
    const testing::Finished result = earmark({"list"}, {"HOME=" + folder.path().string()});
    EXPECT_TRUE(contains(result.output, "a.wav")) << result.messages;
}

TEST_F(UserSettings, MistakesNameFileLineAndCure) {
    expect_refused("\n[sacn]\njobs = 2\n", ":2: [sacn]: there is no such command. Did you mean [scan]?");
    expect_refused("[scan]\n\njosb = 2\n",
                   ":3: unknown key \"josb\" in [scan]. Did you mean jobs? It may have: folders,");
    expect_refused("[scan]\njobs_ = 2\n", ":2: unknown key \"jobs_\" in [scan]. Did you mean jobs?");
    expect_refused("[model.calibrat]\ndata = \"x\"\n",
                   ":1: unknown key \"calibrat\" in [model]. Did you mean calibrate?");
    expect_refused("[model.calibrate]\nbin = 4\n", ":2: unknown key \"bin\" in [model.calibrate]. Did you mean bins?");
    expect_refused("qiet = true\n", ":1: unknown key \"qiet\". Did you mean quiet?");
    expect_refused(
        "jobs = 2\n",
        ":1: \"jobs\" does not hold for all commands. Put it into the table of one that has it: [classify], [scan]");
    expect_refused("scan = 2\n", ":1: \"scan\" must be a table");
    expect_refused("[scan]\njobs = \"2\"\n", ":2: \"jobs\" in [scan] must be a whole number.");
    expect_refused("[scan]\njobs = 2.5\n", ":2: \"jobs\" in [scan] must be a whole number.");
    expect_refused("[scan]\njobs = 5000\n", ":2: \"jobs\" in [scan]: Value 5000 not in range 0 to 1024.");
    expect_refused("[scan]\njobs = [1, 2]\n", ":2: \"jobs\" in [scan] takes one value, not a list");
    expect_refused("[scan]\nhidden = 1\n", ":2: \"hidden\" in [scan] must be true or false.");
    expect_refused("[scan]\nexclude = [\"a\", 2]\n",
                   ":2: \"exclude\" in [scan] must be a text in quotes, or a list of such.");
    expect_refused("[scan]\nformat = \"xml\"\n", ":2: \"format\" in [scan]: xml not in {table,json}.");
    expect_refused("[scan]\nindex = 2026-01-01\n", ":2: \"index\" in [scan] must be a text in quotes.");
    expect_refused("[plot]\nwidth = \"wide\"\n", ":2: \"width\" in [plot] must be a number.");
    expect_refused("[plot]\nwidth = nan\n", ":2: \"width\" in [plot] must be a number.");
    expect_refused("[plot]\nseed = 1\n", ":2: unknown key \"seed\" in [plot].");
    expect_refused("[evaluate]\nseed = -1\n", ":2: \"seed\" in [evaluate] must be a whole number of at least 0.");
    expect_refused("quiet = \"yes\"\n", ":1: \"quiet\" must be true or false.");
    expect_refused("model = 3\n", ":1: \"model\" must be a text in quotes.");
    expect_refused("[scan\n", ":1:");
    expect_refused("[scan]\njobs = 2\njobs = 3\n", ":3:");
    expect_refused("model = \"mfcc-cnn\"\n[model.calibrate]\nbins = 4\n", ":3:");
    EXPECT_TRUE(contains(earmark({"list"}).messages, "A file with a table [model] names the model of other commands"));
    // A value on the command line does not hide an error in the settings.
    expect_refused("[list]\nformat = \"xml\"\n", ":2: \"format\" in [list]: ", {"list", "--format", "csv"});
}

TEST_F(UserSettings, WhatDoesSomethingIsForTheCommandLine) {
    const std::string how = " cannot be set: it says what to do now, not how. Give ";
    expect_refused("[tag]\nwrite = true\n", ":2: \"write\" in [tag]" + how + "--write on the command line.");
    expect_refused("[tag]\nundo = 1\n", ":2: \"undo\" in [tag]" + how + "--undo");
    expect_refused("[tag]\nruns = true\n", ":2: \"runs\" in [tag]" + how + "--runs");
    expect_refused("[forget]\npaths = [\"/\"]\n", ":2: \"paths\" in [forget]" + how + "PATH");
    expect_refused("[forget]\nmissing = true\n", ":2: \"missing\" in [forget]" + how);
    expect_refused("[train]\nresume = true\n", ":2: \"resume\" in [train]" + how);
    expect_refused("[experiment.run]\ndry-run = true\n", ":2: \"dry-run\" in [experiment.run]" + how);
    expect_refused("[scan]\nhelp = true\n", ":2: \"help\" in [scan]" + how);
    expect_refused("[scan]\nsettings = \"x\"\n", ":2: \"settings\" in [scan]" + how);
    expect_refused("[completions]\nshell = \"bash\"\n", ":2: \"shell\" in [completions]" + how);
    set("");
    for (const char* variable :
         {"EARMARK_TAG_WRITE=1", "EARMARK_TAG_UNDO=1", "EARMARK_TAG_RUNS=1", "EARMARK_TAG_HELP=1"}) {
        const testing::Finished result = earmark({"tag"}, {variable});
        EXPECT_EQ(result.status, 2) << variable;
        EXPECT_TRUE(contains(result.messages, "cannot be set by the environment")) << result.messages;
    }
}

TEST_F(UserSettings, BadVariablesAreNamed) {
    set("");
    const auto expect = [&](const std::string& variable, const std::string& message) {
        const testing::Finished result = earmark({"scan", music.string()}, {variable});
        EXPECT_EQ(result.status, 2) << variable;
        EXPECT_TRUE(contains(result.messages, message)) << result.messages;
    };
    expect("EARMARK_SCAN_JOBS=many", "$EARMARK_SCAN_JOBS: Value many not in range 0 to 1024.");
    expect("EARMARK_SCAN_JOBS=5000", "$EARMARK_SCAN_JOBS: Value 5000 not in range");
    expect("EARMARK_SCAN_FORMAT=xml", "$EARMARK_SCAN_FORMAT: xml not in {table,json}.");
    expect("EARMARK_SCAN_QUIET=perhaps", "$EARMARK_SCAN_QUIET: \"perhaps\" is neither true nor false");
    expect("EARMARK_SCAN_JOSB=2",
           "$EARMARK_SCAN_JOSB: `earmark scan` has no such option. Did you mean EARMARK_SCAN_JOBS?");
    expect("EARMARK_SCAN_SETTINGS=x", "cannot be set by the environment");
    const testing::Finished nested =
        earmark({"model", "calibrate", model.string()}, {"EARMARK_MODEL_CALIBRATE_BINS=1"});
    EXPECT_EQ(nested.status, 2);
    EXPECT_TRUE(contains(nested.messages, "$EARMARK_MODEL_CALIBRATE_BINS: Value 1 not in range 2 to 100."));
    // Of a sub-command, and of other commands.
    EXPECT_EQ(earmark({"model", model.string()}, {"EARMARK_MODEL_CALIBRATE_BINS=1", "EARMARK_SCAN_JOBS=many"}).status,
              0);
}

TEST_F(UserSettings, OptionsThatDoNotGoTogetherSayWhereTheyAreFrom) {
    set("[evaluate]\nfolds = 4\n");
    const testing::Finished result = earmark({"evaluate", "store"}, {"EARMARK_EVALUATE_MODEL=" + model.string()});
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(contains(result.messages, "--folds is set by " + file.string() + ":2.")) << result.messages;
    EXPECT_TRUE(contains(result.messages, "--folds requires --split")) << result.messages;
}

TEST_F(UserSettings, HelpIsGivenWhateverIsSet) {
    set("[scan\n");
    EXPECT_EQ(earmark({"--version"}).status, 0);
    EXPECT_EQ(earmark({"--help"}).status, 0);
    EXPECT_EQ(earmark({"scan", "--help"}, {"EARMARK_SCAN_JOBS=many"}).status, 0);
    EXPECT_EQ(earmark({"help", "scan"}).status, 0);
    EXPECT_EQ(earmark({"completions", "bash"}).status, 0);
    EXPECT_EQ(earmark({"list"}).status, 2);
}

TEST_F(UserSettings, HoldForTrainingToo) {
    set("[train]\noutput = \"" + (folder.path() / "trained.safetensors").string() + "\"\nepochs = \"many\"\n");
    const testing::Finished wrong = earmark({"train", "store"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_TRUE(contains(wrong.messages, ":3: \"epochs\" in [train] must be a whole number.")) << wrong.messages;
    set("[train]\ndata = \"/no/such/store\"\noutput = \"" + (folder.path() / "trained.safetensors").string() + "\"\n");
    const testing::Finished result = earmark({"train"});
    EXPECT_EQ(result.status, 1);
    if (fs::exists(EARMARK_BUILD_DIR "/bin/earmark-train")) {
        EXPECT_TRUE(contains(result.messages, "/no/such/store: no such folder")) << result.messages;
        EXPECT_EQ(testing::earmark({"--settings", file.string(), "train"}).messages, result.messages);
        const testing::Finished variable = earmark({"train"}, {"EARMARK_TRAIN_DATA=/nor/this"});
        EXPECT_TRUE(contains(variable.messages, "/nor/this: no such folder")) << variable.messages;
        const testing::Finished line = earmark({"train", "/nor/that"}, {"EARMARK_TRAIN_DATA=/nor/this"});
        EXPECT_TRUE(contains(line.messages, "/nor/that: no such folder")) << line.messages;
    } else {
        EXPECT_TRUE(contains(result.messages, "earmark-train: not there")) << result.messages;
    }
}

/// The first block of TOML in a document.
std::string toml_of(const fs::path& document) {
    const std::string text = files::read_file(document);
    const std::size_t begin = text.find("```toml\n");
    const std::size_t end = text.find("```", begin + 3);
    return begin == std::string::npos ? "" : text.substr(begin + 8, end - begin - 8);
}

TEST_F(UserSettings, TheExamplesOfTheDocumentsAreGood) {
    scan();
    const std::string example = toml_of(EARMARK_SOURCE_DIR "/docs/guide/settings.md");
    ASSERT_TRUE(contains(example, "[scan]")) << "docs/guide/settings.md has an example";
    set(example);
    const testing::Finished result = earmark({"list", "--index", index.string()});
    EXPECT_EQ(result.status, 0) << result.messages;
    // The example of the man page.
    std::string page = testing::earmark({"help", "--man", "settings"}).output;
    const std::size_t begin = page.find(".nf\n") + 4;
    page = page.substr(begin, page.find("\n.fi", begin) - begin);
    const std::pair<std::string, std::string> characters[] = {
        {"\\(dq", "\""}, {"\\-", "-"}, {"\\(ti", "~"}, {"\\&", ""}};
    for (const auto& [written, meant] : characters) {
        for (std::size_t at = 0; (at = page.find(written)) != std::string::npos;)
            page.replace(at, written.size(), meant);
    }
    ASSERT_TRUE(contains(page, "[scan]")) << page;
    set(page);
    const testing::Finished second = earmark({"list", "--index", index.string()});
    EXPECT_EQ(second.status, 0) << second.messages;
}

}  // namespace
}  // namespace earmark

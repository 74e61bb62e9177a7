#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace earmark::experiment {

/// Options by the names they have on the command line, without the dashes: {"network": "cnn", "dropout": 0.6}. A flag
/// is true or false; an object is handed over as JSON (`network-options`), a list comma-separated (`hidden`).
using Settings = nlohmann::ordered_json;

/// Where the data come from, with paths relative to the folder given with --data. Exactly one of the three is set.
struct ExperimentData {
    std::string name;
    std::string about;   ///< a sentence for the report
    std::string store;   ///< a feature store that is there
    std::string audio;   ///< a folder of genre folders, for `earmark store create`
    std::string import;  ///< an array, for `earmark store import`
    Settings options;    ///< of `earmark store create` or `import`; `index` and `labels` are paths
};

/// A way of parting the data. Results of different protocols never stand in one table.
struct Protocol {
    std::string name;
    std::string title;
    std::string leaks;  ///< what gets from training to test under it, in a sentence or two
    Settings options;   ///< the split, as options of `earmark train`; `split-file`, `group-file` relative to --data
    Settings train;     ///< further options of `earmark train` under it, such as `watch-test` and `patience`
    int folds = 0;      ///< above 0: a run a fold, with options `folds` and `fold`
    std::vector<int> only_folds;  ///< those of the folds that are run
    bool choose = false;          ///< whether the test part is kept for the settings chosen by validation, one a family
    bool test = true;             ///< whether the test part is judged at all

    /// Whether settings are compared by their figures of the validation part.
    bool compares_by_validation() const noexcept { return choose || !test; }
};

/// Settings that differ in some options: the product of those that the file gives as lists.
struct Grid {
    std::string name;
    std::string title;
    std::string family;   ///< "CNN": what a choice is made within, and what Table V has a row for
    std::string command;  ///< "train" or "baseline", the sub-command of `earmark` that does a run, or one of `model`'s
    std::vector<std::string> networks;  ///< of "combine" and "calibrate": grids before it, whose networks it takes
    std::string teacher;                ///< of "train": a grid before it, whose networks teach; empty: none
    std::string start;                  ///< of "train": a grid before it, whose networks are started from; empty: none
    std::string data;
    std::vector<std::string> protocols;
    std::map<std::string, Settings> only;  ///< by protocol: of all settings, those that have these options
    std::vector<Settings> settings;        ///< the product, the last list running fastest
    std::vector<std::string> spanning;     ///< options that were given as lists
};

/// A row of the paper to put beside ours: the settings that have all of `options` (found in the grids of the table).
struct PaperFigure {
    Settings options;
    std::optional<double> accuracy;  ///< 0 … 1
    std::optional<double> loss;      ///< nats
};

/// A table of the report: a row a setting of its grids, or a row a family (the setting that was chosen).
struct ExperimentTable {
    std::string name;  ///< "Table II"
    std::string title;
    std::string note;
    std::vector<std::string> grids;
    bool best = false;                 ///< a row a family of `grids` instead of one a setting
    bool by_tracks = false;            ///< a row a setting, named by its grid, with figures of tracks and probabilities
    bool by_labels = false;            ///< likewise, with figures of tracks that may have several labels
    std::vector<std::string> columns;  ///< options that have a column
    std::string sweep;                 ///< option to draw the accuracy against; empty: no picture
    std::string paper_protocol;        ///< name of the protocol that the paper's figures were got under
    std::vector<PaperFigure> paper;    ///< for a table of the best, `options` is {"family": "CNN"}
};

/// What one panel of learning curves shows: the mean over the seeds of the setting of `grid` that has `options`.
struct CurvePanel {
    std::string title;
    std::string grid;
    Settings options;
};

/// A figure of the report.
struct ExperimentFigure {
    std::string name;  ///< "Fig. 2"
    std::string title;
    std::string note;
    std::string protocol;            ///< of learning curves
    std::vector<CurvePanel> curves;  ///< accuracy and loss over epochs
    std::vector<std::string> clips;  ///< or: audio files, relative to --data, as waveform and MFCC side by side
    double clip_seconds = 6.0;       ///< how much of each clip, from its start
};

/// An experiment file: what is to be trained and how the results are shown. `docs/guide/experiments.md` describes the format.
struct Experiment {
    std::string name;  ///< the file's, without extension
    std::string title;
    std::string about;  ///< paragraphs for the head of the report, separated by empty lines
    std::vector<std::uint64_t> seeds;
    std::vector<ExperimentData> data;
    std::vector<Protocol> protocols;
    std::vector<Grid> grids;
    std::vector<ExperimentTable> tables;
    std::vector<ExperimentFigure> figures;
};

/// The protocol under which a grid's network is taken for runs under `protocol`: this one, or else the only one that
/// the grid is run under; empty when there is neither.
std::string protocol_for(const Grid& grid, const std::string& protocol);

/// Whether a setting has all of `options`, with these values.
bool has_options(const Settings& setting, const Settings& options);

/// Reads and checks an experiment file (TOML).
/// @throws Error not_found, unreadable; corrupt for broken TOML, with line and column; bad_option for keys or names
/// that
///         are unknown, missing or of the wrong type, with the line
Experiment read_experiment(const std::filesystem::path& path);

/// One training and its evaluation: a setting of a grid under a protocol, with a seed, and a fold where there are
/// folds. The seed is that of training and split alike.
struct Run {
    std::string id;  ///< 16 hexadecimal digits that change with everything below and with the data's fingerprint
    std::string grid;
    std::string family;
    std::string command;
    std::string data;
    std::string protocol;
    std::uint64_t seed = 0;
    int fold = -1;                     ///< -1 without folds
    Settings options;                  ///< of the setting, without those of protocol, seed and fold
    std::vector<std::string> members;  ///< of "combine" and "calibrate": the ids of the runs whose networks it takes
    std::string teacher;               ///< of "train": the id of the run whose network teaches; empty: none
    std::string start;                 ///< of "train": the id of the run whose network is started from; empty: none

    /// The ids of all runs whose networks it needs.
    std::vector<std::string> needed() const;
    /// Whether its network tells genres apart, so that it can be judged.
    bool predicts_genres() const;
};

}  // namespace earmark::experiment

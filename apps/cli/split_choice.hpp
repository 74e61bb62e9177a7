#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/options.hpp"
#include "dataset/split.hpp"

namespace earmark::cli {

/// The options that say how a data set is parted, for `train`, `evaluate`, `model calibrate` and `baseline`.
class SplitChoice {
  public:
    void add_to(CLI::App& app) {
        const std::string group = "Split";
        add_enum_option(app, "--split", options_.kind,
                        "random-tracks, k-fold, csv, csv-folds, or random-segments (the paper's way; leaky)")
            ->group(group);
        app.add_option("--split-file", csv_, "CSV with the columns track, genre and part; implies --split csv")
            ->type_name("FILE")
            ->group(group);
        app.add_option("--group-file", groups_,
                       "CSV with the columns track and artist: keeps artists whole (not for csv and random-segments)")
            ->type_name("FILE")
            ->group(group);
        app.add_flag("--allow-missing-tracks", options_.allow_missing, "Let the CSV name tracks that the data lack")
            ->group(group);
        app.add_option("--valid-fraction", options_.valid_fraction,
                       "Share of each genre for validation (random splits)")
            ->capture_default_str()
            ->group(group);
        app.add_option("--test-fraction", options_.test_fraction, "Share of each genre for testing (random splits)")
            ->capture_default_str()
            ->group(group);
        app.add_option("--folds", options_.folds, "Number of folds (k-fold, csv-folds)")
            ->capture_default_str()
            ->group(group);
        app.add_option("--fold", options_.fold, "Fold for testing (k-fold) or validation (csv-folds), from 0")
            ->capture_default_str()
            ->group(group);
        app.add_flag("--no-validation", options_.no_validation, "Train on what would be the validation part, too")
            ->group(group);
        app.add_option("--split-seed", seed_, "Seed of the split")->group(group);
    }

    /// Whether a split was asked for. @throws CLI::RequiresError for options of a split that was not
    static bool given(const CLI::App& app) {
        if (app.count("--split") + app.count("--split-file") > 0) return true;
        for (const char* option : {"--valid-fraction", "--test-fraction", "--folds", "--fold", "--split-seed",
                                   "--group-file", "--no-validation"}) {
            if (app.count(option) > 0) throw CLI::RequiresError(option, "--split");
        }
        return false;
    }

    /// The options as given; `seed` stands in for a --split-seed that was left out.
    dataset::SplitOptions options(std::uint64_t seed) const {
        dataset::SplitOptions result = options_;
        result.seed = seed_.value_or(seed);
        if (!csv_.empty()) {
            if (result.kind != dataset::SplitKind::csv_folds) result.kind = dataset::SplitKind::csv;
            result.csv = csv_;
        }
        result.groups = groups_;
        return result;
    }

  private:
    dataset::SplitOptions options_;
    std::string csv_;
    std::string groups_;
    std::optional<std::uint64_t> seed_;
};

}  // namespace earmark::cli

#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "dataset/labels/track_labels.hpp"

namespace earmark::commands {

/// The options that say which columns of a table are labels, and from where on they hold.
class LabelChoice {
  public:
    void add_to(CLI::App& command) {
        const std::string group = "Labels";
        command
            .add_option(
                "--label-columns", options_.columns,
                "Columns that say what holds of a track, comma-separated: one of words, or a column a label with "
                "0 and 1 or shares")
            ->delimiter(',')
            ->type_name("NAMES")
            ->group(group);
        command
            .add_option("--label-cut", cut_,
                        "Least number at which a label holds; median: a label holds above the median of its column")
            ->type_name("FLOAT|median")
            ->capture_default_str()
            ->group(group);
        command
            .add_option_function<std::string>(
                "--label-group", [this](const std::string& name) { options_.group = label_group(name); },
                "What labels name of which a track may have several")
            ->check(CLI::IsMember({"genre", "mood", "instrument", "voice", "decade", "other", "not music"}))
            ->default_str(std::string(to_string(options_.group)))
            ->group(group);
    }

    /// @throws CLI::ValidationError
    dataset::LabelOptions options() const {
        dataset::LabelOptions result = options_;
        double cut = 0.0;
        if (cut_ == "median") {
            result.cut.reset();
        } else if (CLI::detail::lexical_cast(cut_, cut)) {
            result.cut = cut;
        } else {
            throw CLI::ValidationError("--label-cut", cut_ + " is neither a number nor median");
        }
        return result;
    }

  private:
    dataset::LabelOptions options_;
    std::string cut_ = "0.5";
};

}  // namespace earmark::commands

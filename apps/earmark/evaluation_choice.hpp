#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "cli/output/output_options.hpp"
#include "evaluation/evaluation.hpp"

namespace earmark::commands {

/// The options that say what is measured and how it is shown, for `evaluate` and `baseline`.
class EvaluationChoice {
  public:
    void add_to(CLI::App& command);

    std::uint64_t seed() const { return seed_; }
    int jobs() const { return jobs_; }
    bool quiet() const { return quiet_; }

    /// Part, threads, bootstrap and `stop`; the split is left to the command.
    evaluation::EvaluationOptions options(const base::StopFlag& stop) const;
    /// Prints the evaluation, and writes the files that were asked for.
    void show(const evaluation::Evaluation& evaluation) const;

  private:
    std::string part_ = "test";
    std::uint64_t seed_ = 0;
    cli::OutputOptions output_;
    std::string predictions_;
    std::string confusion_;
    std::string confusion_of_ = "tracks";
    std::string reliability_;
    std::size_t errors_ = 0;
    std::string titles_;
    std::string artists_;
    int bins_ = evaluation::EvaluationOptions{}.bins;
    int jobs_ = 0;
    bool quiet_ = false;
};

}  // namespace earmark::commands

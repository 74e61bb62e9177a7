#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "experiment/description/experiment.hpp"

namespace earmark::experiment {

/// How long runs take and what memory they need, by what those of the same grid took.
class RunEstimates {
  public:
    /// @param seconds      of the whole run
    /// @param peak_memory  bytes; 0: not known
    void add(const Run& run, double seconds, std::int64_t peak_memory);

    /// The mean of the runs of the same grid, else of the same family, else of all; nothing before there is one.
    std::optional<double> seconds(const Run& run) const;

    /// The largest peak of the runs of the same grid, else a guess.
    /// @param store_bytes  size of the run's store
    std::int64_t memory(const Run& run, std::int64_t store_bytes) const;

  private:
    struct Mean {
        double sum = 0.0;
        int runs = 0;
    };

    std::map<std::string, Mean> by_grid_;
    std::map<std::string, Mean> by_family_;
    Mean all_;
    std::map<std::string, std::int64_t> peaks_;  ///< by grid
};

}  // namespace earmark::experiment

#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "evaluation/evaluation.hpp"

namespace earmark::evaluation {

/// A track whose genre the judge got wrong.
struct TrackError {
    std::string track;
    std::string genre;
    std::string prediction;
    double probability = 0.0;  ///< of the prediction
    std::string artist;        ///< where titles are known
    std::string title;
};

/// The errors that the judge was surest of, the surest first; at equal probability in the order of the data.
/// @param most    how many at the most
/// @param titles  CSV with the columns track, artist and title; empty: they are not named
/// @throws Error not_found, unreadable, corrupt, bad_data
std::vector<TrackError> most_confident_errors(const Evaluation& evaluation, std::size_t most,
                                              const std::filesystem::path& titles);

/// For programs: [{"track": …, "genre": …, "prediction": …, "probability": …, "artist": …, "title": …}, …]; artist and
/// title are null where they are not known.
nlohmann::ordered_json to_json(const std::vector<TrackError>& errors);

}  // namespace earmark::evaluation

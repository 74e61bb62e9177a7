#include "evaluation/exposure_notes.hpp"

#include <fmt/format.h>

namespace earmark::evaluation {

std::vector<std::string> exposure_notes(const Evaluation& evaluation) {
    std::vector<std::string> notes;
    if (evaluation.leaky_split) {
        notes.emplace_back(
            "LEAKY: segments of one track are on both sides of this split. Expect lower accuracy on new tracks.");
    }
    const std::int64_t guessed = evaluation.tracks_guessed_by_name;
    const std::int64_t seen = evaluation.tracks_seen_in_training.value_or(0) - guessed;
    const std::int64_t tracks = evaluation.metrics.tracks.items;
    if (seen > 0) {
        notes.push_back(
            fmt::format("LEAKY: THE MODEL WAS TRAINED ON {} OF THESE {} TRACKS. Expect lower accuracy on new tracks.",
                        seen, tracks));
    }
    if (guessed > 0) {
        notes.push_back(fmt::format(
            "PERHAPS LEAKY: {} of these {} tracks have the names of tracks that the model was trained on. That is a "
            "guess: the model keeps names alone, not hashes of the sound.",
            guessed, tracks));
    } else if (!evaluation.tracks_seen_in_training) {
        notes.emplace_back(
            "UNKNOWN: the model does not say which tracks it was trained on; some of these may be among them.");
    } else if (evaluation.exposure_is_guess) {
        notes.emplace_back(
            "None of these tracks has the name of one that the model was trained on. That is a guess: the model keeps "
            "names alone, not hashes of the sound.");
    } else if (!evaluation.leaky_split && seen == 0) {
        notes.emplace_back("None of these tracks was in the model's training.");
    }
    if (evaluation.tracks_seen_in_validation > 0) {
        notes.push_back(fmt::format(
            "VALIDATION: {} of these {} tracks were in the validation part of the model's training. Accuracy on new "
            "tracks may be lower.",
            evaluation.tracks_seen_in_validation, tracks));
    }
    if (evaluation.tracks_seen_in_pretraining > 0) {
        notes.push_back(fmt::format(
            "PRE-TRAINED: {} of these {} tracks were in the model's pre-training, without their genres. Accuracy on new "
            "tracks may be lower.",
            evaluation.tracks_seen_in_pretraining, tracks));
    }
    return notes;
}

}  // namespace earmark::evaluation

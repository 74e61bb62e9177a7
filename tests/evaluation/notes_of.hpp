#pragma once

#include <string>

#include "evaluation/exposure_notes.hpp"

namespace earmark::evaluation {

/// What is told of an evaluation, a line a sentence.
inline std::string notes_of(const Evaluation& evaluation) {
    std::string text;
    for (const std::string& note : exposure_notes(evaluation)) text += note + "\n";
    return text;
}

}  // namespace earmark::evaluation

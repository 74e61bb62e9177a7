#include "evaluation/evaluation_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace earmark::evaluation {

namespace {

/// Columns that a UTF-8 text takes, one a character: near enough for the names of genres.
std::size_t columns(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, columns(text)), ' ');
}

std::string percent(double value) {
    return fmt::format("{:.1f} %", 100.0 * value);
}

std::string figure(const std::optional<double>& value) {
    return value ? fmt::format("{:.3f}", *value) : "-";
}

std::string honesty(const Evaluation& evaluation) {
    std::string text;
    if (evaluation.leaky_split) {
        text +=
            "LEAKY: segments of one track are on both sides of this split. An unheard track does worse than this.\n";
    }
    const std::int64_t guessed = evaluation.tracks_guessed_by_name;
    const std::int64_t seen = evaluation.tracks_seen_in_training.value_or(0) - guessed;
    const std::int64_t tracks = evaluation.metrics.tracks.items;
    if (seen > 0) {
        text += fmt::format(
            "LEAKY: THE MODEL WAS TRAINED ON {} OF THESE {} TRACKS. An unheard track does worse than this.\n", seen,
            tracks);
    }
    if (guessed > 0) {
        text += fmt::format(
            "PERHAPS LEAKY: {} of these {} tracks have the names of tracks that the model was trained on. That is a "
            "guess: the model keeps names alone, not what its tracks sound like.\n",
            guessed, tracks);
    } else if (!evaluation.tracks_seen_in_training) {
        text += "UNKNOWN: the model does not say which tracks it was trained on; some of these may be among them.\n";
    } else if (evaluation.exposure_is_guess) {
        text +=
            "None of these tracks has the name of one that the model was trained on. That is a guess: the model keeps "
            "names alone, not what its tracks sound like.\n";
    } else if (!evaluation.leaky_split && seen == 0) {
        text += "None of these tracks was in the model's training.\n";
    }
    if (evaluation.tracks_seen_in_validation > 0) {
        text += fmt::format(
            "VALIDATION: {} of these {} tracks chose the model's weights. An unheard track may do worse than this.\n",
            evaluation.tracks_seen_in_validation, tracks);
    }
    if (evaluation.tracks_seen_in_pretraining > 0) {
        text += fmt::format(
            "PRE-TRAINED: the model heard {} of these {} tracks before its training, without their genres. An unheard "
            "track may do worse than this.\n",
            evaluation.tracks_seen_in_pretraining, evaluation.metrics.tracks.items);
    }
    return text;
}

std::string figures(const Metrics& metrics) {
    const LevelMetrics& segments = metrics.segments;
    const LevelMetrics& tracks = metrics.tracks;
    const auto line = [](const char* name, const std::string& a, const std::string& b) {
        return fmt::format("{:<22}{:>20}{:>20}\n", name, a, b);
    };
    const auto interval = [](const Interval& each) {
        return fmt::format("{:.1f} to {:.1f} %", 100.0 * each.low, 100.0 * each.high);
    };
    return line("", "segments", "tracks") +
           line("count", std::to_string(segments.items), std::to_string(tracks.items)) +
           line("accuracy", percent(segments.accuracy), percent(tracks.accuracy)) +
           line("  95 % interval", interval(segments.accuracy_interval), interval(tracks.accuracy_interval)) +
           line("loss", fmt::format("{:.3f}", segments.loss), fmt::format("{:.3f}", tracks.loss)) +
           line("macro F1", figure(segments.macro_f1), figure(tracks.macro_f1)) +
           line("macro ROC-AUC", figure(segments.macro_auc), figure(tracks.macro_auc)) +
           line("Brier score", fmt::format("{:.3f}", segments.brier), fmt::format("{:.3f}", tracks.brier)) +
           line("calibration error", fmt::format("{:.3f}", segments.calibration_error),
                fmt::format("{:.3f}", tracks.calibration_error));
}

std::string genres(const Evaluation& evaluation, std::size_t width) {
    std::string text = fmt::format("{} {:>34}   {:>34}\n", padded("", width), "segments", "tracks");
    const std::string head = fmt::format(" {:>7}{:>7}{:>7}{:>7}{:>7}", "count", "prec.", "recall", "F1", "AUC");
    text += padded("genre", width) + head + "  " + head + "\n";
    for (std::size_t i = 0; i < evaluation.labels.size(); ++i) {
        text += padded(evaluation.labels[i], width);
        for (const LevelMetrics* level : {&evaluation.metrics.segments, &evaluation.metrics.tracks}) {
            const ClassMetrics& each = level->classes[i];
            text +=
                fmt::format("{} {:>7}{:>7}{:>7}{:>7}{:>7}", level == &evaluation.metrics.tracks ? "  " : "", each.items,
                            figure(each.precision), figure(each.recall), figure(each.f1), figure(each.auc));
        }
        text += "\n";
    }
    return text;
}

std::string confusion(const Evaluation& evaluation, std::size_t width) {
    std::string text = "Confusion of tracks (rows: truth, columns: verdict)\n";
    std::size_t cell = 4;
    for (const std::string& label : evaluation.labels) cell = std::max(cell, std::min<std::size_t>(columns(label), 9));
    const auto shortened = [cell](const std::string& label) {
        std::string result;
        for (const char c : label) {
            const bool starts = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
            if (starts && columns(result) == cell) break;
            result += c;
        }
        return std::string(cell - columns(result), ' ') + result;
    };
    text += padded("", width);
    for (const std::string& label : evaluation.labels) text += fmt::format(" {}", shortened(label));
    text += "\n";
    const std::size_t classes = evaluation.labels.size();
    for (std::size_t row = 0; row < classes; ++row) {
        text += padded(evaluation.labels[row], width);
        for (std::size_t column = 0; column < classes; ++column) {
            const std::int64_t count = evaluation.metrics.tracks.confusion[row * classes + column];
            text += fmt::format(" {:>{}}", count > 0 ? std::to_string(count) : ".", cell);
        }
        text += "\n";
    }
    return text;
}

}  // namespace

std::string to_table(const Evaluation& evaluation) {
    std::size_t width = 6;
    for (const std::string& label : evaluation.labels) width = std::max(width, columns(label));
    std::string named;
    if (evaluation.threshold) {
        named = fmt::format("threshold {:.3f}: {}", *evaluation.threshold, naming_of(evaluation));
    }
    return fmt::format("model  {}\nsplit  {}\npart   {}\n{}\n{}{}\n{}\n{}", evaluation.model, evaluation.split,
                       evaluation.part, honesty(evaluation), figures(evaluation.metrics), named,
                       genres(evaluation, width), confusion(evaluation, width));
}

}  // namespace earmark::evaluation

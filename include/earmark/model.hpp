#pragma once

/// @file
/// The model file: a safetensors file (https://github.com/huggingface/safetensors) whose metadata hold all that is
/// needed to use its tensors right. `docs/reference/model-file.md` describes it field by field.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earmark/export.h"
#include "earmark/features.hpp"
#include "earmark/segments.hpp"
#include "earmark/tensor.hpp"

namespace earmark {

/// A network by name and options. Names: "mlp", "cnn", "lstm"; `docs/internals/networks.md` gives the options of each.
struct NetworkDescription {
    std::string name;
    /// The options as a JSON object; those left out have their defaults.
    std::string options = "{}";
};

/// What makes a network's outputs probabilities that can be believed; `docs/guide/calibration.md` says how it is fitted.
struct Calibration {
    /// Divides the logits of a segment before softmax (Guo et al., "On Calibration of Modern Neural Networks", 2017):
    /// above 1 makes the network less sure of itself. More than 0.
    double temperature = 1.0;
    /// A track whose most probable genre is less probable than this, 0 … 1, is uncertain; none: no track is.
    std::optional<double> threshold;
    /// What it was fitted on, and what came of it: a JSON object (`docs/reference/model-file.md`).
    std::string fit = "{}";

    bool operator==(const Calibration&) const = default;
};

/// How a network's outputs become probabilities.
enum class Activation {
    softmax,  ///< one label holds: the probabilities' sum is 1
    sigmoid,  ///< any number of labels hold: each probability stands for itself
};

/// The name of an activation: "softmax" or "sigmoid".
EARMARK_API std::string_view to_string(Activation activation) noexcept;

/// What a label names.
enum class LabelGroup { genre, mood, instrument, voice, decade, other, not_music };

/// The name of a group: "genre", "mood", "instrument", "voice", "decade", "other" or "not music".
EARMARK_API std::string_view to_string(LabelGroup group) noexcept;
/// The group of that name. @throws Error bad_option
EARMARK_API LabelGroup label_group(std::string_view name);

/// What is known of a label beside its name. Thresholds are those of a track, and fitted on validation data.
struct LabelDetails {
    LabelGroup group = LabelGroup::genre;
    std::optional<double> threshold;          ///< least probability at which the label holds, by the best F1
    std::optional<double> precise_threshold;  ///< the same by a precision of 0.8, no lower than `threshold`

    bool operator==(const LabelDetails&) const = default;
};

/// Tells music from what is none by the probabilities of a track: a logistic rule on groups of labels, each as probable
/// as its most probable label. With p that probability, at least `floor`, a track is no music when
/// bias + Σ weight · ln p > 0. It is then the most probable of the groups that are no music.
struct MusicRule {
    /// Labels that stand for music, or for a kind of what is none.
    struct Group {
        std::string name;  ///< for people: "music", "speech", "animals" …
        bool is_music = false;
        double weight = 0.0;
        std::vector<std::size_t> labels;  ///< their indices, at least one

        bool operator==(const Group&) const = default;
    };

    std::vector<Group> groups;  ///< at least one of music, and one of what is none
    double bias = 0.0;
    double floor = 1e-4;  ///< more than 0, at most 1

    bool operator==(const MusicRule&) const = default;
};

/// A trained model: a network, its weights, and what it takes to feed and to read it.
struct Model {
    std::string name;          ///< for people, for instance "gtzan-cnn"
    std::string licence;       ///< SPDX identifier of the licence of the weights
    std::string authors;       ///< who trained the weights, and where they come from; empty for Earmark's own
    std::string licence_text;  ///< the whole licence, where the weights must carry it
    NetworkDescription network;
    FeatureOptions features;
    SegmentOptions segments;
    std::vector<std::string> labels;  ///< genres, in the order of the network's outputs; at least two
    Activation activation = Activation::softmax;
    std::vector<LabelDetails> label_details;  ///< one a label; or empty: all are genres without thresholds
    std::optional<MusicRule> music_rule;      ///< of models that know what is no music
    /// Weights by name, and "input.mean" and "input.scale" (one value a coefficient: the network sees
    /// (x - mean) · scale).
    std::map<std::string, Tensor> tensors;
    Calibration calibration;
    /// How it was trained, on what, and how well it did: a JSON object with "training" and "evaluation".
    std::string provenance = "{}";
};

/// Reads and checks a model file: the header, every tensor's place, shape and values, the network's description.
/// Nothing in the file is trusted and no code is run from it.
/// @throws Error not_found, unreadable, corrupt, unsupported (written by a newer version)
EARMARK_API Model load_model(const std::filesystem::path& path);

/// Writes a model file: to a temporary file beside it, synced, then renamed over `path`.
/// @throws Error cannot_write; bad_option when the model contradicts itself
EARMARK_API void save_model(const Model& model, const std::filesystem::path& path);

/// The model that is used when none is named: $EARMARK_MODEL, else the one installed with the library or lying beside
/// the program (../share/earmark/models/default.safetensors). @throws Error not_found
EARMARK_API std::filesystem::path default_model_path();

/// The file that a user's word for a model means: that file, if there is one; else the model NAME.safetensors that
/// ships (beside the default one); the default one for an empty word.
/// @throws Error not_found, with the names that there are
EARMARK_API std::filesystem::path model_path(const std::filesystem::path& file_or_name);

/// The model that ships and has a MusicRule, yamnet; none where it is not installed.
EARMARK_API std::optional<std::filesystem::path> music_check_path();

}  // namespace earmark

#pragma once

/// @file
/// From sound to prediction: what a player or a tagger needs of Earmark.
///
///     earmark::Classifier classifier(earmark::default_model_path());
///     earmark::Prediction prediction = classifier.classify("track.mp3");
///     std::cout << classifier.labels()[prediction.best()] << '\n';

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "earmark/error.hpp"
#include "earmark/model.hpp"

namespace earmark {

/// What the network says of one segment.
struct SegmentPrediction {
    double start_seconds = 0.0;
    double end_seconds = 0.0;
    std::vector<float> probabilities;  ///< one a label, their sum is 1; calibrated (see Calibration)
};

/// What Earmark says of one track.
struct Prediction {
    double duration_seconds = 0.0;     ///< of the audio that was decoded; with excerpts: see AudioReader::seconds
    std::vector<float> probabilities;  ///< mean of the segments' probabilities: one a label, their sum is 1
    bool uncertain = false;            ///< whether the most probable label is less so than Calibration::threshold
    std::vector<SegmentPrediction> segments;  ///< the course over time, in order
    /// Where the network puts the track among all music: tracks that it analyzes alike have embeddings with a large dot
    /// product. The mean, scaled to length 1, of what the network's last dense layer takes of each segment that is not
    /// silent, itself scaled to length 1; of an ensemble, these vectors of its networks one after the other. All zero
    /// when every segment is silent. To be compared within one model only.
    std::vector<float> embedding;
    std::vector<std::string> warnings;  ///< what was odd about the audio, a sentence each

    /// Index of the most probable label.
    std::size_t best() const;
    /// Indices of the labels, most probable first; equal ones in the order of the labels.
    std::vector<std::size_t> ranking() const;
};

/// How files are to be analyzed.
struct ClassifyOptions {
    /// Segments to analyze of a track; 0 analyzes all. A track that has more is parted into as many equal stretches, and of
    /// each the segment in the middle is sought out and decoded, nothing else. Segments, and their features, are those
    /// of the whole, but for the floor of `top_db`: it is set by the loudest moment of the segment and not of its
    /// block, the rest of which is not analyzed (see SegmentOptions). The whole is analyzed when the track has no more
    /// segments than that, when it cannot be sought in, and when it turns out to be shorter than it declares.
    int excerpts = 0;
    /// Threads to work on, 0: one a core. Of many files each takes one thread; while there are fewer files than
    /// threads, a file that is analyzed whole is decoded on one thread and judged on another.
    int threads = 1;
};

/// Names the genre of music. A classifier is loaded once and may be used from several threads at the same time. What it
/// says of a file is the same, bit for bit, however many threads work on it.
///
/// A silent segment (see Segment::silent) says nothing of genre: it is given equal probabilities without asking the
/// network.
class Classifier {
  public:
    /// Loads a model file. @throws Error as load_model
    explicit Classifier(const std::filesystem::path& model);
    /// Takes a model from memory. @throws Error corrupt
    explicit Classifier(Model model);
    ~Classifier();
    Classifier(Classifier&&) noexcept;
    Classifier& operator=(Classifier&&) noexcept;

    const Model& model() const noexcept;
    const std::vector<std::string>& labels() const noexcept;

    /// Hears a file. @throws Error as AudioReader; too_short when there is less than one frame of audio; bad_option
    /// when an option is negative
    Prediction classify(const std::filesystem::path& file, const ClassifyOptions& options = {}) const;

    /// What came of one file of several.
    using Result = std::variant<Prediction, Error>;

    /// Hears files. `take(index, outcome)` is called on this thread, in the order of the files, as soon as a file and
    /// all before it are done. What it throws ends the work and is thrown on. @throws Error bad_option
    void classify_all(std::span<const std::filesystem::path> files, const ClassifyOptions& options,
                      const std::function<void(std::size_t, const Result&)>& take) const;

    /// Hears mono samples at `model().features.sample_rate`. @throws Error too_short
    Prediction classify(std::span<const float> samples) const;

    /// Probabilities of segments whose features are at hand: `inputs` holds segments × frames × coefficients values as
    /// the model's options make them, before standardisation. Returns segments × labels values, calibrated.
    /// @throws Error bad_data when the number of values is not a multiple of a segment's, or one is not finite
    std::vector<float> probabilities(std::span<const float> inputs) const;

    /// As `probabilities`, but the network's outputs before calibration and softmax.
    std::vector<float> logits(std::span<const float> inputs) const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earmark

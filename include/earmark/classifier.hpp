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
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "earmark/audio.hpp"
#include "earmark/error.hpp"
#include "earmark/export.h"
#include "earmark/model.hpp"
#include "earmark/sink.hpp"

namespace earmark {

/// What the network says of one segment.
struct SegmentPrediction {
    double start_seconds = 0.0;  ///< from the start of the track
    double end_seconds = 0.0;    ///< no later than the end of the track
    /// One a label, calibrated (see Calibration). Of a model of one label in several (Activation::softmax) their sum is
    /// 1, of a model of many labels (Activation::sigmoid) each is 0 … 1 and stands for itself.
    std::vector<float> probabilities;
};

/// What Earmark says of one track.
struct EARMARK_API Prediction {
    double duration_seconds = 0.0;  ///< of the audio that was decoded; with excerpts: see AudioReader::seconds
    /// Mean of the segments' probabilities: one a label. Of a model of many labels, silent segments have no part in it.
    std::vector<float> probabilities;
    /// Whether the most probable label is less so than Calibration::threshold. Of a model of many labels: whether no
    /// genre holds (see holding_labels), though the model knows some.
    bool uncertain = false;
    /// What the track is, if it is no music: "speech", "noise", "animals" … of a model that has a Model::music_rule, and
    /// "silence" of every model, when all segments are silent. Then the probabilities say nothing of its genre. In a
    /// ClassifierGroup, what one model finds to be no music is none to the others either.
    std::optional<std::string> not_music;
    std::vector<SegmentPrediction> segments;  ///< the course over time, in order
    /// The position of the track among all music, as a vector of length 1. Tracks that sound alike to the network have
    /// embeddings with a large dot product, at most 1. Its size depends on the model, and only embeddings of the same
    /// model can be compared. It is the mean over the segments that are not silent of the input of the network's last
    /// dense layer, each scaled to length 1, and then itself scaled to length 1. An ensemble has the vectors of its
    /// networks one after the other. All zero when every segment is silent.
    std::vector<float> embedding;
    std::vector<std::string> warnings;  ///< what was odd about the audio, a sentence each

    /// Index of the most probable label.
    std::size_t best() const;
    /// Indices of the labels, most probable first; equal ones in the order of the labels.
    std::vector<std::size_t> ranking() const;
};

/// The labels that hold of a track, most probable first. Of a model of one label in several that is the most probable
/// one. Of a model of many labels, those at least as probable as their LabelDetails::threshold, or 0.5 where they have
/// none: as many as there are, perhaps none.
/// @param probabilities  one a label: Prediction::probabilities
/// @param precise        whether LabelDetails::precise_threshold counts, where there is one
EARMARK_API std::vector<std::size_t> holding_labels(const Model& model, std::span<const float> probabilities,
                                                    bool precise = false);

/// What a label names: LabelDetails::group, or a genre where the model does not say.
EARMARK_API LabelGroup label_group(const Model& model, std::size_t label);

/// The most probable label that is a genre (LabelGroup::genre); none when the model knows no genre.
/// @param probabilities  one a label: Prediction::probabilities
EARMARK_API std::optional<std::size_t> best_genre(const Model& model, std::span<const float> probabilities);

/// How files are to be analyzed.
struct ClassifyOptions {
    /// Segments to analyze of a track; 0 analyzes all. A track that has more is parted into as many equal stretches, and of
    /// each the segment in the middle is sought out and decoded, nothing else. Segments, and their features, are those
    /// of the whole, but for the floor of `top_db`: it is set by the loudest moment of the segment and not of its
    /// block, the rest of which is not analyzed (see SegmentOptions). The whole is analyzed when the track has no more
    /// segments than that, when it cannot be sought in, and when it turns out to be shorter than it declares.
    int excerpts = 0;
    /// Of a ClassifierGroup: the same for each of its models, where they differ; empty: `excerpts` for all.
    std::vector<int> excerpts_by_model = {};
    /// Threads to work on, 0: one a core. Of many files each takes one thread; while there are fewer files than
    /// threads, a file that is analyzed whole is decoded on one thread and judged on another.
    int jobs = 1;
    /// Name of a buffer or a stream, see AudioOptions::name. Not used for files.
    std::string name = {};
};

/// Names the genre of music. A classifier is loaded once and may be used from several threads at the same time. What it
/// says of a file is the same, bit for bit, however many threads work on it.
///
/// A silent segment (see Segment::silent) says nothing of genre: it is given equal probabilities without asking the
/// network; of a model of many labels, 0 each.
///
/// To analyze a file with several models, decode it once: see ClassifierGroup.
class EARMARK_API Classifier {
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

    /// Analyzes a file. @throws Error as AudioReader; too_short when there is less than one frame of audio; bad_option
    /// when an option is negative
    Prediction classify(const std::filesystem::path& file, const ClassifyOptions& options = {}) const;

    /// Analyzes the bytes of a file that is in memory: as the file, bit for bit. @throws Error as for a file, less
    /// not_found, unreadable and changed
    Prediction classify(std::span<const std::byte> bytes, const ClassifyOptions& options = {}) const;

    /// Analyzes the bytes of a file that come from `source`, which need not be seekable: as the file, bit for bit. With
    /// several threads the source is called on another thread. @throws Error as AudioReader; what the source throws
    Prediction classify(ByteSource source, const ClassifyOptions& options = {}) const;

    /// The same for a standard stream, opened in binary mode. @throws Error as AudioReader
    Prediction classify(std::istream& stream, const ClassifyOptions& options = {}) const;

    /// Analyzes what a reader gives, which stands at its beginning and has the rate of `model().features`. Errors call it
    /// `ClassifyOptions::name`. @throws Error as AudioReader; too_short; bad_option
    Prediction classify(AudioReader reader, const ClassifyOptions& options = {}) const;

    /// What came of one file of several.
    using Result = std::variant<Prediction, Error>;

    /// Opens one file of several. Called on several threads.
    using Open = std::function<AudioReader(const std::filesystem::path& file, const AudioOptions& options)>;

    /// Analyzes files. `take(index, outcome)` is called on this thread, in the order of the files, as soon as a file and
    /// all before it are done. What it throws ends the work and is thrown on. `open` opens the files in a way of its own; left
    /// out, each is opened by its path. @throws Error bad_option
    void classify_all(std::span<const std::filesystem::path> files, const ClassifyOptions& options,
                      const Sink<std::size_t, const Result&>& take, const Open& open = {}) const;

    /// Analyzes samples of any rate and number of channels: they are mixed to mono and resampled as those of a file
    /// are. @throws Error too_short; bad_option for a rate or a channel count out of range; bad_data when the last
    /// frame is not whole
    Prediction classify(const Samples& samples) const;

    /// Analyzes mono samples at `model().features.sample_rate`. @throws Error too_short
    Prediction classify(std::span<const float> samples) const;

    /// Probabilities of segments whose features are at hand: `inputs` holds segments × frames × coefficients values as
    /// the model's options make them, before standardisation. Returns segments × labels values, calibrated.
    /// @throws Error bad_data when the number of values is not a multiple of a segment's, or one is not finite
    std::vector<float> probabilities(std::span<const float> inputs) const;

    /// As `probabilities`, but the network's outputs before calibration and activation.
    std::vector<float> logits(std::span<const float> inputs) const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earmark

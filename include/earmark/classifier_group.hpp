#pragma once

/// @file
/// One file, several models: the audio is decoded once, whatever rates, features and segments the models have.
///
///     earmark::ClassifierGroup group({earmark::model_path("default"), earmark::model_path("msd-musicnn")});
///     std::vector<earmark::Prediction> predictions = group.classify("track.mp3");
///     for (std::size_t label : earmark::holding_labels(group.model(1), predictions[1].probabilities))
///         std::cout << group.model(1).labels[label] << '\n';

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "earmark/classifier.hpp"

namespace earmark {

/// Analyzes files with several models at once. Each prediction is that of a Classifier of the model alone, bit for bit;
/// with `ClassifyOptions::excerpts`, to the extent that AudioReader::skip_to is exact. One thing is shared: a track that
/// one model finds to be no music (Prediction::not_music) is none to the others either.
///
/// May be used from several threads at the same time.
class EARMARK_API ClassifierGroup {
  public:
    /// Loads model files, at least one. @throws Error as load_model; bad_option when none is given
    explicit ClassifierGroup(const std::vector<std::filesystem::path>& models);
    /// Takes models from memory, at least one. @throws Error corrupt; bad_option when none is given
    explicit ClassifierGroup(std::vector<Model> models);
    ~ClassifierGroup();
    ClassifierGroup(ClassifierGroup&&) noexcept;
    ClassifierGroup& operator=(ClassifierGroup&&) noexcept;

    /// Number of models.
    std::size_t size() const noexcept;
    /// A model, in the order in which they were given.
    const Model& model(std::size_t index) const;

    /// The rate at which a reader for `classify` is to be opened: 0, that of the file, since each model's rate is made from
    /// it (see AudioOptions::sample_rate); that of the model where there is one alone.
    int sample_rate() const noexcept;

    /// Analyzes a file: a prediction a model, in their order. @throws Error as Classifier::classify
    std::vector<Prediction> classify(const std::filesystem::path& file, const ClassifyOptions& options = {}) const;

    /// The same for the bytes of a file in memory.
    std::vector<Prediction> classify(std::span<const std::byte> bytes, const ClassifyOptions& options = {}) const;

    /// The same for the bytes of a file that come from `source`.
    std::vector<Prediction> classify(ByteSource source, const ClassifyOptions& options = {}) const;

    /// The same for a standard stream, opened in binary mode.
    std::vector<Prediction> classify(std::istream& stream, const ClassifyOptions& options = {}) const;

    /// Analyzes what a reader gives, which stands at its beginning and was opened at `sample_rate()`.
    std::vector<Prediction> classify(AudioReader reader, const ClassifyOptions& options = {}) const;

    /// Analyzes samples of any rate and number of channels.
    std::vector<Prediction> classify(const Samples& samples) const;

    /// What came of one file of several.
    using Result = std::variant<std::vector<Prediction>, Error>;

    /// Analyzes files: see Classifier::classify_all. `open` is given `sample_rate()` to open them at.
    void classify_all(std::span<const std::filesystem::path> files, const ClassifyOptions& options,
                      const Sink<std::size_t, const Result&>& take, const Classifier::Open& open = {}) const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earmark

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/output/output_options.hpp"
#include "earmark/classifier_group.hpp"

namespace earmark::commands {

/// How `classify` shows predictions.
struct PredictionFormat {
    cli::OutputOptions output;
    int top = 0;            ///< genres or tags to show of each file in a table; 0: three genres, all tags that hold
    bool segments = false;  ///< a line a segment, too
    bool precise = false;   ///< tags hold by their precise thresholds
};

/// Writes the predictions of files with the same models.
class PredictionWriter {
  public:
    PredictionWriter() = default;
    virtual ~PredictionWriter() = default;
    PredictionWriter(const PredictionWriter&) = delete;
    PredictionWriter& operator=(const PredictionWriter&) = delete;

    /// @param predictions  one a model
    virtual void write(const std::filesystem::path& path, const std::vector<Prediction>& predictions) = 0;
    /// Writes why a file has no prediction, where the format has room for it.
    virtual void write(const std::filesystem::path& path, const Error& error) = 0;
    virtual void finish() = 0;
    /// Explains the marks of the table; empty when it has none.
    virtual std::string legend() const { return ""; }
};

/// A model, and the name by which results call it.
struct NamedModel {
    std::string name;
    const Model* model = nullptr;
};

/// One JSON object a file, for any models.
std::unique_ptr<PredictionWriter> make_json_writer(std::vector<NamedModel> models, const PredictionFormat& format);

/// A table or CSV file for one model of one genre in several: a line a file or a segment.
std::unique_ptr<PredictionWriter> make_genre_writer(const Model& model, const PredictionFormat& format);

/// For several models, or one of many labels: a paragraph a file, or a CSV file with a line for each label.
std::unique_ptr<PredictionWriter> make_tag_writer(std::vector<NamedModel> models, const PredictionFormat& format);

/// The one of these that fits.
std::unique_ptr<PredictionWriter> make_prediction_writer(std::vector<NamedModel> models,
                                                         const PredictionFormat& format);

}  // namespace earmark::commands

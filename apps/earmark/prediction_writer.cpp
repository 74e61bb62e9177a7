#include "earmark/prediction_writer.hpp"

#include <utility>

#include "cli/messages.hpp"
#include "cli/output/records.hpp"
#include "earmark/prediction_text.hpp"

namespace earmark::commands {

namespace {

class JsonWriter : public PredictionWriter {
  public:
    JsonWriter(std::vector<NamedModel> models, const PredictionFormat& format)
        : models_(std::move(models)), precise_(format.precise), records_(format.output, {}) {}

    void write(const std::filesystem::path& path, const std::vector<Prediction>& predictions) override {
        records_.write_json(predictions_json(path, models_, predictions, precise_));
    }

    void write(const std::filesystem::path& path, const Error& error) override {
        records_.write_json(error_json(path, to_string(error.code()), cli::with_options(error.what())));
    }

    void finish() override { records_.finish(); }

  private:
    std::vector<NamedModel> models_;
    bool precise_;
    cli::RecordWriter records_;
};

}  // namespace

std::unique_ptr<PredictionWriter> make_json_writer(std::vector<NamedModel> models, const PredictionFormat& format) {
    return std::make_unique<JsonWriter>(std::move(models), format);
}

std::unique_ptr<PredictionWriter> make_prediction_writer(std::vector<NamedModel> models,
                                                         const PredictionFormat& format) {
    if (format.output.format == cli::OutputFormat::json) return make_json_writer(std::move(models), format);
    const bool genres = models.size() == 1 && models.front().model->activation == Activation::softmax;
    if (genres) return make_genre_writer(*models.front().model, format);
    return make_tag_writer(std::move(models), format);
}

}  // namespace earmark::commands

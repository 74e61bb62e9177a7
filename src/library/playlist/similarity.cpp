#include "library/playlist/similarity.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/throw.hpp"
#include "library/tagging/packing.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

double dot_product(std::span<const float> a, std::span<const float> b) {
    // Sums beside one another, which the compiler may keep in a vector.
    std::array<float, 16> sums{};
    std::size_t i = 0;
    for (; i + sums.size() <= a.size(); i += sums.size()) {
        for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += a[i + k] * b[i + k];
    }
    double sum = 0.0;
    for (const float part : sums) sum += static_cast<double>(part);
    for (; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

}  // namespace

Match SimilarityIndex::of(std::span<const float> embedding) const {
    Match best{-2.0, 0};
    for (std::size_t i = 0; i < embeddings_.size(); ++i) {
        if (embedding.size() != embeddings_[i].size()) {
            base::fail(
                ErrorCode::corrupt,
                "the index holds embeddings of {} and of {} values of one model. Move the index away and scan anew.",
                embeddings_[i].size(), embedding.size());
        }
        // Rounding can push the cosine above 1.
        const double similarity = std::clamp(dot_product(embedding, embeddings_[i]), -1.0, 1.0);
        if (similarity > best.similarity) best = {similarity, i};
    }
    return best;
}

std::unordered_map<files::ContentHash::Digest, Match, DigestHash> SimilarityIndex::of_sounds(Index& index,
                                                                                             std::int64_t model) const {
    std::unordered_map<files::ContentHash::Digest, Match, DigestHash> found;
    Statement rows =
        index.database().prepare("SELECT content, embedding FROM verdicts WHERE model = ? AND embedding IS NOT NULL");
    rows.bind(model);
    const std::shared_ptr<const IndexedModel> by = IndexedModels(index.database()).at(model);
    while (rows.step()) found.emplace(digest_of(rows.bytes(0)), of(by->embedding(rows.bytes(1))));
    return found;
}

std::shared_ptr<const IndexedModel> best_for_similarity(Index& index) {
    static constexpr std::array<std::string_view, 3> best_first{"msd-musicnn", "yamnet", "mtt-musicnn"};
    std::shared_ptr<const IndexedModel> best = choose_model(index, std::nullopt);
    const IndexedModels models(index.database());
    Statement rows = index.database().prepare(
        "SELECT verdicts.model, count(*) FROM files JOIN verdicts ON verdicts.content = files.content "
        "WHERE files.state = 0 AND files.gone IS NULL AND embedding IS NOT NULL GROUP BY verdicts.model");
    std::map<std::int64_t, std::int64_t> files;
    while (rows.step()) files[rows.integer(0)] = rows.integer(1);
    const auto rank = [&](const IndexedModel& model) {
        return std::ranges::find(best_first, model.name) - best_first.begin();
    };
    for (const auto& [id, count] : files) {
        const std::shared_ptr<const IndexedModel> model = models.at(id);
        constexpr double nearly = 0.9;
        if (static_cast<double>(count) < nearly * static_cast<double>(files[best->id])) continue;
        if (rank(*model) < rank(*best)) best = model;
    }
    return best;
}

Seeds::Seeds(Index& index, fs::path model_file, bool given, std::shared_ptr<const IndexedModel> by)
    : index_(index), model_file_(std::move(model_file)), model_(std::move(by)) {
    if (!model_) model_ = given ? choose_model(index, model_file_) : best_for_similarity(index);
}

TrackContent Seeds::content_of(const fs::path& file, Track& track) {
    track.path = files::normal_path(file);
    const std::optional<IndexedFile> known = index_.find(track.path);
    if (known && known->content) {
        std::error_code error;
        // One that is missing is known all the same.
        if (!fs::exists(track.path, error) || files::read_stamp(track.path) == known->stamp) {
            track.file = known->id;
            return *known->content;
        }
    }
    return read_track_content(file);
}

bool Seeds::read_prediction(const files::ContentHash::Digest& content, Seed& seed_track) {
    Statement row = index_.database().prepare(
        "SELECT embedding, genre, probability, uncertain, duration FROM verdicts "
        "WHERE content = ? AND model = ? AND embedding IS NOT NULL");
    if (!row.bind(content, model_->id).step()) return false;
    seed_track.embedding = model_->embedding(row.bytes(0));
    seed_track.track.genre = row.text(1);
    seed_track.track.probability = row.real(2);
    seed_track.track.uncertain = row.integer(3) != 0;
    seed_track.track.duration_seconds = row.real(4);
    return true;
}

std::optional<fs::path> Seeds::file_of_model() const {
    if (files::to_string(files::hash_of_file(model_file_)) == model_->fingerprint) return model_file_;
    try {
        const fs::path shipped = model_path(model_->name);
        if (files::to_string(files::hash_of_file(shipped)) == model_->fingerprint) return shipped;
    } catch (const Error&) {  // there is none of its name
    }
    return std::nullopt;
}

void Seeds::analyze(Seed& seed_track) {
    Track& track = seed_track.track;
    if (!classifier_) {
        const std::optional<fs::path> file = file_of_model();
        if (!file) {
            base::fail(
                ErrorCode::not_found,
                "{}: is not in the index, whose tracks were analyzed with the model \"{}\", and {} is another one. "
                "Scan the track, or name the file of that model as `model`.",
                track.path.string(), model_->name, model_file_.string());
        }
        classifier_.emplace(*file);
    }
    Prediction prediction = classifier_->classify(track.path, {.jobs = 2});
    const std::optional<std::size_t> genre = best_genre(model_->description, prediction.probabilities);
    if (genre && !prediction.not_music) {
        track.genre = model_->labels[*genre];
        track.probability = static_cast<double>(prediction.probabilities[*genre]);
    }
    track.uncertain = prediction.uncertain;
    track.duration_seconds = prediction.duration_seconds;
    seed_track.embedding = std::move(prediction.embedding);
}

Seed Seeds::find(const fs::path& file) {
    Seed seed_track;
    Track& track = seed_track.track;
    const TrackContent content = content_of(file, track);
    track.content = content.hash;
    track.tag_genres = genres_of_tag(content.tags.genres);
    track.artist = content.tags.artist;
    track.title = content.tags.title;
    track.model = model_;
    if (!read_prediction(content.hash, seed_track)) analyze(seed_track);
    if (std::ranges::all_of(seed_track.embedding, [](float value) { return value == 0.0F; })) {
        base::fail(ErrorCode::bad_data, "{}: is silent, so nothing is similar to it. Name another track.",
                   file.string());
    }
    return seed_track;
}

}  // namespace earmark::library

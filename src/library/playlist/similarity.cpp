#include "library/playlist/similarity.hpp"

#include <algorithm>
#include <array>

#include "base/throw.hpp"
#include "library/tagging/packing.hpp"

namespace earmark {

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

/// The model that most files were last heard with, of equals the latest.
std::int64_t most_used_model(Database& database) {
    return database.number(
        "SELECT model FROM files WHERE state = 0 AND gone IS NULL AND model IS NOT NULL "
        "GROUP BY model ORDER BY count(*) DESC, model DESC LIMIT 1");
}

}  // namespace

Alike Likeness::of(std::span<const float> embedding) const {
    Alike best{-2.0, 0};
    for (std::size_t i = 0; i < embeddings_.size(); ++i) {
        if (embedding.size() != embeddings_[i].size()) {
            fail(ErrorCode::corrupt,
                 "the index holds embeddings of {} and of {} values of one model. Move the index away and scan anew.",
                 embeddings_[i].size(), embedding.size());
        }
        // Rounding must not make anything liker than equal.
        const double similarity = std::clamp(dot_product(embedding, embeddings_[i]), -1.0, 1.0);
        if (similarity > best.similarity) best = {similarity, i};
    }
    return best;
}

std::unordered_map<ContentHash::Digest, Alike, DigestHash> Likeness::of_sounds(Index& index, std::int64_t model) const {
    std::unordered_map<ContentHash::Digest, Alike, DigestHash> found;
    Statement rows =
        index.database().prepare("SELECT content, embedding FROM verdicts WHERE model = ? AND embedding IS NOT NULL");
    rows.bind(model);
    while (rows.step()) found.emplace(digest_of(rows.bytes(0)), of(unpack_embedding(rows.bytes(1))));
    return found;
}

Exemplars::Exemplars(Index& index, fs::path model_file, bool given)
    : index_(index), model_file_(std::move(model_file)) {
    const std::string where = index.database().path().string();
    std::optional<std::int64_t> model = most_used_model(index.database());
    if (*model == 0) {
        fail(ErrorCode::not_found, "{}: no song was heard yet. `earmark scan FOLDER` hears them.", where);
    }
    const IndexedModels models(index.database());
    if (given) {
        model = index.find_model(to_string(hash_of_file(model_file_)));
        if (!model) {
            fail(ErrorCode::not_found,
                 "{}: no song of the index was heard with this model; most were with \"{}\". Name the file of that "
                 "one, or scan with this one.",
                 model_file_.string(), models.at(most_used_model(index.database()))->name);
        }
    }
    model_ = models.at(*model);
}

AudioContent Exemplars::content_of(const fs::path& file, Song& song) {
    song.path = normal_path(file);
    const std::optional<IndexedFile> known = index_.find(song.path);
    if (known && known->content) {
        std::error_code error;
        // One that is gone is known all the same.
        if (!fs::exists(song.path, error) || stamp_of(song.path) == known->stamp) {
            song.file = known->id;
            return *known->content;
        }
    }
    return read_content(file);
}

bool Exemplars::read_verdict(const ContentHash::Digest& content, Exemplar& exemplar) {
    Statement row = index_.database().prepare(
        "SELECT embedding, genre, probability, uncertain, duration FROM verdicts "
        "WHERE content = ? AND model = ? AND embedding IS NOT NULL");
    if (!row.bind(content, model_->id).step()) return false;
    exemplar.embedding = unpack_embedding(row.bytes(0));
    exemplar.song.genre = row.text(1);
    exemplar.song.probability = row.real(2);
    exemplar.song.uncertain = row.integer(3) != 0;
    exemplar.song.duration_seconds = row.real(4);
    return true;
}

void Exemplars::hear(Exemplar& exemplar) {
    Song& song = exemplar.song;
    if (!classifier_) {
        if (to_string(hash_of_file(model_file_)) != model_->fingerprint) {
            fail(ErrorCode::not_found,
                 "{}: is not in the index, whose songs were heard with the model \"{}\", and {} is another one. Scan "
                 "the song, or name the file of that model with --model.",
                 song.path.string(), model_->name, model_file_.string());
        }
        classifier_.emplace(model_file_);
    }
    Verdict verdict = classifier_->classify(song.path, {.threads = 2});
    song.genre = model_->labels[verdict.best()];
    song.probability = static_cast<double>(verdict.probabilities[verdict.best()]);
    song.uncertain = verdict.uncertain;
    song.duration_seconds = verdict.duration_seconds;
    exemplar.embedding = std::move(verdict.embedding);
}

Exemplar Exemplars::find(const fs::path& file) {
    Exemplar exemplar;
    Song& song = exemplar.song;
    const AudioContent content = content_of(file, song);
    song.content = content.hash;
    song.genre_tag = content.genre;
    song.artist = content.artist;
    song.title = content.title;
    song.model = model_;
    if (!read_verdict(content.hash, exemplar)) hear(exemplar);
    if (std::ranges::all_of(exemplar.embedding, [](float value) { return value == 0.0F; })) {
        fail(ErrorCode::bad_data, "{}: is silent, so nothing is like it. Name another song.", file.string());
    }
    return exemplar;
}

}  // namespace earmark

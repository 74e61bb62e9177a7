#include "library/scan/scan_models.hpp"

#include <algorithm>

#include "base/throw.hpp"

namespace earmark::library {

bool KnownContents::contains(const files::ContentHash::Digest& digest) const {
    const std::scoped_lock lock(mutex_);
    return digests_.contains(digest);
}

bool KnownContents::add(const files::ContentHash::Digest& digest) {
    const std::scoped_lock lock(mutex_);
    return digests_.insert(digest).second;
}

ScanModels::ScanModels(Index& index, const std::vector<std::filesystem::path>& files, int excerpts)
    : excerpts_(excerpts) {
    if (files.empty()) base::fail(ErrorCode::bad_option, "`model`: there is none to analyze with. Name one.");
    for (const std::filesystem::path& file : files) {
        ScanModel model{file, files::to_string(files::hash_of_file(file)), {}, nullptr};
        if (std::ranges::find(models_, model.fingerprint, &ScanModel::fingerprint) != models_.end()) {
            base::fail(ErrorCode::bad_option, "`model`: {} is named twice. Name each model once.", file.string());
        }
        model.number = index.find_model(model.fingerprint);
        model.known = std::make_unique<KnownContents>(model.number ? index.analyzed_contents(*model.number, excerpts)
                                                                   : Digests());
        models_.push_back(std::move(model));
    }
}

bool ScanModels::know(const files::ContentHash::Digest& content) const {
    return std::ranges::all_of(models_, [&](const ScanModel& model) { return model.known->contains(content); });
}

std::vector<std::size_t> ScanModels::missing(const files::ContentHash::Digest& content) const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < models_.size(); ++i) {
        if (!models_[i].known->contains(content)) places.push_back(i);
    }
    return places;
}

bool ScanModels::add(const files::ContentHash::Digest& content, const std::vector<ModelPrediction>& predictions) {
    bool any = false;
    for (const ModelPrediction& by : predictions) {
        const auto model = std::ranges::find(models_, std::optional(by.model), &ScanModel::number);
        if (model != models_.end()) any = model->known->add(content) || any;
    }
    return any;
}

void ScanModels::enter(Index& index) {
    Transaction transaction(index.database());
    for (ScanModel& model : models_) {
        if (!model.number) model.number = index.add_model(model.fingerprint, load_model(model.file));
    }
    transaction.commit();
}

std::optional<std::int64_t> ScanModels::naming(Index& index, std::optional<std::int64_t> now) const {
    for (const ScanModel& model : models_) {
        if (!model.number) return std::nullopt;
        if (!index.has_many_labels(*model.number)) return model.number;
    }
    return now && !index.has_many_labels(*now) ? now : models_.front().number;
}

std::shared_ptr<const ClassifierGroup> ScanModels::group(const std::vector<std::size_t>& places) {
    const std::scoped_lock lock(mutex_);
    std::shared_ptr<const ClassifierGroup>& group = groups_[places];
    if (!group) {
        std::vector<std::filesystem::path> files;
        for (const std::size_t place : places) files.push_back(models_[place].file);
        group = std::make_shared<const ClassifierGroup>(files);
    }
    return group;
}

}  // namespace earmark::library

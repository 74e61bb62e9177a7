#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "earmark/classifier_group.hpp"
#include "library/index/index.hpp"

namespace earmark::library {

/// The contents of which there are predictions already. Thread-safe.
class KnownContents {
  public:
    explicit KnownContents(Digests digests) : digests_(std::move(digests)) {}

    bool contains(const files::ContentHash::Digest& digest) const;
    /// @return whether it is new
    bool add(const files::ContentHash::Digest& digest);

  private:
    mutable std::mutex mutex_;
    Digests digests_;
};

/// The models that a scan analyzes with, and what each has analyzed before.
class ScanModels {
  public:
    /// @param excerpts  as Index::analyzed_contents
    /// @throws Error as hash_of_file; bad_option when there is no model, or one twice
    ScanModels(Index& index, const std::vector<std::filesystem::path>& files, int excerpts);

    std::size_t size() const noexcept { return models_.size(); }

    /// Whether each has analyzed a content.
    bool know(const files::ContentHash::Digest& content) const;

    /// The places of those that have not analyzed it.
    std::vector<std::size_t> missing(const files::ContentHash::Digest& content) const;

    /// Takes note of predictions that stand in the index. @return whether one was new
    bool add(const files::ContentHash::Digest& content, const std::vector<ModelPrediction>& predictions);

    /// Loads those that the index does not know, and enters them. Before `group` and `number`.
    void enter(Index& index);

    /// The number of a model in the index.
    std::int64_t number(std::size_t place) const { return *models_[place].number; }

    /// The model that names the genre of a file: the first that gives one label; without such a one that which does so
    /// now, or else the first. None before `enter` when the index does not know it.
    std::optional<std::int64_t> naming(Index& index, std::optional<std::int64_t> now) const;

    /// Some of the models, by their places, to analyze a file with. Loaded when first asked for. Thread-safe.
    std::shared_ptr<const ClassifierGroup> group(const std::vector<std::size_t>& places);

  private:
    struct ScanModel {
        std::filesystem::path file;
        std::string fingerprint;
        std::optional<std::int64_t> number;
        std::unique_ptr<KnownContents> known;
    };

    int excerpts_;
    std::vector<ScanModel> models_;
    std::mutex mutex_;
    std::map<std::vector<std::size_t>, std::shared_ptr<const ClassifierGroup>> groups_;
};

}  // namespace earmark::library

#include "dataset/store_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <utility>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "model/options_json.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

/// The labels of these indices, with semicolons between them.
std::string named_labels(const std::string& indices, const std::vector<std::string>& labels) {
    std::string names;
    std::istringstream words(indices);
    for (std::size_t index = 0; words >> index;) names += (names.empty() ? "" : "; ") + labels.at(index);
    return names;
}

void sync_folder(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);  // some file systems cannot sync folders; the files themselves are synced already
    ::close(descriptor);
}

}  // namespace

AtomicFolder::AtomicFolder(fs::path path) : path_(std::move(path)) {
    if (!path_.has_filename()) path_ = path_.parent_path();  // "name/"
    std::error_code error;
    if (fs::exists(fs::symlink_status(path_, error)) &&
        !(fs::is_directory(path_, error) && fs::is_empty(path_, error))) {
        base::fail(ErrorCode::cannot_write, "{}: exists already. Remove it first, or choose another name.",
                   path_.string());
    }
    std::random_device random;
    temporary_ = path_;
    temporary_ += fmt::format(".{:08x}.tmp", random());
    if (!fs::create_directory(temporary_, error)) {
        const bool missing = error == std::errc::no_such_file_or_directory;
        base::fail(ErrorCode::cannot_write, "{}: cannot be written: {}. {}", path_.string(), error.message(),
                   missing ? "Make its folder first." : "Choose a folder that you may write to.");
    }
}

AtomicFolder::~AtomicFolder() {
    std::error_code ignored;
    if (!committed_) fs::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
    sync_folder(temporary_);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
        base::fail(ErrorCode::cannot_write, "{}: cannot be written: {}. Choose another name.", path_.string(),
                   std::strerror(errno));
    }
    committed_ = true;
    sync_folder(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

StoreWriter::StoreWriter(fs::path output, const FeatureOptions& features, const SegmentOptions& segments,
                         const Labelling& labelling)
    : features_(features),
      segment_options_(segments),
      folder_(std::move(output)),
      values_(folder_.temporary() / "features.npy", {segments.frames, coefficient_count(features)}),
      labelling_(labelling),
      index_(labelling.many ? "segment,track,start_seconds,end_seconds\n"
                            : "segment,track,genre,start_seconds,end_seconds\n"),
      labels_("track,labels\n") {}

void StoreWriter::add(std::string_view track, std::string_view genre, std::span<const SegmentTime> times,
                      std::span<const float> values) {
    add_segments(track, {std::string(genre)}, times, values);
    genres_.emplace_back(genre);
}

void StoreWriter::add(std::string_view track, std::span<const std::uint8_t> holds, std::span<const SegmentTime> times,
                      std::span<const float> values) {
    add_segments(track, {}, times, values);
    std::string indices;
    for (std::size_t i = 0; i < holds.size(); ++i) {
        if (holds[i] != 0) indices += fmt::format("{}{}", indices.empty() ? "" : " ", i);
    }
    labels_ += formats::csv_line({std::string(track), indices}) + "\n";
    genres_.push_back(std::move(indices));
}

void StoreWriter::add_segments(std::string_view track, const std::vector<std::string>& genre,
                               std::span<const SegmentTime> times, std::span<const float> values) {
    std::int64_t segment = values_.rows();
    values_.append(values);
    for (const SegmentTime& time : times) {
        std::vector<std::string> fields{std::to_string(segment++), std::string(track)};
        fields.insert(fields.end(), genre.begin(), genre.end());
        fields.insert(fields.end(), {fmt::format("{}", time.start), fmt::format("{}", time.end)});
        index_ += formats::csv_line(fields) + "\n";
    }
    if (segment != values_.rows())
        base::fail(ErrorCode::internal, "{}: {} segments, but {} times.", track, values_.rows(), segment);
    names_.emplace_back(track);
    prints_.push_back(sound_print(values, features_, segment_options_));
}

std::vector<TrackCopy> StoreWriter::commit(const std::vector<std::string>& labels, int jobs,
                                           const base::StopFlag* stop) {
    const std::vector<Copy> copies = find_copies(prints_, jobs, stop);
    write_sounds(folder_.temporary() / "tracks.csv", names_, prints_, copies);
    values_.commit();
    files::write_file(folder_.temporary() / "index.csv", index_);
    nlohmann::ordered_json options = {{"format", labelling_.many ? 2 : 1},
                                      {"features", model::to_json(features_)},
                                      {"segments", model::to_json(segment_options_)},
                                      {"labels", labels}};
    if (labelling_.many) {
        options["many_labels"] = true;
        options["label_group"] = to_string(labelling_.group);
        files::write_file(folder_.temporary() / "labels.csv", labels_);
        // Where two tracks are one recording, people are told what each is said to be.
        for (std::string& each : genres_) each = named_labels(each, labels);
    }
    files::write_file(folder_.temporary() / "options.json", options.dump(2) + "\n");
    folder_.commit();
    return named_copies(copies, names_, genres_);
}

}  // namespace earmark::dataset

#include "dataset/store_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "model/options_json.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

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

StoreWriter::StoreWriter(fs::path output, const FeatureOptions& features, const SegmentOptions& segments)
    : features_(features),
      segment_options_(segments),
      folder_(std::move(output)),
      values_(folder_.temporary() / "features.npy", {segments.frames, coefficient_count(features)}),
      index_("segment,track,genre,start_seconds,end_seconds\n") {}

void StoreWriter::add(std::string_view track, std::string_view genre, std::span<const SegmentTime> times,
                      std::span<const float> values) {
    std::int64_t segment = values_.rows();
    values_.append(values);
    for (const SegmentTime& time : times) {
        index_ += formats::csv_line({std::to_string(segment++), std::string(track), std::string(genre),
                                     fmt::format("{}", time.start), fmt::format("{}", time.end)});
        index_ += '\n';
    }
    if (segment != values_.rows())
        base::fail(ErrorCode::internal, "{}: {} segments, but {} times.", track, values_.rows(), segment);
    names_.emplace_back(track);
    genres_.emplace_back(genre);
    prints_.push_back(sound_print(values, features_, segment_options_));
}

std::vector<TrackCopy> StoreWriter::commit(const std::vector<std::string>& labels, int jobs,
                                           const base::StopFlag* stop) {
    const std::vector<Copy> copies = find_copies(prints_, jobs, stop);
    write_sounds(folder_.temporary() / "tracks.csv", names_, prints_, copies);
    values_.commit();
    files::write_file(folder_.temporary() / "index.csv", index_);
    const nlohmann::ordered_json options = {{"format", 1},
                                            {"features", model::to_json(features_)},
                                            {"segments", model::to_json(segment_options_)},
                                            {"labels", labels}};
    files::write_file(folder_.temporary() / "options.json", options.dump(2) + "\n");
    folder_.commit();
    return named_copies(copies, names_, genres_);
}

}  // namespace earmark::dataset

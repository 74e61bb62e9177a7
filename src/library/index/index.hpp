#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "earmark/classifier.hpp"
#include "earmark/sink.hpp"
#include "files/walk.hpp"
#include "library/index/database.hpp"
#include "library/tags/track_content.hpp"

namespace earmark::library {

/// What became of a file when it was last looked at. The numbers stand in the index.
enum class FileState {
    analyzed = 0,
    failed = 1,      ///< has an error
    skipped = 2,     ///< turned out to hold no sound; kept so that it is not looked into again
    unreadable = 3,  ///< a place that the walk could not look into; has an error
};

/// What an index knows of a path.
struct IndexedFile {
    std::int64_t id = 0;
    files::FileStamp stamp;
    FileState state = FileState::analyzed;
    std::optional<TrackContent> content;  ///< none when it could not be read
    bool tags_current = false;            ///< whether its tags were read as they are read now
    std::optional<std::int64_t> model;    ///< the one that names its genre; none when that left no embedding
    std::string error_code;               ///< as to_string(ErrorCode)
    bool missing = false;
};

/// What a model says of a file.
struct ModelPrediction {
    std::int64_t model = 0;  ///< its number in the index
    Prediction prediction;
    int excerpts = 0;  ///< segments that the prediction is on; 0: all
};

/// What a scan found out about a file.
struct ScannedFile {
    std::filesystem::path path;
    files::FileStamp stamp;
    FileState state = FileState::analyzed;
    bool unchanged = false;  ///< since it was last looked at
    std::optional<TrackContent> content;
    std::vector<ModelPrediction> predictions;  ///< of the models that did not know the sound
    std::optional<Error> error;
};

class IndexedModels;

struct DigestHash {
    std::size_t operator()(const files::ContentHash::Digest& digest) const noexcept;
};

/// What a file was entered as.
struct RecordedFile {
    enum class As {
        known,  ///< its path had an entry
        moved,  ///< it has the entry of one that is missing and has the same content
        added,  ///< a new one
    };
    std::int64_t id = 0;
    As as = As::added;
};

using Digests = std::unordered_set<files::ContentHash::Digest, DigestHash>;

/// The index of a music library: what was analyzed of which file, in an SQLite database (docs/reference/index-format.md has its tables).
/// What changes it belongs within a Transaction on `database()`. Not thread-safe; of several processes one at a time
/// changes it, which IndexLock sees to, and others may read meanwhile.
class Index {
  public:
    /// @throws Error as Database and prepare_schema
    Index(const std::filesystem::path& path, Database::Mode mode);
    ~Index();

    Database& database() noexcept { return database_; }

    /// Number of a model by the hash of its file; none when nothing was analyzed with it.
    std::optional<std::int64_t> find_model(const std::string& fingerprint);
    /// Whether a model gives any number of labels, rather than one.
    bool has_many_labels(std::int64_t model);
    std::int64_t add_model(const std::string& fingerprint, const Model& model);

    std::optional<IndexedFile> find(const std::filesystem::path& path);

    /// The contents of which there is a prediction of a model, with its embedding, on as many excerpts at least;
    /// 0: on the whole.
    Digests analyzed_contents(std::int64_t model, int excerpts = 0);

    /// Calls `take` for each file at `folder` or below that is not missing. It must not change the index.
    void each_below(const std::filesystem::path& folder,
                    const Sink<std::int64_t, FileState, const std::filesystem::path&>& take);

    /// Writes what was found out about a file. A file of a new path with the content of one that is missing is that one,
    /// moved. A prediction on more of a content replaces one on less; that of a model of many labels replaces those of
    /// others of its name.
    /// @param model  that names the genre of the file
    RecordedFile record(const ScannedFile& file, std::optional<std::int64_t> model);

    /// Where a file now is; none when it is not in the index any more.
    std::optional<std::filesystem::path> path_of(std::int64_t file);
    /// Takes note that Earmark itself gave a file other genres and moods, so that a scan does not take it for changed.
    /// Those that are none stay.
    void note_tag_change(const std::filesystem::path& path, const std::optional<std::vector<std::string>>& genres,
                         const std::optional<std::vector<std::string>>& moods);

    void mark_missing(std::int64_t file, std::int64_t unix_seconds);
    void mark_present(std::int64_t file);
    void remove(std::int64_t file);

    /// Removes the entries at `path` and below; with `missing_only` those that are missing. @return how many
    std::int64_t forget(const std::filesystem::path& path, bool missing_only);

    /// Removes predictions on contents that no file has any more, and models without predictions.
    void prune();

  private:
    struct Statements;

    void insert_prediction(const files::ContentHash::Digest& content, const ModelPrediction& by);

    /// The entry of a file whose path is new: one that is missing and had its content, else a new one.
    RecordedFile entry_for(const ScannedFile& file);

    const IndexedModels& models();

    Database database_;
    std::unique_ptr<Statements> statements_;
    std::unique_ptr<const IndexedModels> models_;  ///< read when first needed
};

/// The bytes between which the paths below a folder lie: folder + '/' … folder + '0', the character after it.
struct PathRange {
    explicit PathRange(const std::filesystem::path& at);

    /// Whether a path is the folder's or lies below.
    bool holds(const std::filesystem::path& path) const;

    std::filesystem::path folder;
    std::filesystem::path first;
    std::filesystem::path end;  ///< the first beyond
};

}  // namespace earmark::library

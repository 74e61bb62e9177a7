#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dataset/feature_store.hpp"
#include "formats/csv.hpp"

namespace earmark::dataset {

/// Finds tracks by the names that other programs give them: paths of Windows and of other machines, with or without
/// folders and the extension of an audio file (whichever), in upper or lower case.
class TrackLookup {
  public:
    /// @param store  must outlive this
    explicit TrackLookup(const FeatureStore& store);

    /// The track that a name means; none when there is no such track, or several that it may mean.
    const StoredTrack* find(std::string_view name) const;

  private:
    std::unordered_map<std::string_view, const StoredTrack*> names_;
    std::unordered_map<std::string, const StoredTrack*> keys_;  // nothing behind a key that several tracks have
};

/// A name with slashes, in lower case, without the extension of an audio file.
std::string track_key(std::string_view name);

/// A genre without what does not matter: upper and lower case, blanks, hyphens and underscores.
std::string genre_key(std::string_view genre);

/// Whether two words mean the same genre.
bool same_genre(std::string_view a, std::string_view b);

/// A word without the blanks around it, in lower case (ASCII).
std::string plain_word(std::string_view text);

/// The column that has one of these names, in whatever case; the first name counts most. @throws Error bad_data
std::size_t column_named(const formats::CsvTable& table, std::initializer_list<std::string_view> names);
/// The same, or nothing.
std::optional<std::size_t> find_column_named(const formats::CsvTable& table,
                                             std::initializer_list<std::string_view> names);

/// The columns of names and genres, as Earmark and as Kaggle's tables call them.
std::size_t track_column(const formats::CsvTable& table);
std::optional<std::size_t> genre_column(const formats::CsvTable& table);

}  // namespace earmark::dataset

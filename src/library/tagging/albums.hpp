#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "library/index/listing.hpp"

namespace earmark::library {

/// The album of a track: tracks of the same key are of one. By album and album artist, wherever the files lie; by folder
/// and album where there is no album artist; by folder alone where there is no album. One of each model that analyzed
/// them.
std::string album_key(const TrackDetails& track);

/// What the tracks of albums sound like together: for each genre the mean of the logarithms of its probabilities, brought
/// back to a sum of 1. A track that is sure weighs more than in a mean of the probabilities, and one that is not, less.
class Albums {
  public:
    /// A track, which has a prediction.
    void add(const TrackDetails& track);

    /// The probabilities of the album of a track that was added.
    std::vector<float> probabilities(const TrackDetails& track) const;

  private:
    std::map<std::string, std::vector<double>> logarithms_;  // sums; their number is no matter
    std::map<std::string, int> tracks_;
};

}  // namespace earmark::library

#include "dataset/labels/stratify.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace earmark::dataset {

namespace {

class Dealer {
  public:
    Dealer(std::span<const std::vector<std::int64_t>> groups, std::span<const double> shares, base::Random& random)
        : groups_(groups), shares_(shares), random_(random), places_(groups.size()), order_(groups.size()) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        random_.shuffle(std::span(order_));
        // A large group is dealt before small ones fill its place.
        std::ranges::stable_sort(order_, std::ranges::greater(), [&](std::size_t i) { return groups_[i].back(); });
        const std::size_t numbers = groups.empty() ? 1 : groups.front().size();
        left_.assign(numbers, 0);
        for (const auto& group : groups) {
            for (std::size_t k = 0; k < numbers; ++k) left_[k] += group[k];
        }
        totals_.assign(left_.begin(), left_.end());
        for (const double share : shares) {
            auto& wanted = wanted_.emplace_back();
            for (const std::int64_t count : left_) wanted.push_back(share * static_cast<double>(count));
        }
    }

    std::vector<std::size_t> deal() {
        const std::size_t labels = left_.size() - 1;
        for (;;) {
            std::size_t rarest = labels;
            for (std::size_t k = 0; k < labels; ++k) {
                if (left_[k] > 0 && (rarest == labels || left_[k] < left_[rarest])) rarest = k;
            }
            deal_those_of(rarest);
            if (rarest == labels) return std::move(places_);
        }
    }

  private:
    /// Deals all groups that have a label, or any tracks, and are not dealt yet.
    void deal_those_of(std::size_t label) {
        const auto has = [&](std::size_t group) { return groups_[group][label] > 0; };
        for (const std::size_t group : order_) {
            if (has(group)) give(group, groups_[group].back() == 1 ? place_for(label) : place_of_whole(groups_[group]));
        }
        std::erase_if(order_, has);
    }

    std::size_t place_for(std::size_t label) {
        const std::size_t tracks = left_.size() - 1;
        constexpr double equal = 1e-9;
        std::vector<std::size_t> best;
        const auto wants = [&](std::size_t place) { return std::pair{wanted_[place][label], wanted_[place][tracks]}; };
        for (std::size_t place = 0; place < shares_.size(); ++place) {
            if (shares_[place] <= 0.0) continue;
            if (best.empty()) {
                best = {place};
                continue;
            }
            const auto [of_label, of_tracks] = wants(place);
            const auto [best_label, best_tracks] = wants(best.front());
            const double more =
                std::abs(of_label - best_label) > equal ? of_label - best_label : of_tracks - best_tracks;
            if (more > equal)
                best = {place};
            else if (more >= -equal)
                best.push_back(place);
        }
        return best.size() == 1 ? best.front() : best[random_.below(best.size())];
    }

    /// The place where a group of several tracks brings all of its labels nearest to what is wanted: where the sum of
    /// squares of what is wanted yet, each over what its label has in all at that place, falls most.
    std::size_t place_of_whole(const std::vector<std::int64_t>& group) const {
        std::size_t best = 0;
        double best_gain = -std::numeric_limits<double>::infinity();
        for (std::size_t place = 0; place < shares_.size(); ++place) {
            if (shares_[place] <= 0.0) continue;
            double gain = 0.0;
            for (std::size_t k = 0; k < group.size(); ++k) {
                const auto more = static_cast<double>(group[k]);
                if (more > 0.0) gain += more * (2.0 * wanted_[place][k] - more) / (shares_[place] * totals_[k]);
            }
            if (gain > best_gain) {
                best = place;
                best_gain = gain;
            }
        }
        return best;
    }

    void give(std::size_t group, std::size_t place) {
        places_[group] = place;
        for (std::size_t k = 0; k < left_.size(); ++k) {
            left_[k] -= groups_[group][k];
            wanted_[place][k] -= static_cast<double>(groups_[group][k]);
        }
    }

    std::span<const std::vector<std::int64_t>> groups_;
    std::span<const double> shares_;
    base::Random& random_;
    std::vector<std::size_t> places_;
    std::vector<std::size_t> order_;           // of the groups that are not dealt yet
    std::vector<std::int64_t> left_;           // of each label, and of tracks, in them
    std::vector<double> totals_;               // of the same, in the beginning
    std::vector<std::vector<double>> wanted_;  // of each, at each place
};

}  // namespace

std::vector<std::size_t> stratify(std::span<const std::vector<std::int64_t>> groups, std::span<const double> shares,
                                  base::Random& random) {
    return Dealer(groups, shares, random).deal();
}

}  // namespace earmark::dataset

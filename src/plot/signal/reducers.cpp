#include "plot/signal/reducers.hpp"

#include <algorithm>

namespace earmark::plot {

EnvelopeReducer::EnvelopeReducer(std::size_t limit) : limit_(std::max<std::size_t>(2, limit + limit % 2)) {
    extents_.reserve(limit_);
}

void EnvelopeReducer::push(std::span<const float> samples) {
    samples_ += static_cast<std::int64_t>(samples.size());
    while (!samples.empty()) {
        const auto count = static_cast<std::size_t>(
            std::min<std::int64_t>(stride_ - filled_, static_cast<std::int64_t>(samples.size())));
        const auto [low, high] = std::ranges::minmax(samples.first(count));
        current_ =
            filled_ == 0 ? Extent{low, high} : Extent{std::min(current_.low, low), std::max(current_.high, high)};
        filled_ += static_cast<std::int64_t>(count);
        samples = samples.subspan(count);
        if (filled_ < stride_) return;
        extents_.push_back(current_);
        filled_ = 0;
        if (extents_.size() < limit_) continue;
        for (std::size_t i = 0; i < limit_ / 2; ++i) {
            const Extent& left = extents_[2 * i];
            const Extent& right = extents_[2 * i + 1];
            extents_[i] = {std::min(left.low, right.low), std::max(left.high, right.high)};
        }
        extents_.resize(limit_ / 2);
        stride_ *= 2;
    }
}

std::vector<Extent> EnvelopeReducer::extents() const {
    std::vector<Extent> result = extents_;
    if (filled_ > 0) result.push_back(current_);
    return result;
}

ColumnReducer::ColumnReducer(int values, std::size_t column_limit, int row_limit)
    : values_(values),
      group_((values + row_limit - 1) / row_limit),
      rows_((values + group_ - 1) / group_),
      limit_(std::max<std::size_t>(2, column_limit + column_limit % 2)),
      sums_(static_cast<std::size_t>(rows_)) {}

void ColumnReducer::push(std::span<const float> frame) {
    if (group_ == 1) {
        for (std::size_t row = 0; row < sums_.size(); ++row) sums_[row] += frame[row];
    } else {
        for (int row = 0; row < rows_; ++row) {
            const int end = std::min(values_, (row + 1) * group_);
            double sum = 0.0;
            for (int i = row * group_; i < end; ++i) sum += frame[i];
            sums_[row] += sum / (end - row * group_);
        }
    }
    ++frames_;
    if (++filled_ < stride_) return;
    for (double& sum : sums_) {
        columns_.push_back(static_cast<float>(sum / static_cast<double>(stride_)));
        sum = 0.0;
    }
    filled_ = 0;
    if (columns_.size() == limit_ * sums_.size()) join();
}

void ColumnReducer::join() {
    const std::size_t rows = sums_.size();
    for (std::size_t column = 0; column < limit_ / 2; ++column) {
        for (std::size_t row = 0; row < rows; ++row) {
            columns_[column * rows + row] =
                0.5F * columns_[2 * column * rows + row] + 0.5F * columns_[(2 * column + 1) * rows + row];
        }
    }
    columns_.resize(limit_ / 2 * rows);
    stride_ *= 2;
}

std::vector<float> ColumnReducer::columns() const {
    std::vector<float> result = columns_;
    if (filled_ > 0) {
        for (const double sum : sums_) result.push_back(static_cast<float>(sum / static_cast<double>(filled_)));
    }
    return result;
}

}  // namespace earmark::plot

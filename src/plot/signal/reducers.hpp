#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace earmark::plot {

/// The lowest and the highest of consecutive samples.
struct Extent {
    float low = 0.0F;
    float high = 0.0F;
};

/// Keeps the outline of a signal of any length: at most `limit` extents, each of as many samples; when they are full,
/// neighbours are joined. No peak is lost.
class EnvelopeReducer {
  public:
    explicit EnvelopeReducer(std::size_t limit = 4096);

    void push(std::span<const float> samples);

    /// The extents so far, the last perhaps of fewer samples than the others.
    std::vector<Extent> extents() const;
    /// Samples in each extent: a power of two.
    std::int64_t stride() const noexcept { return stride_; }
    /// Samples pushed.
    std::int64_t samples() const noexcept { return samples_; }

  private:
    std::size_t limit_;
    std::int64_t stride_ = 1;
    std::int64_t samples_ = 0;
    std::int64_t filled_ = 0;  // samples in current_
    Extent current_;
    std::vector<Extent> extents_;
};

/// Keeps a matrix of any number of frames in at most `column_limit` columns, each the mean of as many frames; when
/// they are full, neighbours are averaged. Frames of more than `row_limit` values are averaged over neighbouring
/// values too.
class ColumnReducer {
  public:
    /// @param values  in each frame, at least 1
    explicit ColumnReducer(int values, std::size_t column_limit = 4096, int row_limit = 2048);

    void push(std::span<const float> frame);

    /// Values in each frame pushed.
    int values() const noexcept { return values_; }
    /// Rows kept: row r is the mean of the values [r · group, min((r + 1) · group, values)).
    int rows() const noexcept { return rows_; }
    int group() const noexcept { return group_; }
    /// Frames pushed.
    std::int64_t frames() const noexcept { return frames_; }
    /// Frames in each column: a power of two.
    std::int64_t stride() const noexcept { return stride_; }
    /// The columns so far, the last perhaps of fewer frames than the others: columns × rows values.
    std::vector<float> columns() const;

  private:
    void join();

    int values_;
    int group_;
    int rows_;
    std::size_t limit_;
    std::int64_t stride_ = 1;
    std::int64_t frames_ = 0;
    std::int64_t filled_ = 0;  // frames in sums_
    std::vector<double> sums_;
    std::vector<float> columns_;
};

}  // namespace earmark::plot

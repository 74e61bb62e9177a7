#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/layers.hpp"

namespace earmark::model {

/// A pair of sizes along an image.
struct Extent {
    int frames = 1;
    int coefficients = 1;
};

/// How a convolution works beside its number of filters.
struct ConvolutionOptions {
    Extent kernel = {3, 3};
    int stride = 1;
    /// Along these axes zeros surround the image, so that the output has ceil(input / stride) values ("same" in
    /// TensorFlow); along others there are none ("valid").
    bool same_frames = true;
    bool same_coefficients = true;
    bool bias = false;
    bool relu = false;
    std::int64_t groups = 1;
};

/// Appends layers, each taking the output of the one before if not told otherwise.
class LayerBuilder {
  public:
    /// @param input    frames × coefficients
    /// @param classes  of the output, which is to be appended last
    /// @param where    names the file, or the option, in errors; must outlive the builder
    LayerBuilder(Shape input, std::int64_t classes, const std::string& where);

    /// Another for the same input and output, without layers.
    LayerBuilder fresh() const { return {input_, classes_, where_}; }

    void image();
    void pad_frames(int before, int after);
    void flatten();
    void dense(std::string name, std::int64_t units, bool relu, double l2 = 0.0);

    /// Dense layers dense1, dense2, …, each with ReLU and dropout.
    void hidden(const std::vector<std::int64_t>& widths, double dropout_rate, double l2 = 0.0);

    void convolution(std::string name, std::int64_t filters, const ConvolutionOptions& options);

    /// Padded so that the output is as large as the input; without bias, for the batch norm that follows has one.
    /// @param kernel  odd
    void padded_convolution(std::string name, std::int64_t filters, int kernel = 3, std::int64_t groups = 1);

    /// Side by side; rows and columns at the end that fill no pool are left out.
    /// @param kind  max_pool or average_pool
    void pool(LayerKind kind, const std::string& name, int frames, int coefficients);

    /// Padded so that the output has ceil(input / stride) values ("same" in Keras).
    void max_pool(int kernel, int stride);

    void average();
    /// Of an image: each channel's mean over the coefficients, frame by frame.
    void average_coefficients();
    /// Of an image: each channel's mean over the frames, coefficient by coefficient, as a vector.
    void average_frames();
    void centre(bool whole);
    void statistics();
    void summary();
    void attention(std::string name);
    void batch_norm(std::string name, bool relu = false);
    /// @param epsilon  added to the variance
    void batch_norm(std::string name, bool relu, double epsilon);
    void elu();
    /// Of an image: the largest value over the coefficients, frame by frame, as an image of one column.
    void maximum_coefficients();
    /// Of an image: each channel's largest value.
    void maximum();
    /// The last layer's output, then those of the others.
    void concatenate(const std::vector<int>& others);
    void sequence();

    /// @param kind  lstm or gru
    void recurrent(LayerKind kind, std::string name, std::int64_t units, bool all_states);
    /// The gated recurrent unit of Keras 1.
    void older_gru(std::string name, std::int64_t units, bool all_states);

    /// Nothing where the rate is 0.
    void dropout(double rate);

    /// The layer last appended.
    int here() const { return source_; }
    std::int64_t channels() const { return shape_[0]; }
    /// Of an image.
    std::int64_t coefficients() const { return shape_[2]; }
    /// Lets the layers to come follow another than the last one.
    void go_to(int layer);

    void add(int other, bool relu = true);
    void scale(int image);

    /// Appends the output, and gives all layers away.
    std::vector<Layer> finish();

  private:
    void need(const std::string& name, int frames, int coefficients) const;
    Layer& append(LayerKind kind, std::string name, Shape output);

    Shape input_;
    std::int64_t classes_;
    Shape shape_;
    int source_ = -1;
    const std::string& where_;
    std::vector<Layer> layers_;
};

}  // namespace earmark::model

#include "model/layers.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "formats/json.hpp"
#include "model/ensemble.hpp"
#include "model/options_json.hpp"

namespace earmark::model {

using nlohmann::json;

namespace {

constexpr double keras_batch_norm_epsilon = 1e-3;
constexpr double keras_batch_norm_momentum = 0.99;
constexpr double smallest_variance = 1e-5;
constexpr double smallest_movement = 0.03;  // in standardised features: half a decibel of log-mel bands
constexpr std::int64_t largest_width = 1 << 16;
constexpr std::int64_t most_blocks = 64;
constexpr int largest_pool = 64;

/// Defaults of each network: the paper's, and those of the course that its code follows.
json defaults_of(const std::string& name, const std::string& where) {
    if (name == "mlp") return {{"hidden", {512, 256, 64}}, {"dropout", 0.3}, {"l2", 0.001}};
    if (name == "cnn") return {{"filters", 32}, {"dense", 64}, {"dropout", 0.3}, {"batch_norm", "first"}};
    if (name == "lstm") return {{"units", 64}, {"dense", 64}, {"dropout", 0.3}};
    if (name == "vgg") {
        return {{"filters", {32, 64, 128, 128}},
                {"pools", {2, 2}},
                {"pooling", "average"},
                {"dense", 0},
                {"dropout", 0.3},
                {"block_dropout", 0.0},
                {"halve_bands", false},
                {"centre", "none"}};
    }
    if (name == "resnet") {
        return {{"filters", {16, 32, 64, 128}}, {"blocks", 1},          {"pools", {2, 2}}, {"squeeze", 0},
                {"separable", false},           {"pooling", "average"}, {"dense", 0},      {"dropout", 0.3},
                {"block_dropout", 0.0},         {"halve_bands", false}, {"centre", "none"}};
    }
    if (name == "crnn") {
        return {{"filters", {32, 64, 64}},
                {"pools", {{2, 2}, {2, 2}, {1, 3}}},
                {"units", 32},
                {"dropout", 0.3},
                {"block_dropout", 0.1},
                {"halve_bands", false},
                {"centre", "none"}};
    }
    if (name == "summary") return {{"hidden", json::array({512})}, {"dropout", 0.3}};
    base::fail(ErrorCode::unsupported,
               "{}: unknown network \"{}\". Known are mlp, cnn, lstm, vgg, resnet, crnn and summary.", where, name);
}

/// Options of a network: the defaults overlaid with those given, each checked.
class Options {
  public:
    Options(const NetworkDescription& network, const std::string& where)
        : where_(where), name_(network.name), values_(defaults_of(network.name, where)) {
        const json given = formats::parse_json(network.options, where);
        if (!given.is_object()) base::fail(ErrorCode::corrupt, "{}: network options are not a JSON object.", where);
        for (const auto& [key, value] : given.items()) {
            if (!values_.contains(key)) {
                base::fail(ErrorCode::unsupported, "{}: the {} network has no option \"{}\".", where, name_, key);
            }
            values_[key] = value;
        }
    }

    const json& all() const { return values_; }

    std::int64_t width(const char* key, std::int64_t lowest = 1, std::int64_t highest = largest_width) const {
        return width(key, values_[key], lowest, highest);
    }

    std::vector<std::int64_t> widths(const char* key) const {
        const json& value = values_[key];
        if (!value.is_array() || value.empty() || value.size() > 64) refuse(key, "a list of 1 to 64 widths");
        std::vector<std::int64_t> result;
        for (const json& item : value) result.push_back(width(key, item, 1, largest_width));
        return result;
    }

    /// Pairs of frames and coefficients, of which one pair alone stands for as many as are needed.
    std::vector<std::pair<int, int>> sizes(const char* key, std::size_t count) const {
        const json& value = values_[key];
        const std::string wanted = fmt::format(
            "a pair of whole numbers from 1 to {}, or a list of {} such pairs, one a block", largest_pool, count);
        if (!value.is_array() || value.empty()) refuse(key, wanted);
        const json pairs = value[0].is_array() ? value : json(count, value);
        if (pairs.size() != count) refuse(key, wanted);
        std::vector<std::pair<int, int>> result;
        for (const json& item : pairs) {
            if (!item.is_array() || item.size() != 2) refuse(key, wanted);
            for (const json& size : item) {
                if (!size.is_number_integer() || size < 1 || size > largest_pool) refuse(key, wanted);
            }
            result.emplace_back(item[0].get<int>(), item[1].get<int>());
        }
        return result;
    }

    bool flag(const char* key) const {
        if (!values_[key].is_boolean()) refuse(key, "true or false");
        return values_[key].get<bool>();
    }

    double number(const char* key, double lowest, double below) const {
        const json& value = values_[key];
        if (!value.is_number() || !(value >= lowest) || !(value < below)) {
            refuse(key, fmt::format("a number of at least {} and below {}", lowest, below));
        }
        return value.get<double>();
    }

    std::string choice(const char* key, std::initializer_list<const char*> choices) const {
        const json& value = values_[key];
        if (value.is_string()) {
            for (const char* choice : choices) {
                if (value == choice) return choice;
            }
        }
        refuse(key, fmt::format("one of {}", fmt::join(choices, ", ")));
    }

  private:
    std::int64_t width(const char* key, const json& value, std::int64_t lowest, std::int64_t highest) const {
        if (!value.is_number_integer() || value < lowest || value > highest) {
            refuse(key, fmt::format("a whole number from {} to {}", lowest, highest));
        }
        return value.get<std::int64_t>();
    }

    [[noreturn]] void refuse(const char* key, const std::string& wanted) const {
        base::fail(ErrorCode::bad_option, "{}: option \"{}\" of the {} network must be {}.", where_, key, name_,
                   wanted);
    }

    const std::string& where_;
    std::string name_;
    json values_;
};

/// Appends layers, each taking the output of the one before if not told otherwise.
class Builder {
  public:
    Builder(Shape input, const std::string& where) : shape_(std::move(input)), where_(where) {}

    void image() { append(LayerKind::image, "", {1, shape_[0], shape_[1]}); }
    void flatten() { append(LayerKind::flatten, "", {element_count(shape_)}); }

    void dense(std::string name, std::int64_t units, bool relu, double l2 = 0.0) {
        Layer& layer = append(LayerKind::dense, std::move(name), {units});
        layer.relu = relu;
        layer.l2 = l2;
    }

    /// Without padding ("valid" in Keras).
    void convolution(std::string name, std::int64_t filters, int kernel) {
        need(name, kernel, kernel);
        Layer& layer =
            append(LayerKind::convolution, std::move(name), {filters, shape_[1] - kernel + 1, shape_[2] - kernel + 1});
        layer.relu = true;
        std::fill_n(layer.kernel, 2, kernel);
    }

    /// Padded so that the output is as large as the input; without bias, for the batch norm that follows has one.
    /// @param kernel  odd
    void padded_convolution(std::string name, std::int64_t filters, int kernel = 3, std::int64_t groups = 1) {
        Layer& layer = append(LayerKind::convolution, std::move(name), {filters, shape_[1], shape_[2]});
        layer.bias = false;
        layer.groups = static_cast<int>(groups);
        std::fill_n(layer.kernel, 2, kernel);
        std::fill_n(layer.pad_before, 2, kernel / 2);
        std::fill_n(layer.pad_after, 2, kernel / 2);
    }

    /// Side by side; rows and columns at the end that fill no pool are left out.
    /// @param kind  max_pool or average_pool
    void pool(LayerKind kind, const std::string& name, int frames, int coefficients) {
        need(name, frames, coefficients);
        Layer& layer = append(kind, "", {shape_[0], shape_[1] / frames, shape_[2] / coefficients});
        layer.kernel[0] = layer.stride[0] = frames;
        layer.kernel[1] = layer.stride[1] = coefficients;
    }

    /// Padded so that the output has ceil(input / stride) values ("same" in Keras).
    void max_pool(int kernel, int stride) {
        const Shape in = shape_;
        Layer& layer =
            append(LayerKind::max_pool, "", {in[0], (in[1] + stride - 1) / stride, (in[2] + stride - 1) / stride});
        for (int axis = 0; axis < 2; ++axis) {
            layer.kernel[axis] = kernel;
            layer.stride[axis] = stride;
            // TensorFlow's "same": the odd element of padding goes after.
            const auto padding = static_cast<int>(
                std::max<std::int64_t>((layer.output[1 + axis] - 1) * stride + kernel - in[1 + axis], 0));
            layer.pad_before[axis] = padding / 2;
            layer.pad_after[axis] = padding - padding / 2;
        }
    }

    void average() { append(LayerKind::average, "", {shape_[0]}); }

    /// Of an image: each channel's mean over the coefficients, frame by frame.
    void average_coefficients() {
        if (shape_[2] > 1) pool(LayerKind::average_pool, "the mean over coefficients", 1, static_cast<int>(shape_[2]));
        sequence();
    }
    /// Of an image: each channel's mean over the frames, coefficient by coefficient, as a vector.
    void average_frames() {
        if (shape_[1] > 1) pool(LayerKind::average_pool, "the mean over frames", static_cast<int>(shape_[1]), 1);
        flatten();
    }
    void centre(bool whole) { append(LayerKind::centre, "", shape_).whole = whole; }
    void statistics() { append(LayerKind::statistics, "", {2 * shape_[1]}).epsilon = smallest_variance; }
    void summary() { append(LayerKind::summary, "", {4 * shape_[1] - 1, 1, 1}).epsilon = smallest_movement; }
    void attention(std::string name) { append(LayerKind::attention, std::move(name), {shape_[1]}); }

    void batch_norm(std::string name, bool relu = false) {
        Layer& layer = append(LayerKind::batch_norm, std::move(name), shape_);
        layer.relu = relu;
        layer.epsilon = keras_batch_norm_epsilon;
        layer.momentum = keras_batch_norm_momentum;
    }

    void elu() { append(LayerKind::elu, "", shape_); }
    void sequence() { append(LayerKind::sequence, "", {shape_[1], shape_[0] * shape_[2]}); }

    /// @param kind  lstm or gru
    void recurrent(LayerKind kind, std::string name, std::int64_t units, bool all_states) {
        Layer& layer = append(kind, std::move(name), all_states ? Shape{shape_[0], units} : Shape{units});
        layer.all_states = all_states;
    }

    void dropout(double rate) {
        if (rate > 0.0) append(LayerKind::dropout, "", shape_).rate = rate;
    }

    /// The layer last appended.
    int here() const { return source_; }
    std::int64_t channels() const { return shape_[0]; }
    /// Lets the layers to come follow another than the last one.
    void go_to(int layer) {
        source_ = layer;
        shape_ = layers_[layer].output;
    }

    void add(int other) {
        Layer& layer = append(LayerKind::add, "", shape_);
        layer.second = other;
        layer.relu = true;
    }

    void scale(int image) { append(LayerKind::scale, "", layers_[image].output).second = image; }

    std::vector<Layer> take() { return std::move(layers_); }

  private:
    void need(const std::string& name, int frames, int coefficients) const {
        if (shape_[1] >= frames && shape_[2] >= coefficients) return;
        base::fail(ErrorCode::bad_option,
                   "{}: {} needs at least {} × {} inputs but gets {} × {}. Use longer segments or more coefficients.",
                   where_, name, frames, coefficients, shape_[1], shape_[2]);
    }

    Layer& append(LayerKind kind, std::string name, Shape output) {
        Layer& layer = layers_.emplace_back();
        layer.kind = kind;
        layer.name = std::move(name);
        layer.source = std::exchange(source_, static_cast<int>(layers_.size()) - 1);
        layer.input = shape_;
        layer.output = output;
        shape_ = std::move(output);
        return layer;
    }

    Shape shape_;
    int source_ = -1;
    const std::string& where_;
    std::vector<Layer> layers_;
};

/// Dense layers, each with ReLU and dropout.
void add_hidden(Builder& build, const Options& options, double l2 = 0.0) {
    const double dropout = options.number("dropout", 0.0, 1.0);
    int number = 0;
    for (const std::int64_t width : options.widths("hidden")) {
        build.dense(fmt::format("dense{}", ++number), width, true, l2);
        build.dropout(dropout);
    }
}

/// The image that a network of images begins with.
void add_image(Builder& build, const Options& options) {
    const std::string centre = options.choice("centre", {"none", "segment", "bands"});
    if (centre != "none") build.centre(centre == "segment");
    build.image();
    if (options.flag("halve_bands")) build.pool(LayerKind::average_pool, "halve_bands", 1, 2);
}

/// From the image that the blocks leave to a vector, and what comes before the output.
void add_head(Builder& build, const Options& options) {
    const std::string pooling = options.choice("pooling", {"average", "bands", "statistics", "attention"});
    if (pooling == "average") {
        build.average();
    } else if (pooling == "bands") {
        build.average_frames();
    } else {
        build.average_coefficients();
        if (pooling == "statistics") {
            build.statistics();
        } else {
            build.attention("attention");
        }
    }
    if (const std::int64_t units = options.width("dense", 0); units > 0) build.dense("dense1", units, true);
}

/// 3×3, or, where separable, 3×3 in each channel and then 1×1 across them.
void add_block_convolution(Builder& build, const std::string& prefix, int number, std::int64_t filters,
                           bool separable) {
    if (separable) {
        build.padded_convolution(fmt::format("{}.depthwise{}", prefix, number), build.channels(), 3, build.channels());
        build.padded_convolution(fmt::format("{}.pointwise{}", prefix, number), filters, 1);
    } else {
        build.padded_convolution(fmt::format("{}.convolution{}", prefix, number), filters);
    }
}

/// A residual block (He, Zhang, Ren & Sun 2016), where asked with squeeze-and-excitation (Hu, Shen & Sun 2018).
void add_residual_block(Builder& build, const std::string& prefix, std::int64_t filters, const Options& options) {
    const bool separable = options.flag("separable");
    const std::int64_t squeeze = options.width("squeeze", 0);
    const std::int64_t channels = build.channels();
    const int input = build.here();
    add_block_convolution(build, prefix, 1, filters, separable);
    build.batch_norm(prefix + ".norm1", true);
    add_block_convolution(build, prefix, 2, filters, separable);
    build.batch_norm(prefix + ".norm2");
    if (squeeze > 0) {
        const int image = build.here();
        build.average();
        build.dense(prefix + ".squeeze", std::max<std::int64_t>(filters / squeeze, 1), true);
        build.dense(prefix + ".excite", filters, false);
        build.scale(image);
    }
    if (channels == filters) {
        build.add(input);
        return;
    }
    const int result = build.here();
    build.go_to(input);
    build.padded_convolution(prefix + ".projection", filters, 1);
    build.batch_norm(prefix + ".projection_norm");
    build.add(result);
}

void add_resnet(Builder& build, const Options& options) {
    const std::vector<std::int64_t> filters = options.widths("filters");
    const std::vector<std::pair<int, int>> pools = options.sizes("pools", filters.size());
    const std::int64_t blocks = options.width("blocks", 1, most_blocks);
    const double block_dropout = options.number("block_dropout", 0.0, 1.0);
    build.padded_convolution("stem", filters[0]);
    build.batch_norm("stem_norm", true);
    for (std::size_t stage = 0; stage < filters.size(); ++stage) {
        build.pool(LayerKind::max_pool, fmt::format("the pool of stage {}", stage + 1), pools[stage].first,
                   pools[stage].second);
        for (std::int64_t block = 0; block < blocks; ++block) {
            add_residual_block(build, fmt::format("stage{}.block{}", stage + 1, block + 1), filters[stage], options);
            build.dropout(block_dropout);
        }
    }
}

}  // namespace

std::vector<Layer> build_layers(const NetworkDescription& network, std::int64_t frames, std::int64_t coefficients,
                                std::int64_t classes, const std::string& where) {
    const Options options(network, where);
    Builder build({frames, coefficients}, where);
    const double dropout = options.number("dropout", 0.0, 1.0);
    if (network.name == "mlp") {
        build.flatten();
        add_hidden(build, options, options.number("l2", 0.0, 1e6));
    } else if (network.name == "summary") {
        build.summary();
        build.batch_norm("norm");
        build.flatten();
        add_hidden(build, options);
    } else if (network.name == "cnn") {
        const std::int64_t filters = options.width("filters");
        const std::string norm = options.choice("batch_norm", {"first", "all", "none"});
        build.image();
        int number = 0;
        for (int kernel : {3, 3, 2}) {
            ++number;
            build.convolution(fmt::format("convolution{}", number), filters, kernel);
            build.max_pool(kernel, 2);
            if (norm == "all" || (norm == "first" && number == 1)) build.batch_norm(fmt::format("norm{}", number));
        }
        build.flatten();
        build.dense("dense1", options.width("dense"), true);
        build.dropout(dropout);
    } else if (network.name == "vgg") {
        const std::vector<std::int64_t> filters = options.widths("filters");
        const std::vector<std::pair<int, int>> pools = options.sizes("pools", filters.size());
        const double block_dropout = options.number("block_dropout", 0.0, 1.0);
        add_image(build, options);
        for (std::size_t i = 0; i < filters.size(); ++i) {
            build.padded_convolution(fmt::format("convolution{}", i + 1), filters[i]);
            build.batch_norm(fmt::format("norm{}", i + 1), true);
            build.pool(LayerKind::max_pool, fmt::format("block {}", i + 1), pools[i].first, pools[i].second);
            build.dropout(block_dropout);
        }
        add_head(build, options);
        build.dropout(dropout);
    } else if (network.name == "resnet") {
        add_image(build, options);
        add_resnet(build, options);
        add_head(build, options);
        build.dropout(dropout);
    } else if (network.name == "crnn") {
        const std::vector<std::int64_t> filters = options.widths("filters");
        const std::vector<std::pair<int, int>> pools = options.sizes("pools", filters.size());
        const double block_dropout = options.number("block_dropout", 0.0, 1.0);
        const std::int64_t units = options.width("units");
        add_image(build, options);
        for (std::size_t i = 0; i < filters.size(); ++i) {
            build.padded_convolution(fmt::format("convolution{}", i + 1), filters[i]);
            build.batch_norm(fmt::format("norm{}", i + 1));
            // ELU never falls, so the largest of a pool is the largest after it, too: this order is less work.
            build.pool(LayerKind::max_pool, fmt::format("the pool of block {}", i + 1), pools[i].first,
                       pools[i].second);
            build.elu();
            build.dropout(block_dropout);
        }
        build.sequence();
        build.recurrent(LayerKind::gru, "gru1", units, true);
        build.recurrent(LayerKind::gru, "gru2", units, false);
        build.dropout(dropout);
    } else {
        const std::int64_t units = options.width("units");
        build.recurrent(LayerKind::lstm, "lstm1", units, true);
        build.recurrent(LayerKind::lstm, "lstm2", units, false);
        build.dense("dense1", options.width("dense"), true);
        build.dropout(dropout);
    }
    build.dense("output", classes, false);
    return build.take();
}

std::vector<TensorSpec> tensor_specs(const Layer& layer) {
    const auto named = [&](const char* tensor, Shape shape) {
        return TensorSpec{layer.name + "." + tensor, std::move(shape)};
    };
    switch (layer.kind) {
        case LayerKind::dense:
            return {named("weight", {layer.output[0], layer.input[0]}), named("bias", {layer.output[0]})};
        case LayerKind::convolution: {
            std::vector<TensorSpec> specs{
                named("weight", {layer.output[0], layer.input[0] / layer.groups, layer.kernel[0], layer.kernel[1]})};
            if (layer.bias) specs.push_back(named("bias", {layer.output[0]}));
            return specs;
        }
        case LayerKind::attention:
            return {named("weight", {1, layer.input[1]})};
        case LayerKind::batch_norm: {
            const Shape channels{layer.input[0]};
            return {named("scale", channels), named("shift", channels), named("mean", channels),
                    named("variance", channels)};
        }
        case LayerKind::lstm: {
            const std::int64_t units = layer.output.back();
            return {named("input_weight", {4 * units, layer.input[1]}), named("recurrent_weight", {4 * units, units}),
                    named("bias", {4 * units})};
        }
        case LayerKind::gru: {
            const std::int64_t gates = 3 * layer.output.back();
            return {named("input_weight", {gates, layer.input[1]}),
                    named("recurrent_weight", {gates, layer.output.back()}), named("input_bias", {gates}),
                    named("recurrent_bias", {gates})};
        }
        default:
            return {};
    }
}

std::int64_t trainable_parameters(const std::vector<Layer>& layers) {
    std::int64_t total = 0;
    for (const Layer& layer : layers) {
        for (const TensorSpec& tensor : tensor_specs(layer)) {
            const bool running = tensor.name.ends_with(".mean") || tensor.name.ends_with(".variance");
            if (!running) total += element_count(tensor.shape);
        }
    }
    return total;
}

std::int64_t element_count(const Shape& shape) {
    std::int64_t count = 1;
    for (std::int64_t size : shape) count *= size;
    return count;
}

std::string complete_options(const NetworkDescription& network, const std::string& where) {
    if (network.name != ensemble_name) return Options(network, where).all().dump();
    nlohmann::json list = nlohmann::json::array();
    for (const MemberNetwork& member : networks_of(network, where)) {
        list.push_back({{"network", member.network.name}, {"network_options", Options(member.network, where).all()}});
    }
    return nlohmann::json{{"networks", std::move(list)}}.dump();
}

}  // namespace earmark::model

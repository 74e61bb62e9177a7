#pragma once

#include <memory>
#include <span>

namespace earmark::model {

class LayerBuilder;
class OptionReader;

/// A kind of network with its options, which are members that hold their defaults until they are read.
class Architecture {
  public:
    virtual ~Architecture() = default;

    /// Reads every option.
    virtual void read(OptionReader& options) = 0;

    /// Appends all layers but the output.
    virtual void build(LayerBuilder& layers) const = 0;
};

/// An architecture that can be asked for by name.
struct RegisteredArchitecture {
    const char* name;
    std::unique_ptr<Architecture> (*make)();
};

/// All architectures, in the order in which help and errors list them.
std::span<const RegisteredArchitecture> architectures();

// One each, in a source file of its name.
std::unique_ptr<Architecture> make_mlp();
std::unique_ptr<Architecture> make_cnn();
std::unique_ptr<Architecture> make_lstm();
std::unique_ptr<Architecture> make_vgg();
std::unique_ptr<Architecture> make_resnet();
std::unique_ptr<Architecture> make_crnn();
std::unique_ptr<Architecture> make_summary();
std::unique_ptr<Architecture> make_musicnn();
std::unique_ptr<Architecture> make_mobilenet();

// In choi_cnn.cpp and choi_crnn.cpp.
std::unique_ptr<Architecture> make_choi_cnn();
std::unique_ptr<Architecture> make_choi_crnn();
std::unique_ptr<Architecture> make_k1c2();
std::unique_ptr<Architecture> make_k2c1();
std::unique_ptr<Architecture> make_k2c2();

}  // namespace earmark::model

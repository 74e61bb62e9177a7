#include "model/architectures/architecture.hpp"

namespace earmark::model {

namespace {

constexpr RegisteredArchitecture registry[] = {
    {"mlp", make_mlp},
    {"cnn", make_cnn},
    {"lstm", make_lstm},
    {"vgg", make_vgg},
    {"resnet", make_resnet},
    {"crnn", make_crnn},
    {"summary", make_summary},
    {"musicnn", make_musicnn},
    {"mobilenet", make_mobilenet},
    {"choi-cnn", make_choi_cnn},
    {"choi-crnn", make_choi_crnn},
    {"k1c2", make_k1c2},
    {"k2c1", make_k2c1},
    {"k2c2", make_k2c2},
};

}  // namespace

std::span<const RegisteredArchitecture> architectures() {
    return registry;
}

}  // namespace earmark::model

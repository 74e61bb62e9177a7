#include "model/architectures/architecture.hpp"

namespace earmark::model {

namespace {

constexpr RegisteredArchitecture registry[] = {
    {"mlp", make_mlp},       {"cnn", make_cnn},   {"lstm", make_lstm},       {"vgg", make_vgg},
    {"resnet", make_resnet}, {"crnn", make_crnn}, {"summary", make_summary},
};

}  // namespace

std::span<const RegisteredArchitecture> architectures() {
    return registry;
}

}  // namespace earmark::model

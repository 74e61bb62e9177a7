#include "earmark/model.hpp"

#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// A model file that is accepted can be written, and read again.
void run_model(Bytes bytes) {
    const ScratchFile file("fuzzed.safetensors", bytes);
    const Model model = load_model(file.path());
    const ScratchFile copy("again.safetensors", {});
    const Model again = [&] {
        try {
            save_model(model, copy.path());
            return load_model(copy.path());
        } catch (const std::exception& error) {
            require(false, error.what());
            throw;
        }
    }();
    require(again.labels == model.labels && again.name == model.name, "a model does not survive its writing");
    require(again.calibration.temperature == model.calibration.temperature, "nor does its calibration");
    require(again.tensors.size() == model.tensors.size(), "nor do its tensors");
}

const Registration model_target("model", run_model);

}  // namespace

}  // namespace earmark::fuzz

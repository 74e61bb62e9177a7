// A network alone, for scripts/bench: the probabilities of segments whose features lie in a file, again and again.
// Prints one line of JSON, {"seconds": [one a repetition], "check": {"probabilities": mean over the segments},
// "version": of Earmark}.
//
//     benchmark-network MODEL FEATURES [SECONDS]    FEATURES holds raw 32-bit floats, segment by segment
//
// SECONDS: how long to repeat, 1 unless told; at least three times.

#include <chrono>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "earmark/model.hpp"
#include "earmark/version.hpp"
#include "inference/plan/network.hpp"

namespace {

using Clock = std::chrono::steady_clock;

std::vector<float> read_values(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error(path + ": cannot be read");
    std::vector<float> values(static_cast<std::size_t>(file.tellg()) / sizeof(float));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
    if (values.empty() || !file) throw std::runtime_error(path + ": holds no values");
    return values;
}

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

nlohmann::json measure(const std::string& model_path, const std::string& features, double time) {
    const earmark::Model model = earmark::load_model(model_path);
    const std::vector<float> inputs = read_values(features);
    const auto size = static_cast<std::size_t>(model.segments.frames) *
                      static_cast<std::size_t>(earmark::coefficient_count(model.features));
    if (inputs.size() % size != 0) throw std::runtime_error(features + ": holds no whole number of segments");
    const std::size_t labels = model.labels.size();
    const std::size_t segments = inputs.size() / size;
    std::vector<float> probabilities(segments * labels);
    earmark::inference::Network network(model);
    network.forward(inputs, probabilities);
    std::vector<double> seconds;
    const Clock::time_point begin = Clock::now();
    while (seconds.size() < 3 || since(begin) < time) {
        const Clock::time_point start = Clock::now();
        network.forward(inputs, probabilities);
        seconds.push_back(since(start));
    }
    std::vector<double> mean(labels);
    for (std::size_t i = 0; i < probabilities.size(); ++i)
        mean[i % labels] += static_cast<double>(probabilities[i]) / static_cast<double>(segments);
    return {{"seconds", seconds}, {"check", {{"probabilities", mean}}}, {"version", earmark::version()}};
}

}  // namespace

int main(int count, char** words) try {
    if (count < 3) throw std::runtime_error("usage: benchmark-network MODEL FEATURES [SECONDS]");
    std::cout << measure(words[1], words[2], count > 3 ? std::stod(words[3]) : 1.0) << '\n';
    return 0;
} catch (const std::exception& error) {
    std::cerr << "benchmark-network: " << error.what() << '\n';
    return 1;
}

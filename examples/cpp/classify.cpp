// Names the genre of each file on the command line; "-" stands for standard input.

#include <earmark/earmark.hpp>
#include <exception>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

namespace {

/// One line: the most probable genres, and how long the track is.
void print(const earmark::Classifier& classifier, const std::string& file, const earmark::Prediction& prediction) {
    std::cout << file << ":";
    const std::vector<std::size_t> ranking = prediction.ranking();
    for (std::size_t i = 0; i < 3 && i < ranking.size(); ++i) {
        std::cout << (i == 0 ? " " : ", ") << classifier.labels()[ranking[i]] << " "
                  << 100.0F * prediction.probabilities[ranking[i]] << " %";
    }
    std::cout << (prediction.uncertain ? " (uncertain)" : "") << ", " << prediction.duration_seconds << " s\n";
    for (const std::string& warning : prediction.warnings) std::cerr << file << ": " << warning << "\n";
}

/// Decodes a file, then classifies its samples: what a player does that has them anyway.
earmark::Prediction classify_samples(const earmark::Classifier& classifier, const std::string& file) {
    earmark::AudioReader reader(file, {.sample_rate = 0});  // 0: at the rate of the file
    std::vector<float> mono;
    for (auto piece = reader.read(); !piece.empty(); piece = reader.read()) {
        mono.insert(mono.end(), piece.begin(), piece.end());
    }
    return classifier.classify(earmark::Samples{mono, reader.sample_rate(), 1});
}

}  // namespace

int main(int argc, char** argv) {
    std::cout << std::fixed << std::setprecision(1);
    int failures = 0;
    try {
        const earmark::Classifier classifier(earmark::default_model_path());
        for (int i = 1; i < argc; ++i) {
            const std::string file = argv[i];
            try {
                if (file == "-") {
                    print(classifier, file, classifier.classify(std::cin, {.name = "standard input"}));
                } else if (file == "--samples" && i + 1 < argc) {
                    print(classifier, argv[i + 1], classify_samples(classifier, argv[i + 1]));
                    ++i;
                } else {
                    print(classifier, file, classifier.classify(file));
                }
            } catch (const earmark::Error& error) {
                std::cerr << error.what() << "\n";  // names the file and the cure
                ++failures;
            }
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
    return failures == 0 ? 0 : 1;
}

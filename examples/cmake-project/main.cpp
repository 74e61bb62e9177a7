// Says how alike two tracks sound to the network: 1 is the most.

#include <earmark/earmark.hpp>
#include <exception>
#include <iostream>
#include <numeric>

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "Usage: similarity FILE FILE\n";
        return 2;
    }
    try {
        const earmark::Classifier classifier(earmark::default_model_path());
        const earmark::Prediction a = classifier.classify(argv[1]);
        const earmark::Prediction b = classifier.classify(argv[2]);
        // Embeddings have length 1, so their dot product is the cosine of the angle between them.
        std::cout << std::inner_product(a.embedding.begin(), a.embedding.end(), b.embedding.begin(), 0.0) << '\n';
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}

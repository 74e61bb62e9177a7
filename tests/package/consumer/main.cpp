// Uses libearmark as another program would: features of a tone, and an error caught.

#include <cmath>
#include <earmark/audio.hpp>
#include <earmark/classifier.hpp>
#include <earmark/earmark.hpp>
#include <earmark/error.hpp>
#include <earmark/features.hpp>
#include <earmark/model.hpp>
#include <earmark/segments.hpp>
#include <earmark/version.hpp>
#include <iostream>
#include <vector>

int main() {
    std::cout << "earmark " << earmark::version() << '\n';

    // One second of 440 Hz must have the most power in the bin of 440 Hz.
    const earmark::FeatureOptions options{.kind = earmark::FeatureKind::spectrogram};
    std::vector<float> tone(static_cast<std::size_t>(options.sample_rate));
    for (std::size_t i = 0; i < tone.size(); ++i)
        tone[i] = 0.5F * std::sin(2.0F * 3.14159265F * 440.0F * static_cast<float>(i) / 22050.0F);
    earmark::FeatureMatrix spectrogram;
    earmark::FeatureExtractor(options).compute(tone, spectrogram);
    const auto frame = spectrogram.frame(spectrogram.frames / 2);
    std::size_t loudest = 0;
    for (std::size_t bin = 0; bin < frame.size(); ++bin)
        if (frame[bin] > frame[loudest]) loudest = bin;
    const double hertz = static_cast<double>(loudest) * options.sample_rate / options.fft_size;
    std::cout << spectrogram.frames << " frames of " << spectrogram.coefficients << ", loudest at " << hertz << " Hz\n";
    if (std::abs(hertz - 440.0) > 0.5 * options.sample_rate / options.fft_size) return 1;

    try {
        earmark::AudioReader reader("there is no such file.mp3");
    } catch (const earmark::Error& error) {
        std::cout << earmark::to_string(error.code()) << ": " << error.what() << '\n';
        return error.code() == earmark::ErrorCode::not_found ? 0 : 1;
    }
    std::cout << "a missing file was opened\n";
    return 1;
}

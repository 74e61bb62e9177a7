#include "earmark/earmark.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <filesystem>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/throw.hpp"
#include "earmark/classifier.hpp"
#include "earmark/version.hpp"

struct earmark_classifier {
    earmark::Classifier classifier;
};

struct earmark_prediction {
    earmark::Prediction prediction;
};

namespace earmark::capi {

namespace {

constexpr std::size_t message_bytes = 2048;
thread_local char message[message_bytes] = "";

/// Keeps the message without allocating, cut at the end of a character.
earmark_error keep(earmark_error error, std::string_view text) noexcept {
    std::size_t size = std::min(text.size(), message_bytes - 1);
    if (size < text.size()) {
        while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    }
    std::memcpy(message, text.data(), size);
    message[size] = '\0';
    return error;
}

earmark_error code_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::not_found:
            return EARMARK_NOT_FOUND;
        case ErrorCode::unreadable:
            return EARMARK_UNREADABLE;
        case ErrorCode::no_audio:
            return EARMARK_NO_AUDIO;
        case ErrorCode::corrupt:
            return EARMARK_CORRUPT;
        case ErrorCode::too_short:
            return EARMARK_TOO_SHORT;
        case ErrorCode::changed:
            return EARMARK_CHANGED;
        case ErrorCode::unsupported:
            return EARMARK_UNSUPPORTED;
        case ErrorCode::bad_option:
            return EARMARK_BAD_OPTION;
        case ErrorCode::bad_data:
            return EARMARK_BAD_DATA;
        case ErrorCode::cannot_write:
            return EARMARK_CANNOT_WRITE;
        case ErrorCode::interrupted:
            return EARMARK_INTERRUPTED;
        case ErrorCode::internal:
            return EARMARK_INTERNAL;
    }
    return EARMARK_INTERNAL;
}

/// The names of the codes, in their order.
constexpr const char* names[] = {"ok",           "not_found",   "unreadable",  "no_audio",   "corrupt",
                                 "too_short",    "changed",     "unsupported", "bad_option", "bad_data",
                                 "cannot_write", "interrupted", "internal",    "no_memory"};

/// Calls `action`, and turns what it throws into a code and a message.
template <typename Action>
earmark_error guarded(Action action) noexcept {
    try {
        action();
        return EARMARK_OK;
    } catch (const Error& error) {
        return keep(code_of(error.code()), error.what());
    } catch (const std::bad_alloc&) {
        return keep(EARMARK_NO_MEMORY, "out of memory. Close other programs, or give a shorter piece.");
    } catch (const std::exception& error) {
        return keep(EARMARK_INTERNAL, error.what());
    } catch (...) {
        return keep(EARMARK_INTERNAL, "an unknown error.");
    }
}

void check_given(const void* pointer, const char* name) {
    if (pointer == nullptr) base::fail(ErrorCode::bad_option, "{} is NULL. Give a valid pointer.", name);
}

/// Stores what `classify(classifier)` makes.
template <typename Classify>
earmark_error store(const earmark_classifier* handle, earmark_prediction** prediction, Classify classify) noexcept {
    return guarded([&] {
        check_given(handle, "classifier");
        check_given(prediction, "prediction");
        *prediction = new earmark_prediction{classify(handle->classifier)};
    });
}

}  // namespace

}  // namespace earmark::capi

using earmark::capi::check_given;

extern "C" {

const char* earmark_version(void) {
    return earmark::version().data();  // a literal
}

const char* earmark_error_name(earmark_error error) {
    const auto index = static_cast<std::size_t>(error);
    return index < std::size(earmark::capi::names) ? earmark::capi::names[index] : "internal";
}

const char* earmark_message(void) {
    return earmark::capi::message;
}

earmark_error earmark_create(const char* model, earmark_classifier** classifier) {
    return earmark::capi::guarded([&] {
        check_given(classifier, "classifier");
        *classifier = new earmark_classifier{earmark::Classifier(earmark::model_path(model == nullptr ? "" : model))};
    });
}

void earmark_destroy(earmark_classifier* classifier) {
    delete classifier;
}

size_t earmark_label_count(const earmark_classifier* classifier) {
    return classifier->classifier.labels().size();
}

const char* earmark_label(const earmark_classifier* classifier, size_t index) {
    const auto& labels = classifier->classifier.labels();
    return index < labels.size() ? labels[index].c_str() : nullptr;
}

const char* earmark_label_group(const earmark_classifier* classifier, size_t index) {
    const earmark::Model& model = classifier->classifier.model();
    if (index >= model.labels.size()) return nullptr;
    return earmark::to_string(earmark::label_group(model, index)).data();  // a literal
}

earmark_error earmark_classify_file(const earmark_classifier* classifier, const char* path,
                                    earmark_prediction** prediction) {
    return earmark::capi::store(classifier, prediction, [&](const earmark::Classifier& with) {
        check_given(path, "path");
        return with.classify(std::filesystem::path(path));
    });
}

earmark_error earmark_classify_memory(const earmark_classifier* classifier, const void* bytes, size_t size,
                                      earmark_prediction** prediction) {
    return earmark::capi::store(classifier, prediction, [&](const earmark::Classifier& with) {
        if (size > 0) check_given(bytes, "bytes");
        return with.classify(std::span(static_cast<const std::byte*>(bytes), size));
    });
}

earmark_error earmark_classify_stream(const earmark_classifier* classifier, earmark_read read, void* user,
                                      earmark_prediction** prediction) {
    return earmark::capi::store(classifier, prediction, [&](const earmark::Classifier& with) {
        if (read == nullptr) earmark::base::fail(earmark::ErrorCode::bad_option, "read is NULL. Give a function.");
        return with.classify(earmark::ByteSource([&](std::span<std::byte> buffer) {
            const std::ptrdiff_t got = read(user, buffer.data(), buffer.size());
            if (got < 0) {
                earmark::base::fail(earmark::ErrorCode::unreadable,
                                    "the stream cannot be read to its end. Check where it comes from.");
            }
            return static_cast<std::size_t>(got);
        }));
    });
}

earmark_error earmark_classify_samples(const earmark_classifier* classifier, const float* interleaved, size_t frames,
                                       int sample_rate, int channels, earmark_prediction** prediction) {
    return earmark::capi::store(classifier, prediction, [&](const earmark::Classifier& with) {
        if (frames > 0) check_given(interleaved, "interleaved");
        const std::size_t count = channels > 0 ? static_cast<std::size_t>(channels) : 0;
        if (count > 0 && frames > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(float) / count) {
            earmark::base::fail(earmark::ErrorCode::bad_option, "{} frames are more than memory can hold.", frames);
        }
        return with.classify(earmark::Samples{{interleaved, frames * count}, sample_rate, channels});
    });
}

void earmark_free_prediction(earmark_prediction* prediction) {
    delete prediction;
}

const float* earmark_probabilities(const earmark_prediction* prediction, size_t* count) {
    if (count != nullptr) *count = prediction->prediction.probabilities.size();
    return prediction->prediction.probabilities.data();
}

size_t earmark_best(const earmark_prediction* prediction) {
    return prediction->prediction.best();
}

size_t earmark_holding_labels(const earmark_classifier* classifier, const earmark_prediction* prediction, int precise,
                              size_t* labels, size_t capacity) {
    const auto& probabilities = prediction->prediction.probabilities;
    const earmark::Model& model = classifier->classifier.model();
    const std::vector<std::size_t> holding = earmark::holding_labels(model, probabilities, precise != 0);
    std::copy_n(holding.begin(), std::min(capacity, holding.size()), labels);
    return holding.size();
}

const char* earmark_not_music(const earmark_prediction* prediction) {
    const auto& kind = prediction->prediction.not_music;
    return kind ? kind->c_str() : nullptr;
}

int earmark_is_uncertain(const earmark_prediction* prediction) {
    return prediction->prediction.uncertain ? 1 : 0;
}

const float* earmark_embedding(const earmark_prediction* prediction, size_t* count) {
    if (count != nullptr) *count = prediction->prediction.embedding.size();
    return prediction->prediction.embedding.data();
}

double earmark_duration(const earmark_prediction* prediction) {
    return prediction->prediction.duration_seconds;
}

const char* earmark_warning(const earmark_prediction* prediction, size_t index) {
    const auto& warnings = prediction->prediction.warnings;
    return index < warnings.size() ? warnings[index].c_str() : nullptr;
}

}  // extern "C"

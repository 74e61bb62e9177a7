#pragma once

/// @file
/// Earmark's C interface: what a program in C, or in a language that calls C, needs to name the genre of music.
///
///     earmark_classifier *classifier = NULL;
///     earmark_prediction *prediction = NULL;
///     if (earmark_create(NULL, &classifier) == EARMARK_OK &&
///         earmark_classify_file(classifier, "song.mp3", &prediction) == EARMARK_OK)
///         puts(earmark_label(classifier, earmark_best(prediction)));
///     else
///         fprintf(stderr, "%s\n", earmark_message());
///     earmark_free_prediction(prediction);
///     earmark_destroy(classifier);
///
/// Errors: functions that can fail return an `earmark_error`, and store a result only with EARMARK_OK. Nothing is ever
/// thrown, printed, or ended. A function that cannot fail takes valid handles only; NULL where it says so.
///
/// Ownership: what `earmark_create` and `earmark_classify_...` store belongs to the caller, who gives it back with
/// `earmark_destroy` and `earmark_free_prediction`. A prediction does not need its classifier. Every other pointer that
/// is returned belongs to the library. Arguments are not kept beyond the call.
///
/// Threads: a classifier may be used by several threads at the same time, a prediction may be read by several.
/// Text is UTF-8, paths are as the system has them.

#include <stddef.h>

#include "earmark/export.h"
#include "earmark/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What went wrong. The numbers do not change; later versions may add some.
typedef enum earmark_error {
    EARMARK_OK = 0,             ///< nothing went wrong
    EARMARK_NOT_FOUND = 1,      ///< the path does not exist
    EARMARK_UNREADABLE = 2,     ///< the file or stream cannot be read (permissions, I/O errors)
    EARMARK_NO_AUDIO = 3,       ///< no audio that can be decoded
    EARMARK_CORRUPT = 4,        ///< a broken model file
    EARMARK_TOO_SHORT = 5,      ///< less audio than one analysis frame
    EARMARK_CHANGED = 6,        ///< the file changed while it was read
    EARMARK_UNSUPPORTED = 7,    ///< valid, but something that this build cannot do
    EARMARK_BAD_OPTION = 8,     ///< an argument outside its range, or NULL where that is not allowed
    EARMARK_BAD_DATA = 9,       ///< samples that are no whole number of frames
    EARMARK_CANNOT_WRITE = 10,  ///< no room for a temporary file
    EARMARK_INTERRUPTED = 11,   ///< stopped by the user
    EARMARK_INTERNAL = 12,      ///< a defect in Earmark or in a library under it
    EARMARK_NO_MEMORY = 13      ///< out of memory
} earmark_error;

/// A loaded model.
typedef struct earmark_classifier earmark_classifier;

/// What a classifier says of one track.
typedef struct earmark_prediction earmark_prediction;

/// A stream of bytes, pulled: writes up to `size` bytes (more than 0) to `buffer` and returns how many; 0 at the end, a
/// negative number when the stream cannot be read, which ends the call with EARMARK_UNREADABLE. Must not throw.
typedef ptrdiff_t (*earmark_read)(void* user, void* buffer, size_t size);

/// The version of the library that is running, "major.minor.patch"; the macros are that of this header.
EARMARK_API const char* earmark_version(void);

/// The stable name of a code, for instance "not_found"; "ok" for EARMARK_OK.
EARMARK_API const char* earmark_error_name(earmark_error error);

/// What went wrong in the latest call of this thread that failed, and what to do about it: a sentence or two, cut off
/// after 2047 bytes. Empty when none failed, never NULL. Valid until the next call of this thread that fails.
EARMARK_API const char* earmark_message(void);

/// Loads a model.
/// @param model       path of a model file, name of a model that ships, or NULL for the default model
/// @param classifier  receives the classifier
EARMARK_API earmark_error earmark_create(const char* model, earmark_classifier** classifier);

/// Frees a classifier, which no thread may be using. NULL does nothing.
EARMARK_API void earmark_destroy(earmark_classifier* classifier);

/// Number of labels (genres, or genres, moods, instruments …) of the model, at least 2.
EARMARK_API size_t earmark_label_count(const earmark_classifier* classifier);

/// Name of label `index`, or NULL when there is none. Valid as long as the classifier.
EARMARK_API const char* earmark_label(const earmark_classifier* classifier, size_t index);

/// What label `index` names: "genre", "mood", "instrument", "voice", "decade", "other" or "not music"; NULL when there is
/// no such label. Valid for ever.
EARMARK_API const char* earmark_label_group(const earmark_classifier* classifier, size_t index);

/// Analyzes a local file of any format that FFmpeg decodes. `prediction` receives what comes of it.
EARMARK_API earmark_error earmark_classify_file(const earmark_classifier* classifier, const char* path,
                                                earmark_prediction** prediction);

/// Analyzes the `size` bytes of a file that is in memory: as the file, bit for bit.
EARMARK_API earmark_error earmark_classify_memory(const earmark_classifier* classifier, const void* bytes, size_t size,
                                                  earmark_prediction** prediction);

/// Analyzes the bytes of a file that `read(user, ...)` gives, which need not be seekable: as the file, bit for bit. The
/// function is called on this thread. Up to 64 MiB are kept in memory, more in a temporary file.
EARMARK_API earmark_error earmark_classify_stream(const earmark_classifier* classifier, earmark_read read, void* user,
                                                  earmark_prediction** prediction);

/// Analyzes samples: `frames` × `channels` values, frame by frame, nominally -1 to 1, at `sample_rate` frames per second
/// (1000 to 16 000 000). Channels (1 to 1024) are averaged.
EARMARK_API earmark_error earmark_classify_samples(const earmark_classifier* classifier, const float* interleaved,
                                                   size_t frames, int sample_rate, int channels,
                                                   earmark_prediction** prediction);

/// Frees a prediction. NULL does nothing.
EARMARK_API void earmark_free_prediction(earmark_prediction* prediction);

/// Probabilities, one a label. Their sum is 1, unless the model gives many labels at once: then each stands for itself.
/// Valid as long as the prediction.
/// @param count  receives their number; may be NULL
EARMARK_API const float* earmark_probabilities(const earmark_prediction* prediction, size_t* count);

/// Index of the most probable label.
EARMARK_API size_t earmark_best(const earmark_prediction* prediction);

/// Stores the indices of the labels that hold, most probable first: of a model of many labels those at least as probable
/// as their thresholds, otherwise the most probable one.
/// @param classifier  the one that made the prediction
/// @param precise     not 0: by the thresholds that are right four times in five, where these are known
/// @param labels      receives `capacity` of them at the most; may be NULL when that is 0
/// @return how many hold
EARMARK_API size_t earmark_holding_labels(const earmark_classifier* classifier, const earmark_prediction* prediction,
                                          int precise, size_t* labels, size_t capacity);

/// What the track is if it is no music, for instance "silence", or "speech" where the model can tell; NULL for music. Valid
/// as long as the prediction.
EARMARK_API const char* earmark_not_music(const earmark_prediction* prediction);

/// 1 when the most probable label is less probable than the threshold of the model, or none of many genres holds, else 0.
EARMARK_API int earmark_is_uncertain(const earmark_prediction* prediction);

/// Position of the track among all music: a vector of length 1, or zeros when all is silence. Tracks that sound alike
/// have a large dot product. To be compared within one model only. Valid as long as the prediction.
/// @param count  receives its size, which the model decides; may be NULL
EARMARK_API const float* earmark_embedding(const earmark_prediction* prediction, size_t* count);

/// Seconds of audio that were decoded.
EARMARK_API double earmark_duration(const earmark_prediction* prediction);

/// What was odd about the audio, a sentence each: number `index` of them, or NULL when there are no more. Valid as long
/// as the prediction.
EARMARK_API const char* earmark_warning(const earmark_prediction* prediction, size_t index);

#ifdef __cplusplus
}
#endif

/* Names the genre of each file on the command line: by its path, by its bytes, and as a stream. */

#include <earmark/earmark.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line: the genre, its probability, and how large the embedding is. */
static void print(const earmark_classifier* classifier, const char* file, const earmark_prediction* prediction) {
    size_t values = 0;
    const size_t best = earmark_best(prediction);
    const float* probabilities = earmark_probabilities(prediction, NULL);
    const char* warning = NULL;
    size_t i = 0;
    earmark_embedding(prediction, &values);
    printf("%s: %s %.1f %%%s, %.1f s, embedding of %lu values\n", file, earmark_label(classifier, best),
           100.0 * probabilities[best], earmark_is_uncertain(prediction) ? " (uncertain)" : "",
           earmark_duration(prediction), (unsigned long)values);
    while ((warning = earmark_warning(prediction, i++)) != NULL) fprintf(stderr, "%s: %s\n", file, warning);
}

/* Reads from the FILE that `user` is. */
static ptrdiff_t read_file(void* user, void* buffer, size_t size) {
    const size_t got = fread(buffer, 1, size, (FILE*)user);
    return got == 0 && ferror((FILE*)user) ? -1 : (ptrdiff_t)got;
}

/* The bytes of a file, for free(); NULL when there are none. */
static void* load(const char* path, size_t* size) {
    FILE* file = fopen(path, "rb");
    char* bytes = NULL;
    *size = 0;
    while (file != NULL) {
        char* more = realloc(bytes, *size + 65536);
        size_t got = 0;
        if (more == NULL) break;
        bytes = more;
        got = fread(bytes + *size, 1, 65536, file);
        if (got == 0) break;
        *size += got;
    }
    if (file != NULL) fclose(file);
    return bytes;
}

/* Classifies a file in three ways. Returns EARMARK_OK, or what went wrong. */
static earmark_error classify(const earmark_classifier* classifier, const char* path) {
    earmark_prediction* prediction = NULL;
    earmark_error error = earmark_classify_file(classifier, path, &prediction);
    if (error == EARMARK_OK) {
        size_t size = 0;
        void* bytes = load(path, &size);
        earmark_prediction* from_memory = NULL;
        print(classifier, path, prediction);
        error = earmark_classify_memory(classifier, bytes, size, &from_memory);
        if (error == EARMARK_OK) print(classifier, "from memory", from_memory);
        earmark_free_prediction(from_memory);
        free(bytes);
    }
    if (error == EARMARK_OK) {
        FILE* file = fopen(path, "rb");
        earmark_prediction* from_stream = NULL;
        error = earmark_classify_stream(classifier, read_file, file, &from_stream);
        if (error == EARMARK_OK) print(classifier, "from a stream", from_stream);
        earmark_free_prediction(from_stream);
        if (file != NULL) fclose(file);
    }
    earmark_free_prediction(prediction);
    return error;
}

int main(int argc, char** argv) {
    earmark_classifier* classifier = NULL;
    int failures = 0;
    int i = 0;
    if (earmark_create(NULL, &classifier) != EARMARK_OK) {
        fprintf(stderr, "%s\n", earmark_message());
        return 1;
    }
    for (i = 1; i < argc; ++i) {
        const earmark_error error = classify(classifier, argv[i]);
        if (error == EARMARK_OK) continue;
        fprintf(stderr, "%s: %s\n", earmark_error_name(error), earmark_message());
        ++failures;
    }
    earmark_destroy(classifier);
    return failures == 0 ? 0 : 1;
}

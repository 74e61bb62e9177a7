#include "earmark/error.hpp"

namespace earmark {

std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::unreadable:
            return "unreadable";
        case ErrorCode::no_audio:
            return "no_audio";
        case ErrorCode::corrupt:
            return "corrupt";
        case ErrorCode::too_short:
            return "too_short";
        case ErrorCode::changed:
            return "changed";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::bad_option:
            return "bad_option";
        case ErrorCode::bad_data:
            return "bad_data";
        case ErrorCode::cannot_write:
            return "cannot_write";
        case ErrorCode::interrupted:
            return "interrupted";
        case ErrorCode::internal:
            return "internal";
    }
    return "internal";
}

Error::Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

}  // namespace earmark
